#include "server/server_fixture.hpp"

namespace rtm::test {
namespace {

constexpr std::uint32_t kOfflineFlag = 1;
constexpr std::uint32_t kStored = 4;

using Offline = LoopsTest;
INSTANTIATE_TEST_SUITE_P(Loops, Offline, ::testing::Values(1U, 2U));

TEST_P(Offline, MessagesComeAtTheNextLoginInOrderMarkedAndBeforeLiveOnes) {
  start(options());
  const auto alice = login("alice");
  const std::uint64_t before = std::uint64_t{nowSeconds()} * 1000;
  for (int i = 1; i <= 3; ++i) {
    EXPECT_EQ(kStored, alice->resultOf(alice->sendTo("bob", std::to_string(i), kOfflineFlag)));
  }
  EXPECT_EQ(3U, alice->resultOf(alice->sendTo("bob", "not flagged")));
  const std::uint64_t after = std::uint64_t{nowSeconds() + 1} * 1000;
  const auto bob = login("bob");
  const std::uint64_t live = alice->sendTo("bob", "live", kOfflineFlag);
  for (int i = 1; i <= 3; ++i) {
    const auto message = bob->receive();
    EXPECT_EQ("alice", message.sender);
    EXPECT_EQ(std::to_string(i), message.text);
    EXPECT_EQ(kOfflineFlag, message.flags);
    EXPECT_GE(message.serverTimeMs, before) << "the time of storing";
    EXPECT_LE(message.serverTimeMs, after);
  }
  const auto message = bob->receive();
  EXPECT_EQ("live", message.text);
  EXPECT_EQ(0U, message.flags);
  EXPECT_EQ(0U, alice->resultOf(live));
  EXPECT_EQ(0U, bob->logout());
  const auto again = login("bob");
  again->settle();
  EXPECT_EQ(0U, again->count(wire::FrameKind::PeerMessage)) << "acknowledged: they are gone";
}

TEST_P(Offline, MessagesComeAgainUntilTheyAreAcknowledged) {
  start(options());
  const auto alice = login("alice");
  EXPECT_EQ(kStored, alice->resultOf(alice->sendTo("bob", "one", kOfflineFlag)));
  EXPECT_EQ(kStored, alice->resultOf(alice->sendTo("bob", "two", kOfflineFlag)));
  {
    const auto bob = login("bob");
    EXPECT_EQ("one", bob->receive().text);
    EXPECT_EQ("two", bob->receive(false).text);
    bob->settle();
    bob->cut();
  }
  const auto bob = login("bob");
  EXPECT_EQ("two", bob->receive().text);
}

TEST_P(Offline, MessagesForAUserWhoNeverResumesAreCached) {
  auto quick = options();
  quick.graceMs = 400;
  start(quick);
  const auto alice = login("alice");
  auto bob = login("bob");
  bob->cut();
  ASSERT_TRUE(eventually([&] { return server_->stats().connections == 1; }));
  const std::uint64_t seq = alice->sendTo("bob", "for later", kOfflineFlag);
  alice->settle();
  EXPECT_EQ(0U, alice->count(wire::FrameKind::SendResults)) << "bob may still come back";
  alice->awaitWithHeartbeat(wire::FrameKind::SendResults);  // and alice must not fall silent
  EXPECT_EQ(kStored, alice->resultOf(seq));
  bob = login("bob");
  const auto message = bob->receive();
  EXPECT_EQ("for later", message.text);
  EXPECT_EQ(kOfflineFlag, message.flags);
}

TEST_P(Offline, ContentsOfAllKindsAreStoredButInvitationsAreNot) {
  start(options());
  const auto alice = login("alice");
  wire::Content content;
  content.messageId = 7;
  const auto trySend = [&](std::uint64_t seq) {
    Bytes bytes(wire::encodedSize(content));
    wire::encode(content, bytes.data());
    alice->setLastSeq(seq);
    alice->send(wire::PeerSend{.seq = seq, .peerId = "bob", .flags = kOfflineFlag, .content = bytes});
    return alice->resultOf(seq);
  };
  content.type = wire::ContentType::Raw;
  content.raw = asBytes("\x01\x02");
  EXPECT_EQ(kStored, trySend(1));
  content.raw = {};
  content.media = wire::MediaInfo{};
  content.media->mediaId = "m";
  content.type = wire::ContentType::File;
  EXPECT_EQ(kStored, trySend(2));
  content.type = wire::ContentType::Image;
  EXPECT_EQ(kStored, trySend(3));
  content.media.reset();
  content.type = wire::ContentType::Invitation;
  content.invitation = wire::InvitationSignal{};
  content.invitation->invitationId = 1;
  content.invitation->action = wire::InvitationAction::Invite;
  EXPECT_EQ(3U, trySend(4)) << "an invitation is for now or never";
  const auto bob = login("bob");
  for (const auto type : {wire::ContentType::Raw, wire::ContentType::File, wire::ContentType::Image}) {
    const RawFrame frame = bob->expect<wire::PeerMessage>();
    wire::Content received;
    ASSERT_TRUE(wire::decode(frame.decode<wire::PeerMessage>().content, received));
    EXPECT_EQ(type, received.type);
    EXPECT_EQ(7U, received.messageId);
  }
}

TEST_P(Offline, MessagesExpireAsTheOptionsSay) {
  auto quick = options();
  quick.retention.offlineMs = 50;
  start(quick);
  const auto alice = login("alice");
  EXPECT_EQ(kStored, alice->resultOf(alice->sendTo("bob", "short-lived", kOfflineFlag)));
  const auto stored = std::chrono::system_clock::now();
  ASSERT_TRUE(eventually([&] { return std::chrono::system_clock::now() > stored + std::chrono::milliseconds(200); }));
  const auto bob = login("bob");
  bob->settle();
  EXPECT_EQ(0U, bob->count(wire::FrameKind::PeerMessage));
}

TEST_P(Offline, QueuesAreAsLongAsTheOptionsSay) {
  auto small = options();
  small.retention.offlineMessages = 2;
  start(small);
  const auto alice = login("alice");
  for (int i = 1; i <= 3; ++i) {
    EXPECT_EQ(kStored, alice->resultOf(alice->sendTo("bob", std::to_string(i), kOfflineFlag)));
  }
  const auto bob = login("bob");
  EXPECT_EQ("2", bob->receive().text);
  EXPECT_EQ("3", bob->receive().text);
}

}  // namespace
}  // namespace rtm::test
