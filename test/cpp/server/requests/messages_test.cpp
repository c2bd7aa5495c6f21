#include <map>

#include "server/model/codes.hpp"
#include "server/server_fixture.hpp"

namespace rtm::test {
namespace {

using PeerMessages = LoopsTest;
INSTANTIATE_TEST_SUITE_P(Loops, PeerMessages, ::testing::Values(1U, 2U));

TEST_P(PeerMessages, AreOkOnceTheReceiverHasAcknowledged) {
  start(options());
  const auto alice = login("alice");
  const auto bob = login("bob");
  const std::uint64_t seq = alice->sendTo("bob", "hello");
  const auto message = bob->receive(false);
  EXPECT_EQ("alice", message.sender);
  EXPECT_EQ("hello", message.text);
  EXPECT_EQ(1U, message.offset);
  alice->settle();
  EXPECT_EQ(0U, alice->count(wire::FrameKind::SendResults)) << "not before the receiver has it";
  bob->send(wire::InboxAck{.offset = message.offset});
  EXPECT_EQ(0U, alice->resultOf(seq));
}

TEST_P(PeerMessages, ThatTheReceiverRefusedFailAndTheOthersAreOk) {
  start(options());
  const auto alice = login("alice");
  const auto bob = login("bob");
  std::vector<std::uint64_t> seqs;
  for (int i = 0; i < 5; ++i) seqs.push_back(alice->sendTo("bob", std::to_string(i)));
  for (int i = 0; i < 5; ++i) bob->receive(false);
  bob->send(wire::InboxAck{.offset = 4, .refused = {2, 4, 5, 99}});
  EXPECT_EQ(0U, alice->resultOf(seqs[0]));
  EXPECT_EQ(1U, alice->resultOf(seqs[1])) << "PEER_MESSAGE_ERR_FAILURE";
  EXPECT_EQ(0U, alice->resultOf(seqs[2]));
  EXPECT_EQ(1U, alice->resultOf(seqs[3]));
  bob->send(wire::InboxAck{.offset = 5});
  EXPECT_EQ(0U, alice->resultOf(seqs[4])) << "a refusal ahead of the acknowledgement counts for nothing";
}

TEST_P(PeerMessages, CarryTheServersTime) {
  start(options());
  const auto alice = login("alice");
  alice->sendTo("alice", "to myself");
  const auto message = alice->receive();
  EXPECT_EQ("alice", message.sender);
  const std::uint64_t now = std::uint64_t{nowSeconds()} * 1000;
  EXPECT_NEAR(static_cast<double>(now), static_cast<double>(message.serverTimeMs), 5000);
}

TEST_P(PeerMessages, ToAnAbsentUserAreUnreachable) {
  start(options());
  const auto alice = login("alice");
  const auto bobElsewhere = login("bob", kOtherStaticApp);
  EXPECT_EQ(3U, alice->resultOf(alice->sendTo("bob", "another app's bob does not count")));
}

TEST_P(PeerMessages, ArriveInTheOrderSentAndAreAnsweredInRuns) {
  constexpr std::uint64_t kCount = 2000;
  start(options());
  const auto alice = login("alice");
  const auto bob = login("bob");
  for (std::uint64_t i = 1; i <= kCount; ++i) alice->sendTo("bob", std::to_string(i));
  for (std::uint64_t i = 1; i <= kCount; ++i) {
    const auto message = bob->receive(false);
    ASSERT_EQ(i, message.offset);
    ASSERT_EQ(std::to_string(i), message.text);
  }
  bob->send(wire::InboxAck{.offset = kCount});
  const RawFrame frame = alice->expect<wire::SendResults>();
  EXPECT_EQ((std::vector<std::uint64_t>{1, kCount, 0}), frame.decode<wire::SendResults>().ranges);
}

TEST_P(PeerMessages, OfInvitationsAreRefusedAboveTheServersOwnSizes) {
  server::ServerOptions own = options();
  own.limits.invitations = {.contentBytes = 5000, .responseBytes = 3};
  own.limits.messageBytes = 100;  // of messages, not of invitations
  start(own);
  const auto alice = login("alice");
  std::uint64_t seq = 0;
  const auto send = [&](std::size_t content, std::size_t response) {
    const std::string texts[] = {std::string(content, 'c'), std::string(response, 'r')};
    wire::Content signal{.messageId = 1, .type = wire::ContentType::Invitation};
    signal.invitation = wire::InvitationSignal{.invitationId = 1, .content = texts[0], .response = texts[1]};
    Bytes bytes(wire::encodedSize(signal));
    wire::encode(signal, bytes.data());
    alice->send(wire::PeerSend{.seq = ++seq, .peerId = "nobody", .content = bytes});
    return alice->resultOf(seq);
  };
  for (const auto& [content, response] : {std::pair{4999U, 2U}, std::pair{5000U, 3U}}) {
    EXPECT_EQ(3U, send(content, response)) << "taken, and nobody is there";
  }
  EXPECT_EQ(7U, send(5001, 0));
  EXPECT_EQ(7U, send(0, 4));
}

TEST_P(PeerMessages, OfInvitationsThatWaitForAnAnswerAre64OfOneCallerAtACallee) {
  server::ServerOptions own = options();
  own.limits.rates[static_cast<std::size_t>(wire::RateGroup::Send)] = {};  // nor a rate of invitations
  start(own);
  const auto alice = login("alice");
  const auto bob = login("bob");
  std::map<TestClient*, std::uint64_t> lastSeq;
  const auto signal = [&](TestClient& from, const char* to, std::uint64_t id, wire::InvitationAction action) {
    wire::Content content{.messageId = 1, .type = wire::ContentType::Invitation};
    content.invitation = wire::InvitationSignal{.invitationId = id, .action = action};
    Bytes bytes(wire::encodedSize(content));
    wire::encode(content, bytes.data());
    from.send(wire::PeerSend{.seq = ++lastSeq[&from], .peerId = to, .content = bytes});
    return lastSeq[&from];
  };
  for (std::uint64_t id = 1; id <= 64; ++id) signal(*alice, "bob", id, wire::InvitationAction::Invite);
  EXPECT_EQ(server::code::peer::kTooOften, alice->resultOf(signal(*alice, "bob", 65, wire::InvitationAction::Invite)));
  for (int i = 0; i < 64; ++i) bob->expect<wire::PeerMessage>();
  signal(*alice, "bob", 64, wire::InvitationAction::Invite);  // a repeat, as clients send
  bob->expect<wire::PeerMessage>();
  signal(*bob, "alice", 1, wire::InvitationAction::Refuse);
  alice->expect<wire::PeerMessage>();
  signal(*alice, "bob", 66, wire::InvitationAction::Invite);
  bob->expect<wire::PeerMessage>();
  for (std::uint64_t id = 1; id <= 80; ++id) {
    EXPECT_EQ(server::code::peer::kUnreachable,
              alice->resultOf(signal(*alice, "nobody", id, wire::InvitationAction::Invite)))
        << "what reached nobody does not wait";
  }
}

}  // namespace
}  // namespace rtm::test
