#include <algorithm>
#include <chrono>

#include "server/server_fixture.hpp"

namespace rtm::test {
namespace {

/// A client that keeps what a resume needs, over all its connections.
struct Survivor {
  std::string user;
  Login session;
  std::uint64_t inboxOffset = 0;
  struct Place {
    std::string channel;
    std::uint64_t epoch;
    std::uint64_t offset;
  };
  std::vector<Place> channels;
  std::uint64_t firstUnanswered = 1;
  std::unique_ptr<TestClient> link;
};

struct Resumed {
  bool resumed = false;
  std::uint32_t code = 0;
  bool inboxComplete = false;
  std::uint64_t acceptedSeq = 0;
  std::map<std::string, std::pair<bool, std::uint32_t>> channels;  ///< complete, member count
};

class Resumes : public LoopsTest {
 protected:
  Survivor survivor(const std::string& user) {
    Survivor client;
    client.user = user;
    client.link = login(user);
    client.session = client.link->session();
    return client;
  }

  static wire::Resume request(const Survivor& client) {
    wire::Resume resume{.appId = kStaticApp,
                        .userId = client.user,
                        .token = {},
                        .sessionId = client.session.sessionId,
                        .resumeToken = client.session.resumeToken,
                        .inboxEpoch = client.session.inboxEpoch,
                        .inboxOffset = client.inboxOffset,
                        .channels = {},
                        .firstUnansweredSeq = client.firstUnanswered};
    for (const auto& place : client.channels) resume.channels.push_back({place.channel, place.epoch, place.offset});
    return resume;
  }

  /// Resumes over a new connection, which `client` has then.
  Resumed resume(Survivor& client) {
    client.link = connect();
    client.link->send(request(client));
    const RawFrame frame = client.link->expect<wire::ResumeResult>();
    const auto result = frame.decode<wire::ResumeResult>();
    if (result.resumed) client.session.resumeToken.assign(result.resumeToken.begin(), result.resumeToken.end());
    Resumed answer{result.resumed, result.code, result.inboxComplete, result.acceptedSeq, {}};
    for (const auto& channel : result.channels) {
      answer.channels[std::string(channel.channelId)] = {channel.complete, channel.memberCount};
    }
    return answer;
  }

  /// Puts both into `channels` channels, and lets alice miss 32 messages of 32 KiB in each.
  void missLargeMessages(Survivor& alice, TestClient& bob, std::size_t channels) {
    const std::string text(std::size_t{32} * 1024, 'x');
    for (std::size_t i = 0; i < channels; ++i) {
      const std::string room = "room" + std::to_string(i);
      const auto joined = alice.link->join(room);
      alice.channels.push_back({room, joined.epoch, joined.offset});
      bob.join(room);
    }
    alice.link->cut();
    awaitConnections(1);
    for (const auto& place : alice.channels) {
      for (int i = 0; i < 32; ++i) bob.sendToChannel(place.channel, text);
    }
    bob.settle();
  }

  /// The server has noticed that a link is gone.
  void awaitConnections(std::uint64_t count) {
    ASSERT_TRUE(eventually([&] { return server_->stats().connections == count; }));
  }
};

INSTANTIATE_TEST_SUITE_P(Loops, Resumes, ::testing::Values(1U, 2U));

TEST_P(Resumes, BringMissedMessagesOnceInOrderAndThenNewOnes) {
  start(options());
  Survivor alice = survivor("alice");
  const auto bob = login("bob");
  for (int round = 0; round < 20; ++round) {  // from loop to loop, as connections fall
    bob->sendTo("alice", "before");
    alice.inboxOffset = alice.link->receive(false).offset;  // received, but the acknowledgement is lost
    alice.link->cut();
    awaitConnections(1);
    std::uint64_t last = 0;
    for (int i = 0; i < 50; ++i) last = bob->sendTo("alice", std::to_string(i));
    bob->settle();
    const Resumed answer = resume(alice);
    ASSERT_TRUE(answer.resumed);
    EXPECT_TRUE(answer.inboxComplete);
    bob->sendTo("alice", "after");
    for (int i = 0; i < 50; ++i) {
      const auto message = alice.link->receive();
      ASSERT_EQ(++alice.inboxOffset, message.offset);
      ASSERT_EQ(std::to_string(i), message.text);
    }
    const auto message = alice.link->receive();
    ASSERT_EQ("after", message.text);
    alice.inboxOffset = message.offset;
    EXPECT_EQ(0U, bob->resultOf(last));
    EXPECT_EQ(0U, bob->resultOf(last + 1));
    alice.link->settle();
    EXPECT_EQ(0U, alice.link->count(wire::FrameKind::PeerMessage));
  }
  EXPECT_EQ(20U, server_->stats().resumes);
  EXPECT_EQ(1U, server_->stats().connections - 1);
}

TEST_P(Resumes, AreInvisibleToOtherUsers) {
  start(options());
  Survivor alice = survivor("alice");
  const auto bob = login("bob");
  alice.link->join("room");
  bob->join("room");
  alice.link->cut();
  awaitConnections(1);
  EXPECT_TRUE(resume(alice).resumed);
  bob->settle();
  EXPECT_EQ(0U, bob->count(wire::FrameKind::MemberEvent));
  EXPECT_EQ((std::vector<std::string>{"alice", "bob"}), bob->members("room").second);
  EXPECT_EQ(0U, alice.link->resultOf((alice.link->setLastSeq(0), alice.link->sendToChannel("room", "back"))));
  EXPECT_EQ("back", bob->receiveFromChannel().text);
}

TEST_P(Resumes, BringMissedChannelMessagesBeforeNewOnes) {
  start(options());
  Survivor alice = survivor("alice");
  const auto bob = login("bob");
  for (const char* room : {"one", "two", "three"}) {
    const auto joined = alice.link->join(room);
    alice.channels.push_back({room, joined.epoch, joined.offset});
    bob->join(room);
  }
  alice.link->cut();
  awaitConnections(1);
  for (int i = 0; i < 10; ++i) bob->sendToChannel("one", std::to_string(i));
  for (int i = 0; i < 40; ++i) bob->sendToChannel("two", std::to_string(i));
  bob->settle();
  alice.link = connect();
  alice.link->send(request(alice));
  for (int i = 10; i < 20; ++i) bob->sendToChannel("one", std::to_string(i));
  const RawFrame frame = alice.link->expect<wire::ResumeResult>();
  const auto result = frame.decode<wire::ResumeResult>();
  ASSERT_TRUE(result.resumed);
  ASSERT_EQ(3U, result.channels.size());
  for (const auto& channel : result.channels) {
    EXPECT_EQ(channel.channelId != "two", channel.complete) << channel.channelId << ": 40 were missed, 32 are kept";
    EXPECT_EQ(2U, channel.memberCount);
  }
  std::map<std::string, std::vector<int>> got;
  for (int i = 0; i < 20 + 32; ++i) {
    const RawFrame in = alice.link->expect<wire::ChannelMessage>();
    const auto message = in.decode<wire::ChannelMessage>();
    got[std::string(message.channelId)].push_back(std::stoi(TestClient::textOf(message.content)));
  }
  ASSERT_EQ(20U, got["one"].size());
  for (int i = 0; i < 20; ++i) EXPECT_EQ(i, got["one"][static_cast<std::size_t>(i)]);
  ASSERT_EQ(32U, got["two"].size());
  for (int i = 0; i < 32; ++i) EXPECT_EQ(8 + i, got["two"][static_cast<std::size_t>(i)]);
}

TEST_P(Resumes, BringALargeReplayToAClientThatReadsIt) {
  start(options());
  Survivor alice = survivor("alice");
  const auto bob = login("bob");
  missLargeMessages(alice, *bob, 20);
  ASSERT_TRUE(resume(alice).resumed);
  bob->sendTo("alice", "new");  // while most of the 20 MiB still wait for her link
  alice.link->settle();
  EXPECT_EQ("new", alice.link->receive().text);
  EXPECT_EQ(std::size_t{20} * 32, alice.link->count(wire::FrameKind::ChannelMessage));
  EXPECT_FALSE(alice.link->ended());
  EXPECT_EQ(0U, server_->stats().slowConsumers);
}

TEST_P(Resumes, LeaveOutReplaysOverTheBoundAndReportThemAsIncomplete) {
  auto large = options();
  large.limits.userMemoryBytes = 0;  // one author, who would pay for all of them
  start(large);
  Survivor alice = survivor("alice");
  const auto bob = login("bob");
  missLargeMessages(alice, *bob, 25);
  const Resumed answer = resume(alice);
  ASSERT_TRUE(answer.resumed);
  ASSERT_EQ(25U, answer.channels.size());
  const auto complete = std::count_if(answer.channels.begin(), answer.channels.end(),
                                      [](const auto& channel) { return channel.second.first; });
  EXPECT_GE(complete, 20);
  EXPECT_LT(complete, 25) << "25 MiB are more than one resume replays";
  alice.link->settle();
  EXPECT_EQ(static_cast<std::size_t>(complete) * 32, alice.link->count(wire::FrameKind::ChannelMessage));
}

TEST_P(Resumes, ReplayAChannelWithoutAPositionAsFarBackAsTheyCan) {
  start(options());
  Survivor alice = survivor("alice");
  const auto bob = login("bob");
  alice.link->join("room");
  bob->join("room");
  bob->sendToChannel("room", "seen");
  alice.link->receiveFromChannel();
  alice.link->cut();
  awaitConnections(1);
  bob->sendToChannel("room", "missed");
  bob->settle();
  const Resumed answer = resume(alice);
  EXPECT_FALSE(answer.channels.at("room").first);
  EXPECT_EQ("seen", alice.link->receiveFromChannel().text) << "which its SDK drops by the offset";
  EXPECT_EQ("missed", alice.link->receiveFromChannel().text);
}

TEST_P(Resumes, AnswerRepeatedSendsByTheirFirstResult) {
  start(options());
  Survivor alice = survivor("alice");
  Survivor bob = survivor("bob");
  alice.link->sendTo("nobody", "1");
  alice.link->sendTo("bob", "2");
  alice.link->sendTo("bob", "3");
  EXPECT_EQ("2", bob.link->receive(false).text);
  EXPECT_EQ("3", bob.link->receive(false).text);
  alice.link->settle();
  alice.link->cut();  // the result of 1 may have come or not; she does not know
  awaitConnections(1);
  bob.link->send(wire::InboxAck{.offset = 2});
  bob.link->settle();

  const Resumed answer = resume(alice);
  ASSERT_TRUE(answer.resumed);
  EXPECT_EQ(3U, answer.acceptedSeq);
  alice.link->expectRepeats();
  alice.link->setLastSeq(0);
  alice.link->sendTo("nobody", "1");  // all over again
  alice.link->sendTo("bob", "2");
  alice.link->sendTo("bob", "3");
  alice.link->sendTo("bob", "4");
  EXPECT_EQ(3U, alice.link->resultOf(1));
  EXPECT_EQ(0U, alice.link->resultOf(2));
  EXPECT_EQ(0U, alice.link->resultOf(3));
  EXPECT_EQ("4", bob.link->receive().text) << "2 and 3 are not delivered again";
  EXPECT_EQ(0U, alice.link->resultOf(4));
}

TEST_P(Resumes, TellResultsThatCameWhileTheLinkWasAway) {
  start(options());
  Survivor alice = survivor("alice");
  const auto bob = login("bob");
  alice.link->sendTo("bob", "hello");
  const auto message = bob->receive(false);
  alice.link->cut();
  awaitConnections(1);
  bob->send(wire::InboxAck{.offset = message.offset});
  bob->settle();
  ASSERT_TRUE(resume(alice).resumed);
  EXPECT_EQ(0U, alice.link->resultOf(1));
}

TEST_P(Resumes, TakeOverFromALinkThatIsOnlyHalfDead) {
  start(options());
  Survivor alice = survivor("alice");
  const auto bob = login("bob");
  const auto old = std::move(alice.link);
  ASSERT_TRUE(resume(alice).resumed);
  EXPECT_EQ(wire::ByeCode::SessionMoved, old->awaitBye());
  const std::uint64_t seq = bob->sendTo("alice", "to the new link");
  EXPECT_EQ("to the new link", alice.link->receive().text);
  EXPECT_EQ(0U, bob->resultOf(seq));
}

TEST_P(Resumes, TakeATokenOnceTheNewOneHasArrived) {
  start(options());
  Survivor alice = survivor("alice");
  const Bytes first = alice.session.resumeToken;
  alice.link->cut();
  ASSERT_TRUE(resume(alice).resumed);
  EXPECT_NE(first, alice.session.resumeToken);
  alice.link->settle();  // the server hears from the new link: its client has the new token
  const Bytes second = std::exchange(alice.session.resumeToken, first);
  const auto current = std::move(alice.link);
  EXPECT_FALSE(resume(alice).resumed);
  current->settle();
  EXPECT_FALSE(current->ended()) << "a stale token disturbs nobody";
  alice.session.resumeToken = second;
  EXPECT_TRUE(resume(alice).resumed);
}

TEST_P(Resumes, TakeTheOldTokenAgainIfTheAnswerWasLost) {
  start(options());
  Survivor alice = survivor("alice");
  const Bytes first = alice.session.resumeToken;
  for (int i = 0; i < 3; ++i) {
    alice.link->cut();
    ASSERT_TRUE(resume(alice).resumed) << "attempt " << i;
    alice.session.resumeToken = first;  // as if RESUME_RESULT had never come
  }
}

TEST_P(Resumes, WithWrongCredentialsAreRefusedAndChangeNothing) {
  start(options());
  Survivor alice = survivor("alice");
  Survivor wrong;
  wrong.user = "alice";
  wrong.session = alice.session;
  wrong.session.resumeToken[7] ^= 1;
  EXPECT_FALSE(resume(wrong).resumed);
  wrong.session.resumeToken.pop_back();
  EXPECT_FALSE(resume(wrong).resumed);
  wrong.session = alice.session;
  wrong.user = "mallory";
  EXPECT_FALSE(resume(wrong).resumed) << "bound to the user";
  const auto elsewhere = connect();
  auto foreign = request(alice);
  foreign.appId = kOtherStaticApp;
  elsewhere->send(foreign);
  EXPECT_FALSE(elsewhere->expect<wire::ResumeResult>().decode<wire::ResumeResult>().resumed) << "bound to the app";
  const auto unauthorized = connect();
  auto tokenless = request(alice);
  tokenless.token = "no such token";
  unauthorized->send(tokenless);
  EXPECT_EQ(5U, unauthorized->expect<wire::ResumeResult>().decode<wire::ResumeResult>().code);
  alice.link->settle();
  EXPECT_FALSE(alice.link->ended());
}

TEST_P(Resumes, ComeTooLateOnceTheGraceIsOver) {
  auto quick = options();
  quick.graceMs = 300;
  start(quick);
  Survivor alice = survivor("alice");
  const auto bob = login("bob");
  alice.link->join("room");
  bob->join("room");
  alice.link->cut();
  bob->awaitWithHeartbeat(wire::FrameKind::MemberEvent);
  const RawFrame frame = bob->expect<wire::MemberEvent>();
  EXPECT_EQ((std::vector<std::string_view>{"alice"}), frame.decode<wire::MemberEvent>().left);
  EXPECT_EQ(3U, bob->resultOf(bob->sendTo("alice", "gone")));
  EXPECT_FALSE(resume(alice).resumed);
  EXPECT_EQ(0U, alice.link->tryLogin("alice").code);
}

TEST_P(Resumes, PositionsOfManyChannelsTravelAheadOfThem) {
  start(options());
  Survivor alice = survivor("alice");
  const auto bob = login("bob");
  std::vector<std::string> rooms;
  for (int i = 0; i < 20; ++i) rooms.push_back(std::string(62, 'r') + std::to_string(10 + i));
  for (const std::string& room : rooms) {
    const auto joined = alice.link->join(room);
    alice.channels.push_back({room, joined.epoch, joined.offset});
    bob->join(room);
    bob->sendToChannel(room, "seen");
    alice.channels.back().offset = alice.link->receiveFromChannel().offset;
  }
  alice.link->cut();
  awaitConnections(1);
  for (const std::string& room : rooms) bob->sendToChannel(room, "missed");
  bob->settle();
  alice.link = connect();
  const std::vector<Survivor::Place> places = std::exchange(alice.channels, {});
  for (std::size_t i = 0; i < places.size(); i += 10) {
    wire::ChannelPositions positions;
    for (std::size_t j = i; j < i + 10; ++j) {
      positions.channels.push_back({places[j].channel, places[j].epoch, places[j].offset});
    }
    EXPECT_LE(wire::encodedSize(positions), wire::kMaxFrameBodyBeforeLogin);
    alice.link->send(positions);
  }
  alice.link->send(request(alice));
  const RawFrame frame = alice.link->expect<wire::ResumeResult>();
  const auto result = frame.decode<wire::ResumeResult>();
  ASSERT_TRUE(result.resumed);
  EXPECT_EQ(20U, result.channels.size());
  for (const auto& channel : result.channels) EXPECT_TRUE(channel.complete);
  for (std::size_t i = 0; i < places.size(); ++i) EXPECT_EQ("missed", alice.link->receiveFromChannel().text);
  alice.link->settle();
  EXPECT_EQ(0U, alice.link->count(wire::FrameKind::ChannelMessage)) << "nothing twice";
}

TEST_P(Resumes, PositionsAreBoundedAndNothingAfterTheResume) {
  start(options());
  Survivor alice = survivor("alice");
  const auto joined = alice.link->join("room");
  alice.link->cut();
  awaitConnections(0);
  alice.link = connect();
  for (int i = 0; i < 300; ++i) {
    const std::string room = "room" + std::to_string(i);
    alice.link->send(wire::ChannelPositions{.channels = {{room, 1, 1}}});
  }
  alice.link->send(wire::ChannelPositions{.channels = {{"room", joined.epoch, joined.offset}}});
  alice.link->send(request(alice));
  const RawFrame frame = alice.link->expect<wire::ResumeResult>();
  const auto result = frame.decode<wire::ResumeResult>();
  ASSERT_EQ(1U, result.channels.size());
  EXPECT_FALSE(result.channels.front().complete) << "one too many";
  alice.link->send(wire::ChannelPositions{});
  EXPECT_EQ(wire::ByeCode::Unexpected, alice.link->awaitBye());
}

TEST_P(Resumes, OfAUserWhoIsLoggedInElsewhereAreRefused) {
  start(options());
  Survivor alice = survivor("alice");
  alice.link->cut();
  awaitConnections(0);
  const auto elsewhere = login("alice");
  alice.link = connect();
  alice.link->send(request(alice));
  EXPECT_EQ(wire::ByeCode::RemoteLogin, alice.link->awaitBye());
  elsewhere->settle();
}

TEST_P(Resumes, OfABannedSessionAreRefused) {
  start(options());
  Survivor alice = survivor("alice");
  alice.link->cut();
  awaitConnections(0);
  server_->disconnect(kStaticApp, "alice");
  ASSERT_TRUE(eventually([&] { return server_->stats().sessions == 0; }));
  alice.link = connect();
  alice.link->send(request(alice));
  EXPECT_EQ(wire::ByeCode::Banned, alice.link->awaitBye());
}

TEST_P(Resumes, MessagesForASilentReceiverWaitAndAreUnreachableIfItNeverComesBack) {
  auto quick = options();
  quick.graceMs = 400;
  start(quick);
  Survivor alice = survivor("alice");
  const auto bob = login("bob");
  const std::uint64_t written = bob->sendTo("alice", "written to the link, never acknowledged");
  alice.link->receive(false);
  alice.link->cut();
  awaitConnections(1);
  const std::uint64_t kept = bob->sendTo("alice", "kept for the resume");
  bob->settle();
  EXPECT_EQ(0U, bob->count(wire::FrameKind::SendResults));
  bob->awaitWithHeartbeat(wire::FrameKind::SendResults);
  EXPECT_EQ(3U, bob->resultOf(kept));
  bob->settle();
  EXPECT_EQ(0U, bob->count(wire::FrameKind::SendResults)) << "nobody knows about " << written;
}

TEST_P(Resumes, SilenceOnALivingLinkEndsTheSessionToo) {
  auto quick = options();
  quick.graceMs = 300;
  start(quick);
  const auto alice = login("alice");
  EXPECT_TRUE(alice->awaitEnd());
  EXPECT_TRUE(eventually([&] { return server_->stats().sessions == 0; }));
}

TEST_P(Resumes, BringASlowConsumerBackToWhereItStopped) {
  constexpr int kMessages = 400;
  start(options());
  Survivor alice = survivor("alice");
  const auto bob = login("bob");
  const auto joined = alice.link->join("room");
  bob->join("room");
  alice.channels = {{"room", joined.epoch, joined.offset}};
  alice.link->pauseReading();
  const std::string large(30'000, 'x');
  std::uint64_t last = 0;
  for (int i = 0; i < kMessages; ++i) last = bob->sendToChannel("room", large);
  EXPECT_EQ(0U, bob->resultOf(last)) << "the sender does not wait for a slow reader";
  ASSERT_TRUE(eventually([&] { return server_->stats().slowConsumers == 1; }));
  EXPECT_EQ(2U, server_->stats().sessions);
  const Resumed answer = resume(alice);
  ASSERT_TRUE(answer.resumed);
  EXPECT_FALSE(answer.channels.at("room").first) << "more was missed than is kept, and it is said";
  for (int i = 0; i < 32; ++i) EXPECT_EQ(large, alice.link->receiveFromChannel().text);
}

TEST_P(Resumes, LeaveOutAReplayThatIsMoreThanTheUserMayTake) {
  auto small = options();
  small.limits.userMemoryBytes = std::uint64_t{2} * 1024 * 1024;
  start(small);
  Survivor alice = survivor("alice");
  for (const char* channel : {"one", "two"}) {
    const auto joined = alice.link->join(channel);
    alice.channels.push_back({channel, joined.epoch, joined.offset});
  }
  alice.link->cut();
  awaitConnections(0);
  for (const char* channel : {"one", "two"}) {
    const auto author = login(std::string("author of ") + channel);
    author->join(channel);
    std::uint64_t last = 0;
    for (int i = 0; i < 30; ++i) last = author->sendToChannel(channel, std::string(30'000, 'x'));
    EXPECT_EQ(0U, author->resultOf(last));
  }
  const Resumed answer = resume(alice);
  ASSERT_TRUE(answer.resumed);
  EXPECT_NE(answer.channels.at("one").first, answer.channels.at("two").first) << "900 KB fit, 1.8 MB do not";
}

TEST_P(Resumes, OfAReceiverThatDoesNotReadFindAFullInboxAndFailedSends) {
  constexpr int kMessages = 400;  // 12 MB, 8 MiB fit
  start(options());
  const auto alice = login("alice");
  const auto bob = login("bob");
  alice->pauseReading();
  const std::string large(30'000, 'x');
  const std::uint64_t first = bob->sendTo("alice", large);
  for (int i = 1; i < kMessages; ++i) bob->sendTo("alice", large);
  ASSERT_TRUE(eventually([&] { return bob->count(wire::FrameKind::SendResults) != 0; }));
  EXPECT_EQ(0U, server_->stats().slowConsumers);
  alice->resumeReading();
  for (int i = 0; i < 100; ++i) EXPECT_EQ(large, alice->receive().text);
  ASSERT_EQ(0U, bob->resultOf(first)) << "from here on there is room again";
  bob->sendTo("alice", "the end");
  int received = 100;
  while (alice->receive().text == large) ++received;
  // How many fit depends on how fast the loops hand over. That each one has its true result does not.
  int accepted = 0;
  for (std::uint64_t seq = first; seq < first + kMessages; ++seq) {
    const std::uint32_t code = bob->resultOf(seq);
    ASSERT_LE(code, 1U);
    accepted += code == 0;
  }
  EXPECT_EQ(received, accepted);
  EXPECT_LT(accepted, kMessages);
}

}  // namespace
}  // namespace rtm::test
