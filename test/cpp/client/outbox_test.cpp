#include "client/sending/outbox.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "client/outbox_tools.hpp"

namespace rtm::client {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)
using ::testing::ElementsAre;
using ::testing::IsEmpty;

using Numbers = std::vector<std::uint64_t>;

/// Ids of the entries that a call ended, in the order of its reports.
struct Ended {
  Numbers ids;
  void operator()(const OutboxEnd& end) { ids.push_back(end.id); }
};

TEST(Outbox, NumbersMessagesFromOneAndSendsThemOnceInTheOrderOfTheCalls) {
  Outbox outbox;
  sendPeer(outbox, 100, "a");
  request(outbox, 7);
  sendChannel(outbox, 101, 1, "b");
  sendPeer(outbox, 102, "c");
  EXPECT_THAT(
      flushed(outbox),
      ElementsAre(Sent{OutboxKind::PeerMessage, 1, "peer", "a"}, Sent{OutboxKind::Request, 7, "", "room"},
                  Sent{OutboxKind::ChannelMessage, 2, "room", "b"}, Sent{OutboxKind::PeerMessage, 3, "peer", "c"}));
  EXPECT_THAT(flushed(outbox), IsEmpty());
  sendPeer(outbox, 103);
  EXPECT_THAT(numbersOf(flushed(outbox)), ElementsAre(4));
}

TEST(Outbox, HandsNeighboursOverAsOnePiece) {
  Outbox outbox;
  for (std::uint64_t id = 1; id <= 5; ++id) sendPeer(outbox, id);
  Line line;
  EXPECT_TRUE(outbox.flush(line));
  EXPECT_EQ(line.pieces.size(), 1u);
  EXPECT_THAT(numbersOf(line.frames), ElementsAre(1, 2, 3, 4, 5));
}

TEST(Outbox, FindsTheEntryOfAResult) {
  Outbox outbox;
  sendPeer(outbox, 100);
  sendChannel(outbox, 101, 9);
  request(outbox, 7);
  flushed(outbox);

  const auto channel = outbox.finishSend(2);
  ASSERT_TRUE(channel);
  EXPECT_EQ(channel->kind, OutboxKind::ChannelMessage);
  EXPECT_EQ(channel->id, 101u);
  EXPECT_EQ(channel->channel, 9u);
  const auto asked = outbox.finishRequest(7);
  ASSERT_TRUE(asked);
  EXPECT_EQ(asked->kind, OutboxKind::Request);
  EXPECT_EQ(asked->id, 7u);
  const auto peer = outbox.finishSend(1);
  ASSERT_TRUE(peer);
  EXPECT_EQ(peer->kind, OutboxKind::PeerMessage);
  EXPECT_EQ(peer->id, 100u);
  EXPECT_TRUE(outbox.empty());
}

TEST(Outbox, TakesResultsInAnyOrder) {
  for (const Numbers& order : {Numbers{1, 2, 3, 4}, Numbers{4, 3, 2, 1}, Numbers{2, 4, 1, 3}, Numbers{3, 1, 4, 2}}) {
    Outbox outbox;
    for (std::uint64_t id = 1; id <= 4; ++id) sendPeer(outbox, id * 10);
    flushed(outbox);
    for (const std::uint64_t seq : order) {
      const auto ended = outbox.finishSend(seq);
      ASSERT_TRUE(ended);
      EXPECT_EQ(ended->id, seq * 10);
    }
    EXPECT_TRUE(outbox.empty());
  }
}

TEST(Outbox, IgnoresResultsOfUnknownAndOfEndedMessages) {
  Outbox outbox;
  EXPECT_FALSE(outbox.finishSend(1));
  EXPECT_FALSE(outbox.finishRequest(1));
  for (std::uint64_t id = 1; id <= 3; ++id) sendPeer(outbox, id);
  request(outbox, 7);
  flushed(outbox);
  EXPECT_TRUE(outbox.finishSend(2));
  EXPECT_FALSE(outbox.finishSend(2)) << "it had its result, and stands between others";
  EXPECT_TRUE(outbox.finishSend(1));
  EXPECT_FALSE(outbox.finishSend(1)) << "it had its result, and is gone";
  EXPECT_FALSE(outbox.finishSend(0));
  EXPECT_FALSE(outbox.finishSend(4));
  EXPECT_FALSE(outbox.finishSend(~std::uint64_t{0}));
  EXPECT_TRUE(outbox.finishRequest(7));
  EXPECT_FALSE(outbox.finishRequest(7));
  EXPECT_FALSE(outbox.finishRequest(8));
  EXPECT_EQ(outbox.entries(), 1u);
}

TEST(Outbox, TellsMessagesFromTheRequestsBetweenThem) {
  Outbox outbox;
  request(outbox, 1);
  request(outbox, 2);
  sendPeer(outbox, 100);
  request(outbox, 3);
  request(outbox, 4);
  sendPeer(outbox, 101);
  request(outbox, 5);
  flushed(outbox);
  EXPECT_EQ(outbox.finishSend(1)->id, 100u);
  EXPECT_FALSE(outbox.finishSend(1)) << "requests that share its number are no message";
  EXPECT_EQ(outbox.finishRequest(4)->id, 4u);
  EXPECT_EQ(outbox.finishRequest(1)->id, 1u);
  EXPECT_EQ(outbox.finishRequest(2)->id, 2u);
  EXPECT_FALSE(outbox.finishSend(1));
  EXPECT_EQ(outbox.finishSend(2)->id, 101u);
  EXPECT_EQ(outbox.finishRequest(5)->id, 5u);
  EXPECT_EQ(outbox.finishRequest(3)->id, 3u);
  EXPECT_TRUE(outbox.empty());
}

// ---- deadlines, ends -----------------------------------------------------------------------------------------------

TEST(Outbox, ExpiresDueEntriesInTheOrderOfTheCalls) {
  Outbox outbox;
  sendPeer(outbox, 100, "a", 30);
  request(outbox, 7, 10);
  sendChannel(outbox, 101, 1, "b", 20);
  request(outbox, 8, 21);
  sendPeer(outbox, 102, "c", 20);

  Ended ended;
  outbox.expire(9, ended);
  EXPECT_THAT(ended.ids, IsEmpty());
  outbox.expire(20, ended);
  EXPECT_THAT(ended.ids, ElementsAre(7, 101, 102)) << "a deadline that is now has passed";
  outbox.expire(20, ended);
  EXPECT_EQ(ended.ids.size(), 3u) << "once";
  outbox.expire(1000, ended);
  EXPECT_THAT(ended.ids, ElementsAre(7, 101, 102, 100, 8));
  EXPECT_TRUE(outbox.empty());
  EXPECT_FALSE(outbox.finishRequest(7)) << "its late answer";
}

TEST(Outbox, SkipsEntriesThatExpiredUnsentAndLeavesTheirNumberUnused) {
  Outbox outbox;
  sendPeer(outbox, 100, "a", 10);
  sendPeer(outbox, 101, "b", 20);
  outbox.expire(10, Ended());
  sendPeer(outbox, 102, "c", 20);
  EXPECT_THAT(numbersOf(flushed(outbox)), ElementsAre(2, 3));
}

TEST(Outbox, EndsTheMessagesOfOneChannelOnly) {
  Outbox outbox;
  sendChannel(outbox, 100, 1);
  sendChannel(outbox, 101, 2);
  sendPeer(outbox, 102);
  request(outbox, 7);
  sendChannel(outbox, 103, 1);
  Ended ended;
  outbox.clearChannel(1, ended);
  EXPECT_THAT(ended.ids, ElementsAre(100, 103));
  EXPECT_THAT(numbersOf(flushed(outbox)), ElementsAre(2, 3, 7));
}

TEST(Outbox, ClearEndsEverythingAndCountsFromOneAgain) {
  Outbox outbox;
  sendPeer(outbox, 100);
  request(outbox, 7);
  flushed(outbox);
  sendChannel(outbox, 101);
  Ended ended;
  outbox.clear(ended);
  EXPECT_THAT(ended.ids, ElementsAre(100, 7, 101));
  EXPECT_TRUE(outbox.empty());
  EXPECT_FALSE(outbox.finishSend(1));
  EXPECT_FALSE(outbox.finishRequest(7));
  sendPeer(outbox, 102);
  EXPECT_THAT(numbersOf(flushed(outbox)), ElementsAre(1));
  EXPECT_EQ(outbox.finishSend(1)->id, 102u);
}

// ---- a link that is lost
// ---------------------------------------------------------------------------------------------

TEST(Outbox, SendsEverythingUnansweredAgainAfterTheLinkIsLost) {
  Outbox outbox;
  for (std::uint64_t id = 1; id <= 3; ++id) sendPeer(outbox, id);
  request(outbox, 7);
  flushed(outbox);
  outbox.finishSend(2);
  outbox.rewind();
  EXPECT_THAT(numbersOf(flushed(outbox)), ElementsAre(1, 3, 7)) << "under the same numbers";
}

TEST(Outbox, DoesNotRepeatSendsThatTheServerHasAndStillTakesTheirResults) {
  Outbox outbox;
  for (std::uint64_t id = 1; id <= 3; ++id) sendPeer(outbox, id);
  request(outbox, 7);
  flushed(outbox);
  sendPeer(outbox, 4);
  outbox.rewind();
  outbox.skipAccepted(2);
  EXPECT_THAT(numbersOf(flushed(outbox)), ElementsAre(3, 7, 4)) << "a request is asked again in any case";
  outbox.rewind();
  EXPECT_THAT(numbersOf(flushed(outbox)), ElementsAre(3, 7, 4)) << "the server still has 1 and 2";
  EXPECT_EQ(outbox.finishSend(1)->id, 1u);
  EXPECT_EQ(outbox.finishSend(2)->id, 2u);
}

TEST(Outbox, StillSendsEntriesThatTheServerFalselyClaimsToHave) {
  Outbox outbox;
  sendPeer(outbox, 1);
  flushed(outbox);
  sendPeer(outbox, 2);
  outbox.rewind();
  outbox.skipAccepted(~std::uint64_t{0});
  EXPECT_THAT(numbersOf(flushed(outbox)), ElementsAre(2));
}

TEST(Outbox, NamesTheOldestMessageWithoutAResult) {
  Outbox outbox;
  EXPECT_EQ(outbox.firstUnansweredSeq(), 1u);
  request(outbox, 7);
  EXPECT_EQ(outbox.firstUnansweredSeq(), 1u);
  sendPeer(outbox, 100);
  sendPeer(outbox, 101);
  EXPECT_EQ(outbox.firstUnansweredSeq(), 1u);
  outbox.finishSend(1);
  EXPECT_EQ(outbox.firstUnansweredSeq(), 2u);
  outbox.finishSend(2);
  EXPECT_EQ(outbox.firstUnansweredSeq(), 3u) << "the next one to be sent";
}

// ---- calls that are given up
// -------------------------------------------------------------------------------------------

TEST(OutboxWithdraw, EndsWhatHasNotLeftAndNeverSendsIt) {
  Outbox outbox;
  sendPeer(outbox, 100);
  sendChannel(outbox, 101, 9);
  request(outbox, 7);
  sendPeer(outbox, 102);
  for (const auto& [kind, id] : {std::pair{OutboxKind::PeerMessage, std::uint64_t{100}},
                                 {OutboxKind::ChannelMessage, 101},
                                 {OutboxKind::Request, 7}}) {
    const auto ended = outbox.withdraw(kind, id);
    ASSERT_TRUE(ended);
    EXPECT_EQ(ended->id, id);
    EXPECT_FALSE(ended->sent);
    EXPECT_FALSE(outbox.withdraw(kind, id)) << "it has ended";
  }
  EXPECT_FALSE(outbox.withdraw(OutboxKind::Request, 102)) << "ids of messages and requests are apart";
  EXPECT_THAT(numbersOf(flushed(outbox)), ElementsAre(3)) << "the numbers of the others stay unused";
}

TEST(OutboxWithdraw, LetsWhatHasLeftEndByItselfButSendsItOverNoOtherLink) {
  Outbox outbox;
  sendPeer(outbox, 100);
  request(outbox, 7);
  sendPeer(outbox, 101);
  flushed(outbox);
  EXPECT_FALSE(outbox.withdraw(OutboxKind::PeerMessage, 100));
  EXPECT_FALSE(outbox.withdraw(OutboxKind::Request, 7));
  EXPECT_TRUE(outbox.awaiting()) << "101";
  outbox.rewind();
  outbox.skipAccepted(0);
  EXPECT_THAT(numbersOf(flushed(outbox)), ElementsAre(2));
  EXPECT_EQ(outbox.finishSend(1)->id, 100u) << "the server had it all the same";
  EXPECT_TRUE(outbox.finishRequest(7));
  outbox.finishSend(2);
  EXPECT_FALSE(outbox.awaiting());
}

TEST(OutboxWithdraw, SendsNothingThatWasGivenUpInANewSession) {
  Outbox outbox;
  sendPeer(outbox, 100);
  request(outbox, 7);
  flushed(outbox);
  outbox.withdraw(OutboxKind::PeerMessage, 100);
  outbox.withdraw(OutboxKind::Request, 7);
  sendPeer(outbox, 101);
  outbox.startNewSession();
  EXPECT_THAT(numbersOf(flushed(outbox)), ElementsAre(1));
  EXPECT_EQ(outbox.finishSend(1)->id, 101u);
}

TEST(OutboxWithdraw, TakesTenThousandCallsThatAreGivenUpInTheirOrder) {
  Outbox outbox;
  for (std::uint64_t id = 1; id <= 10'000; ++id) sendPeer(outbox, id);
  flushed(outbox);
  for (std::uint64_t id = 1; id <= 10'000; ++id) outbox.withdraw(OutboxKind::PeerMessage, id);
  EXPECT_FALSE(outbox.awaiting());
  EXPECT_EQ(outbox.entries(), 10'000u) << "their results come";
}

constexpr std::uint64_t kWeekMs = 7ULL * 24 * 3600 * 1000;

/// A message that is appended at 1000, with a deadline at 11000.
struct Expiring {
  const char* what;
  std::uint64_t life;
  std::uint64_t flushedAt;
  std::uint64_t left;    ///< as its frame says; 0: it did not leave
  std::uint64_t endsAt;  ///< without a result
};

bool append(Outbox& outbox, std::uint64_t id, std::uint64_t life, bool toChannel = false) {
  constexpr std::uint64_t kDeadline = 11'000;
  const auto after = static_cast<std::int32_t>(static_cast<std::int64_t>(life) - 10'000);
  if (toChannel) {
    return outbox.appendSend(wire::ChannelSend{.channelId = "room", .content = asBytes("x"), .expiresInMs = life},
                             OutboxKind::ChannelMessage, id, 1, kDeadline, after);
  }
  return outbox.appendSend(wire::PeerSend{.peerId = "peer", .content = asBytes("x"), .expiresInMs = life},
                           OutboxKind::PeerMessage, id, 0, kDeadline, after);
}

/// The times that are left, of the frames that leave at `now`.
template <typename Send = wire::PeerSend>
Numbers leaveAt(Outbox& outbox, std::uint64_t now) {
  Numbers left;
  outbox.stampExpiries(now);
  outbox.flush([&](ByteView piece) {
    wire::FrameDecoder decoder;
    decoder.setLimit(wire::kMaxFrameBody);
    decoder.feed(piece, [&](wire::FrameKind /*kind*/, ByteView body) {
      Send send;
      EXPECT_TRUE(wire::decode(body, send));
      left.push_back(send.expiresInMs.value);
      return true;
    });
    return true;
  });
  return left;
}

TEST(OutboxExpiry, LeavesWithTheTimeThatIsLeftOrNotAtAll) {
  const Expiring rows[] = {
      {"at once", 150, 1000, 150, 11'000},
      {"in the last moment", 150, 1149, 1, 11'000},
      {"too late", 150, 1150, 0, 1150},
      {"much too late", 1, 10'000, 0, 1001},
      {"later than its deadline", 60'000, 10'000, 51'000, 11'000},
      {"as late as its deadline", 10'000, 10'999, 1, 11'000},
      {"in a week", kWeekMs, 1000, kWeekMs, 11'000},
  };
  for (const Expiring& row : rows) {
    for (const bool toChannel : {false, true}) {
      SCOPED_TRACE(std::string(row.what) + (toChannel ? ", to a channel" : ", to a peer"));
      Outbox outbox;
      append(outbox, 1, row.life, toChannel);
      EXPECT_TRUE(outbox.expiring());
      const Numbers left =
          toChannel ? leaveAt<wire::ChannelSend>(outbox, row.flushedAt) : leaveAt(outbox, row.flushedAt);
      EXPECT_EQ(left, row.left == 0 ? Numbers{} : Numbers{row.left});
      std::vector<bool> sent;
      const auto ended = [&](const OutboxEnd& end) { sent.push_back(end.sent); };
      outbox.expire(row.endsAt - 1, ended);
      EXPECT_THAT(sent, IsEmpty());
      outbox.expire(row.endsAt, ended);
      EXPECT_THAT(sent, ElementsAre(row.left != 0));
      EXPECT_FALSE(outbox.expiring()) << "nothing is here";
    }
  }
}

TEST(OutboxExpiry, IsCountedAnewForEachLinkAndSession) {
  Outbox outbox;
  append(outbox, 1, 500);
  append(outbox, 2, 5000);
  EXPECT_EQ(leaveAt(outbox, 1100), (Numbers{400, 4900}));
  outbox.rewind();
  EXPECT_EQ(leaveAt(outbox, 1500), (Numbers{4500})) << "the first has expired";
  append(outbox, 3, 5000);
  outbox.startNewSession();
  EXPECT_EQ(leaveAt(outbox, 2000), (Numbers{4000})) << "the second may have arrived";
  Ended ended;
  outbox.expire(2000, ended);
  EXPECT_THAT(ended.ids, IsEmpty()) << "all have left once";
}

TEST(OutboxExpiry, ConcernsNoOtherMessage) {
  Outbox outbox;
  sendPeer(outbox, 1);
  EXPECT_FALSE(outbox.expiring());
  append(outbox, 2, 100);
  request(outbox, 7, 20'000);
  sendPeer(outbox, 3, "x", 20'000);
  outbox.stampExpiries(1100);
  EXPECT_THAT(numbersOf(flushed(outbox)), ElementsAre(1, 7, 3));
  Ended ended;
  outbox.expire(1100, ended);
  EXPECT_THAT(ended.ids, ElementsAre(2));
}

TEST(Outbox, SaysOfEachEndWhetherItWasSent) {
  Outbox outbox;
  sendPeer(outbox, 100);
  flushed(outbox);
  sendPeer(outbox, 101);
  std::vector<bool> sent;
  outbox.expire(10'000, [&](const OutboxEnd& end) { sent.push_back(end.sent); });
  EXPECT_THAT(sent, ElementsAre(true, false));
}

TEST(Outbox, AwaitsNothingFromAnEndedSession) {
  Outbox outbox;
  sendPeer(outbox, 100);
  EXPECT_TRUE(outbox.awaiting());
  flushed(outbox);
  outbox.startNewSession([&] { request(outbox, 7, kNoDeadline); });
  EXPECT_FALSE(outbox.awaiting()) << "nobody answers 100, and nobody waits for 7";
}

// ---- a session that is lost
// ------------------------------------------------------------------------------------------

TEST(OutboxNewSession, DoesNotRepeatSendsThatMayHaveArrivedAndNumbersTheRestFromOne) {
  Outbox outbox;
  sendPeer(outbox, 100, "a");
  request(outbox, 7);
  sendChannel(outbox, 101, 3, "b");
  flushed(outbox);
  sendPeer(outbox, 102, "c");
  sendChannel(outbox, 103, 4, "d");
  request(outbox, 8);

  outbox.startNewSession();
  EXPECT_EQ(outbox.entries(), 6u);
  EXPECT_EQ(outbox.firstUnansweredSeq(), 1u);
  EXPECT_THAT(flushed(outbox),
              ElementsAre(Sent{OutboxKind::Request, 7, "", "room"}, Sent{OutboxKind::PeerMessage, 1, "peer", "c"},
                          Sent{OutboxKind::ChannelMessage, 2, "room", "d"}, Sent{OutboxKind::Request, 8, "", "room"}));
  EXPECT_EQ(outbox.finishSend(2)->channel, 4u);
  EXPECT_EQ(outbox.finishSend(1)->id, 102u);
  sendPeer(outbox, 104);
  EXPECT_THAT(numbersOf(flushed(outbox)), ElementsAre(3));
  EXPECT_EQ(outbox.finishRequest(8)->id, 8u);
  EXPECT_EQ(outbox.finishRequest(7)->id, 7u);

  Ended ended;
  outbox.expire(10'000, ended);
  EXPECT_THAT(ended.ids, ElementsAre(100, 101, 104)) << "unknown, so they run into their deadlines";
}

TEST(OutboxNewSession, DoesNotRepeatSendsAfterTwoLostSessionsEither) {
  Outbox outbox;
  sendPeer(outbox, 100, "first");
  flushed(outbox);
  outbox.startNewSession();
  sendPeer(outbox, 101, "second");
  flushed(outbox);
  outbox.startNewSession();
  sendPeer(outbox, 102, "third");
  EXPECT_THAT(flushed(outbox), ElementsAre(Sent{OutboxKind::PeerMessage, 1, "peer", "third"}));
  outbox.rewind();
  EXPECT_THAT(flushed(outbox), ElementsAre(Sent{OutboxKind::PeerMessage, 1, "peer", "third"}));
}

TEST(OutboxNewSession, GivesNoResultOfTheNewSessionToAMessageOfTheOldOne) {
  Outbox outbox;
  sendPeer(outbox, 100);
  sendPeer(outbox, 101);
  flushed(outbox);
  outbox.startNewSession();
  for (std::uint64_t seq = 0; seq < 4; ++seq) EXPECT_FALSE(outbox.finishSend(seq));
  sendPeer(outbox, 102);
  EXPECT_EQ(outbox.firstUnansweredSeq(), 1u);
  EXPECT_EQ(outbox.finishSend(1)->id, 102u);
  EXPECT_EQ(outbox.firstUnansweredSeq(), 2u);
  EXPECT_EQ(outbox.entries(), 2u);
}

TEST(OutboxNewSession, PutsRestoringRequestsBeforeEverythingElse) {
  Outbox outbox;
  sendChannel(outbox, 100, 1, "sent");
  flushed(outbox);
  sendChannel(outbox, 101, 1, "unsent");
  outbox.startNewSession([&] { request(outbox, 50); });
  EXPECT_THAT(flushed(outbox), ElementsAre(Sent{OutboxKind::Request, 50, "", "room"},
                                           Sent{OutboxKind::ChannelMessage, 1, "room", "unsent"}));
  EXPECT_EQ(outbox.finishRequest(50)->id, 50u);
  EXPECT_EQ(outbox.finishSend(1)->id, 101u);
}

TEST(OutboxNewSession, TreatsInvitationsAsPeerMessages) {
  Outbox outbox;
  sendPeer(outbox, 100, "sent", 10'000, OutboxKind::InvitationSignal);
  flushed(outbox);
  sendPeer(outbox, 101, "unsent", 10'000, OutboxKind::InvitationSignal);
  outbox.startNewSession();
  EXPECT_THAT(flushed(outbox), ElementsAre(Sent{OutboxKind::PeerMessage, 1, "peer", "unsent"}));
  const auto ended = outbox.finishSend(1);
  ASSERT_TRUE(ended);
  EXPECT_EQ(ended->kind, OutboxKind::InvitationSignal);
  EXPECT_EQ(ended->id, 101u);
}

TEST(OutboxNewSession, KeepsNumbersRightAcrossManyDigits) {
  Outbox outbox;
  for (std::uint64_t id = 1; id <= 300; ++id) {  // numbers of one and of two bytes
    sendPeer(outbox, id);
    if (id <= 200) {
      flushed(outbox);
      outbox.finishSend(id);
    }
  }
  outbox.startNewSession();
  const std::vector<Sent> frames = flushed(outbox);
  ASSERT_EQ(frames.size(), 100u);
  for (std::uint64_t seq = 1; seq <= 100; ++seq) {
    EXPECT_EQ(frames[seq - 1].number, seq);
    EXPECT_EQ(outbox.finishSend(seq)->id, 200 + seq);
  }
}

// ---- a line that is full
// ---------------------------------------------------------------------------------------------

TEST(Outbox, ContinuesAtTheRefusedEntry) {
  Outbox outbox;
  const std::string big(30'000, 'x');  // two fill a segment
  for (std::uint64_t id = 1; id <= 7; ++id) sendPeer(outbox, id, big);
  Line line;
  line.room = 2;
  EXPECT_FALSE(outbox.flush(line));
  const std::size_t taken = line.frames.size();
  EXPECT_GT(taken, 0u);
  EXPECT_LT(taken, 7u);
  EXPECT_FALSE(outbox.flush(line)) << "still full";
  EXPECT_EQ(line.frames.size(), taken);
  line.room = 100;
  EXPECT_TRUE(outbox.flush(line));
  EXPECT_THAT(numbersOf(line.frames), ElementsAre(1, 2, 3, 4, 5, 6, 7));
}

TEST(Outbox, CountsRefusedEntriesAsUnsent) {
  Outbox outbox;
  sendPeer(outbox, 100);
  Line line;
  line.room = 0;
  EXPECT_FALSE(outbox.flush(line));
  outbox.startNewSession();
  EXPECT_THAT(numbersOf(flushed(outbox)), ElementsAre(1)) << "so it can be sent in a new session";
}

TEST(Outbox, HandsOverNothingWhenThereIsNothing) {
  Outbox outbox;
  Line line;
  line.room = 0;
  EXPECT_TRUE(outbox.flush(line)) << "nothing is left unsent";
  sendPeer(outbox, 1);
  outbox.finishSend(1);
  EXPECT_TRUE(outbox.flush(line));
}

// ---- bounds and memory
// -----------------------------------------------------------------------------------------------

TEST(OutboxBounds, RefuseAboveTheNumberOfEntries) {
  Outbox outbox;
  outbox.setBounds(3, 1 << 20);
  EXPECT_TRUE(sendPeer(outbox, 1));
  EXPECT_TRUE(request(outbox, 7));
  EXPECT_TRUE(sendPeer(outbox, 2));
  EXPECT_FALSE(sendPeer(outbox, 3));
  EXPECT_FALSE(request(outbox, 8));
  EXPECT_FALSE(outbox.finishRequest(8)) << "it was never taken";
  outbox.finishSend(1);
  EXPECT_TRUE(sendPeer(outbox, 4));
  EXPECT_THAT(numbersOf(flushed(outbox)), ElementsAre(7, 2, 3)) << "a refused call uses up no number";
}

TEST(OutboxBounds, RefuseAboveTheBytes) {
  Outbox outbox;
  outbox.setBounds(1000, 10'000);
  int taken = 0;
  while (sendPeer(outbox, 1, std::string(1000, 'x'))) ++taken;
  EXPECT_EQ(taken, 10);
  EXPECT_GE(outbox.bytes(), 10'000u);
  EXPECT_LT(outbox.bytes(), 11'100u) << "the one that reached the bound is the last";
  outbox.finishSend(3);
  EXPECT_TRUE(sendPeer(outbox, 2));
}

TEST(OutboxBounds, RefuseContentsTooLargeForAFrameAndChangeNothing) {
  Outbox outbox;
  EXPECT_FALSE(sendPeer(outbox, 1, std::string(wire::kMaxFrameBody, 'x')));
  EXPECT_TRUE(outbox.empty());
  EXPECT_EQ(outbox.heldBytes(), 0u);
  EXPECT_THAT(flushed(outbox), IsEmpty());
  sendPeer(outbox, 2);
  EXPECT_THAT(numbersOf(flushed(outbox)), ElementsAre(1));
}

TEST(OutboxMemory, IsFreeWhenEverythingHasEnded) {
  for (const bool inOrder : {true, false}) {
    Outbox outbox;
    const std::string text(500, 'x');
    for (std::uint64_t id = 1; id <= 1000; ++id) sendPeer(outbox, id, text);
    flushed(outbox);
    EXPECT_GT(outbox.bytes(), 500'000u);
    EXPECT_EQ(outbox.heldBytes(), outbox.bytes());
    for (std::uint64_t seq = 1; seq <= 1000; ++seq) {
      ASSERT_TRUE(outbox.finishSend(inOrder ? seq : 1001 - seq));
    }
    EXPECT_EQ(outbox.bytes(), 0u);
    EXPECT_EQ(outbox.heldBytes(), 0u);
    EXPECT_EQ(outbox.entries(), 0u);
  }
}

TEST(OutboxMemory, ResultsInOrderFreeSegmentBySegment) {
  Outbox outbox;
  const std::string text(10'000, 'x');
  for (std::uint64_t id = 1; id <= 1000; ++id) sendPeer(outbox, id, text);
  flushed(outbox);
  for (std::uint64_t seq = 1; seq <= 1000; ++seq) {
    ASSERT_TRUE(outbox.finishSend(seq));
    ASSERT_LE(outbox.heldBytes(), outbox.bytes() + 64 * 1024);
  }
}

TEST(OutboxMemory, IsNotHeldByOneOldEntryWithoutAnAnswer) {
  Outbox outbox;
  request(outbox, 7);
  const std::string text(1000, 'x');
  for (std::uint64_t seq = 1; seq <= 100'000; ++seq) {
    ASSERT_TRUE(sendPeer(outbox, seq, text));
    ASSERT_TRUE(outbox.flush([](ByteView) { return true; }));
    ASSERT_EQ(outbox.finishSend(seq)->id, seq);
    ASSERT_LE(outbox.heldBytes(), 320u * 1024) << "100 MB went through";
  }
  outbox.rewind();
  EXPECT_THAT(numbersOf(flushed(outbox)), ElementsAre(7));
  EXPECT_TRUE(outbox.finishRequest(7));
  EXPECT_EQ(outbox.heldBytes(), 0u);
}

TEST(OutboxMemory, IsNotHeldByScatteredEntriesWithoutAnswers) {
  Outbox outbox;
  const std::string text(1000, 'x');
  std::size_t waiting = 0;
  for (std::uint64_t seq = 1; seq <= 50'000; ++seq) {
    ASSERT_TRUE(sendPeer(outbox, seq, text));
    if (seq % 7 == 0) flushed(outbox);
    if (seq % 100 == 0) {
      ++waiting;
    } else {
      ASSERT_EQ(outbox.finishSend(seq)->id, seq);
    }
    ASSERT_LE(outbox.heldBytes(), 2 * outbox.bytes() + 256 * 1024);
  }
  EXPECT_EQ(outbox.entries(), waiting);
  outbox.rewind();
  const std::vector<Sent> again = flushed(outbox);
  ASSERT_EQ(again.size(), waiting);
  for (std::size_t i = 0; i < waiting; ++i) {
    EXPECT_EQ(again[i].number, (i + 1) * 100);
    EXPECT_EQ(again[i].text, text);
    EXPECT_EQ(outbox.finishSend((i + 1) * 100)->id, (i + 1) * 100);
  }
  EXPECT_EQ(outbox.heldBytes(), 0u);
}

}  // namespace
}  // namespace rtm::client
