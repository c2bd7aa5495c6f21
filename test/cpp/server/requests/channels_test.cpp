#include "server/server_fixture.hpp"

namespace rtm::test {
namespace {

using Names = std::vector<std::string>;

struct Event {
  Names joined;
  Names left;
  friend bool operator==(const Event&, const Event&) = default;
};

Event nextEvent(TestClient& client) {
  const RawFrame frame = client.expect<wire::MemberEvent>();
  const auto event = frame.decode<wire::MemberEvent>();
  return {Names(event.joined.begin(), event.joined.end()), Names(event.left.begin(), event.left.end())};
}

using Channels = LoopsTest;
INSTANTIATE_TEST_SUITE_P(Loops, Channels, ::testing::Values(1U, 2U));

TEST_P(Channels, TellTheOtherMembersOfJoinsAndLeaves) {
  start(options());
  const auto alice = login("alice");
  const auto bob = login("bob");
  EXPECT_EQ(1U, alice->join("room").members);
  EXPECT_EQ(2U, bob->join("room").members);
  EXPECT_EQ((Event{{"bob"}, {}}), nextEvent(*alice));
  EXPECT_EQ((Names{"alice", "bob"}), alice->members("room").second);
  EXPECT_EQ(0U, bob->leave("room"));
  EXPECT_EQ((Event{{}, {"bob"}}), nextEvent(*alice));
  EXPECT_EQ((Names{"alice"}), alice->members("room").second);
  bob->settle();
  EXPECT_EQ(0U, bob->count(wire::FrameKind::MemberEvent)) << "nobody hears of himself";
  EXPECT_EQ(0U, alice->leave("room"));
  EXPECT_TRUE(eventually([&] { return server_->stats().channels == 0; }));
}

TEST_P(Channels, TellTheCountAtOnceAndThenOnceASecond) {
  start(options());
  const auto alice = login("alice");
  alice->join("room");
  std::vector<std::unique_ptr<TestClient>> others;
  for (int i = 0; i < 10; ++i) {
    others.push_back(login("user" + std::to_string(i)));
    others.back()->join("room");
  }
  // The first change after alice's own join waits for the second to pass; then one notice has the newest number.
  const RawFrame frame = alice->expect<wire::MemberCount>();
  EXPECT_EQ(11U, frame.decode<wire::MemberCount>().count);
}

TEST_P(Channels, CarryMessagesToAllButTheSenderInOneOrder) {
  constexpr int kSenders = 4;
  constexpr int kEach = 100;
  start(options());
  std::vector<std::unique_ptr<TestClient>> clients;
  for (int i = 0; i < kSenders; ++i) {
    clients.push_back(login("user" + std::to_string(i)));
    clients.back()->join("room");
  }
  const auto reader = login("reader");
  const auto joined = reader->join("room");
  EXPECT_EQ(0U, joined.offset);
  std::vector<std::uint64_t> last(kSenders);
  for (int n = 0; n < kEach; ++n) {
    for (std::size_t i = 0; i < kSenders; ++i) last[i] = clients[i]->sendToChannel("room", std::to_string(n));
  }
  std::map<std::string, int> next;
  std::vector<std::string> order;
  for (int n = 0; n < kSenders * kEach; ++n) {
    const auto message = reader->receiveFromChannel();
    ASSERT_EQ(static_cast<std::uint64_t>(n) + 1, message.offset);
    ASSERT_EQ(std::to_string(next[message.sender]++), message.text) << "in the order of " << message.sender;
    order.push_back(message.sender);
  }
  for (std::size_t i = 0; i < kSenders; ++i) {
    EXPECT_EQ(0U, clients[i]->resultOf(last[i]));
    clients[i]->settle();
    EXPECT_EQ(std::size_t{(kSenders - 1) * kEach}, clients[i]->count(wire::FrameKind::ChannelMessage));
    std::uint64_t offset = 0;
    for (int n = 0; n < (kSenders - 1) * kEach; ++n) {
      const auto message = clients[i]->receiveFromChannel();
      ASSERT_LT(offset, message.offset);
      offset = message.offset;
      ASSERT_EQ(order[offset - 1], message.sender) << "the same order for everybody";
    }
  }
}

TEST_P(Channels, TakeMessagesOfMembersOnly) {
  start(options());
  const auto alice = login("alice");
  const auto bob = login("bob");
  alice->join("room");
  EXPECT_EQ(1U, bob->resultOf(bob->sendToChannel("room", "from outside")));
  EXPECT_EQ(1U, bob->resultOf(bob->sendToChannel("nowhere", "nobody")));
  bob->join("room");
  EXPECT_EQ(0U, bob->resultOf(bob->sendToChannel("room", "inside")));
  EXPECT_EQ("inside", alice->receiveFromChannel().text);
  bob->leave("room");
  EXPECT_EQ(1U, bob->resultOf(bob->sendToChannel("room", "outside again")));
  EXPECT_EQ(1U, alice->resultOf(alice->sendToChannel("room/", "no channel id")));
}

TEST_P(Channels, AreSeparateForEachApp) {
  start(options());
  const auto alice = login("alice", kStaticApp);
  const auto eve = login("eve", kOtherStaticApp);
  alice->join("room");
  EXPECT_EQ(1U, eve->join("room").members);
  EXPECT_EQ((Names{"eve"}), eve->members("room").second);
  EXPECT_EQ(0U, eve->resultOf(eve->sendToChannel("room", "hello?")));
  alice->settle();
  EXPECT_EQ(0U, alice->count(wire::FrameKind::ChannelMessage));
  EXPECT_EQ(0U, alice->count(wire::FrameKind::MemberEvent));
}

TEST_P(Channels, ListMembersForMembersOnly) {
  start(options());
  const auto alice = login("alice");
  const auto bob = login("bob");
  alice->join("room");
  EXPECT_EQ(5U, bob->members("room").first);
  EXPECT_EQ(5U, bob->members("nowhere").first);
  EXPECT_EQ(3U, bob->leave("room"));
}

TEST_P(Channels, CountMembersForEverybodyInTheOrderAsked) {
  start(options());
  const auto alice = login("alice");
  const auto bob = login("bob");
  alice->join("two");
  bob->join("two");
  alice->join("one");
  bob->send(wire::GetMemberCounts{.requestId = 1, .channelIds = {"none", "two", "one", "two"}});
  const RawFrame frame = bob->expect<wire::MemberCounts>();
  const auto counts = frame.decode<wire::MemberCounts>();
  EXPECT_EQ(0U, counts.code);
  EXPECT_EQ((std::vector<std::uint32_t>{0, 2, 1, 2}), counts.counts);
}

TEST_P(Channels, AreLeftByAKickedSessionBeforeItsSuccessorIsIn) {
  start(options());
  const auto bob = login("bob");
  bob->join("room");
  for (int round = 0; round < 20; ++round) {
    const auto alice = login("alice");
    EXPECT_EQ(2U, alice->join("room").members);
    EXPECT_EQ((Event{{"alice"}, {}}), nextEvent(*bob));
    const auto successor = login("alice");
    EXPECT_EQ((Event{{}, {"alice"}}), nextEvent(*bob));
    EXPECT_EQ(2U, successor->join("room").members);
    EXPECT_EQ((Event{{"alice"}, {}}), nextEvent(*bob));
    EXPECT_EQ(0U, successor->logout());
    EXPECT_EQ((Event{{}, {"alice"}}), nextEvent(*bob));
  }
}

TEST_P(Channels, JoinAgainIsAnsweredLikeTheFirst) {
  start(options());
  const auto alice = login("alice");
  const auto bob = login("bob");
  bob->join("room");
  const auto first = alice->join("room");
  const auto again = alice->join("room");
  EXPECT_EQ(0U, again.code);
  EXPECT_EQ(first.epoch, again.epoch);
  EXPECT_EQ(2U, again.members);
  EXPECT_EQ((Event{{"alice"}, {}}), nextEvent(*bob));
  bob->settle();
  EXPECT_EQ(0U, bob->count(wire::FrameKind::MemberEvent));
}

TEST_P(Channels, StopTellingNamesAboveTheLimitAndListASample) {
  auto small = options();
  small.limits.listedMembers = 3;
  start(small);
  std::vector<std::unique_ptr<TestClient>> clients;
  for (int i = 0; i < 6; ++i) {
    clients.push_back(login("user" + std::to_string(i)));
    EXPECT_EQ(static_cast<std::uint32_t>(i) + 1, clients.back()->join("room").members);
    clients.front()->settle();
  }
  EXPECT_EQ(2U, clients.front()->count(wire::FrameKind::MemberEvent)) << "user1 and user2, the rest is above";
  const auto [code, names] = clients.front()->members("room");
  EXPECT_EQ(0U, code);
  EXPECT_EQ(3U, names.size());
  EXPECT_EQ(names.end(), std::adjacent_find(names.begin(), names.end())) << "nobody twice";
}

TEST_P(Channels, TellUsersWhoJoinInOneTurnOfEachOtherButNotOfThemselves) {
  constexpr int kClients = 30;
  start(options());
  std::vector<std::unique_ptr<TestClient>> clients;
  for (int i = 0; i < kClients; ++i) clients.push_back(login("user" + std::to_string(i)));
  for (const auto& client : clients) client->send(wire::Join{.requestId = 1, .channelId = "room"});
  for (const auto& client : clients) client->expect<wire::JoinResult>();
  for (int i = 0; i < kClients; ++i) {
    clients[static_cast<std::size_t>(i)]->settle();
    const std::string own = "user" + std::to_string(i);
    while (const auto frame = clients[static_cast<std::size_t>(i)]->count(wire::FrameKind::MemberEvent) == 0
                                  ? std::nullopt
                                  : clients[static_cast<std::size_t>(i)]->await(wire::FrameKind::MemberEvent)) {
      for (const std::string_view name : frame->decode<wire::MemberEvent>().joined) EXPECT_NE(own, name);
    }
  }
}

}  // namespace
}  // namespace rtm::test
