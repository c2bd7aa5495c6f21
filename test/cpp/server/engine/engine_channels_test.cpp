#include "engine_harness.hpp"

namespace rtm::server {
namespace {

using EngineChannels = EngineTest;
RTM_ENGINE_SUITE(EngineChannels);

TEST_P(EngineChannels, OrderMessagesForAllMembersButTheSender) {
  const Opened alice = open("alice", 0);
  const Opened bob = open("bob", 1);
  const Opened carol = open("carol", 2);
  for (const Opened& member : {alice, bob, carol}) join(member, "room");
  for (const Opened& member : {alice, bob, carol}) heardBy(member);
  publish(alice, "room", 1, "from alice");
  run();
  publish(bob, "room", 1, "from bob");
  run();
  EXPECT_EQ((Lines{"2:from bob"}), heardBy(alice));
  EXPECT_EQ((Lines{"1:from alice"}), heardBy(bob));
  EXPECT_EQ((Lines{"1:from alice", "2:from bob"}), heardBy(carol));
  EXPECT_EQ((Results{{1, 0}}), resultsOf(alice));
}

TEST_P(EngineChannels, TakeMessagesOfMembersWithTheirPresentFenceOnly) {
  const Opened alice = open("alice", 0);
  const Opened bob = open("bob", 1);
  join(alice, "room");
  publish(bob, "room", 1, "outside");
  run();
  EXPECT_EQ((Results{{1, 1}}), resultsOf(bob));
  publish(bob, "empty", 2, "outside");
  run();
  EXPECT_EQ((Results{{2, 1}}), resultsOf(bob));
}

TEST_P(EngineChannels, CountTheSetOfMembers) {
  const Opened alice = open("alice", 0);
  const Opened bob = open("bob", 1);
  EXPECT_EQ(0U, count("room"));
  EXPECT_EQ(1U, join(alice, "room").memberCount);
  EXPECT_EQ(1U, join(alice, "room").memberCount) << "twice is once";
  EXPECT_EQ(2U, join(bob, "room").memberCount);
  EXPECT_TRUE(leave(alice, "room"));
  EXPECT_FALSE(leave(alice, "room"));
  EXPECT_EQ(1U, count("room"));
  EXPECT_TRUE(leave(bob, "room"));
  EXPECT_EQ(0U, engine_->counts().channels);
}

TEST_P(EngineChannels, LoseAMemberWhoseLinkBrokeBeforeItHadJoinedAgainAfterAResume) {
  const Opened earlier = open("alice", 0);
  join(earlier, "room");
  Opened later = earlier;
  loseLink(later);
  ASSERT_EQ(ResumeStatus::Resumed, resume(later, 0).status);
  EXPECT_TRUE(leave(later, "room")) << "the session ends by its newest fence";
  EXPECT_EQ(0U, engine_->counts().channels);
  join(later, "room");
  EXPECT_FALSE(leave(earlier, "room")) << "what an older link wanted is over";
  EXPECT_EQ(1U, count("room"));
}

TEST_P(EngineChannels, BeginANewLifeWithANewEpoch) {
  const Opened alice = open("alice", 0);
  const auto first = join(alice, "room");
  publish(alice, "room", 1, "x");
  run();
  leave(alice, "room");
  const auto second = join(alice, "room");
  EXPECT_NE(first.epoch, second.epoch);
  EXPECT_EQ(0U, second.offset);
}

TEST_P(EngineChannels, TellOfJoinsAndLeavesInTheOrderOfTheMessages) {
  const Opened alice = open("alice", 0);
  const Opened bob = open("bob", 1);
  join(alice, "room");
  heardBy(alice);
  FakeLoop& where = home(bob);
  where.client->join({kApp, "room", "bob", bob.address, bob.outcome.fence}, [](const JoinOutcome&) {});
  publish(bob, "room", 1, "hello");
  where.client->leave({kApp, "room"}, nameOf(bob), bob.outcome.fence, [](bool) {});
  run();
  Lines heard = heardBy(alice);
  std::erase_if(heard, [](const std::string& line) { return line[0] == '#'; });
  EXPECT_EQ((Lines{"+bob", "1:hello", "-bob"}), heard);
}

TEST_P(EngineChannels, TellTheCountAtOnceThenOnceASecondWithTheNewestNumber) {
  const Opened alice = open("alice", 0);
  join(alice, "room");
  pass(5000);
  heardBy(alice);
  std::vector<Opened> others;
  for (std::uint32_t i = 0; i < 4; ++i) others.push_back(open("user" + std::to_string(i), i));
  const auto counts = [&] {
    Lines heard = heardBy(alice);
    std::erase_if(heard, [](const std::string& line) { return line[0] != '#'; });
    return heard;
  };
  join(others[0], "room");
  EXPECT_EQ((Lines{"#2"}), counts());
  join(others[1], "room");
  join(others[2], "room");
  EXPECT_EQ(Lines{}, counts());
  pass(900);
  EXPECT_EQ(Lines{}, counts());
  join(others[3], "room");
  leave(others[0], "room");
  pass(200);
  EXPECT_EQ((Lines{"#4"}), counts());
}

TEST_P(EngineChannels, ListASampleWithoutRepeats) {
  std::vector<Opened> users;
  for (std::uint32_t i = 0; i < 20; ++i) {
    users.push_back(open("user" + std::to_string(i), i));
    join(users.back(), "room");
  }
  const auto ask = [&](const Opened& who, std::size_t limit) {
    MembersOutcome result;
    home(who).client->members({kApp, "room"}, nameOf(who), who.outcome.fence, limit,
                              [&](MembersOutcome outcome) { result = std::move(outcome); });
    run();
    return result;
  };
  EXPECT_EQ(20U, ask(users[3], 100).userIds.size());
  std::set<std::string> seen;
  for (int i = 0; i < 200; ++i) {
    const auto sample = ask(users[3], 5).userIds;
    EXPECT_EQ(5U, std::set<std::string>(sample.begin(), sample.end()).size());
    seen.insert(sample.begin(), sample.end());
  }
  EXPECT_EQ(20U, seen.size()) << "everybody has a chance";
  EXPECT_FALSE(ask(open("stranger"), 5).member);
}

TEST_P(EngineChannels, ReplayNothingFromBeforeAJoinWithoutAnAnswer) {
  Opened alice = open("alice", 0);
  const Opened bob = open("bob", 1);
  join(bob, "room");
  publish(bob, "room", 1, "before");
  run();
  join(alice, "room");
  loseLink(alice);
  publish(bob, "room", 2, "between");
  run();
  ASSERT_EQ(ResumeStatus::Resumed, resume(alice, 2).status);
  const auto again = join(alice, "room", true);
  EXPECT_TRUE(again.joined);
  EXPECT_FALSE(again.complete) << "nobody can tell what she has seen";
  ASSERT_EQ(1U, again.replay.size());
  wire::ChannelMessage message;
  ASSERT_TRUE(wire::decode(again.replay[0].bytes().subspan(wire::kFrameHeaderSize), message));
  EXPECT_EQ("between", asText(message.content));
}

TEST_P(EngineChannels, ReplayWhatAResumedMemberMissed) {
  Opened alice = open("alice", 0);
  const Opened bob = open("bob", 1);
  const auto joined = join(alice, "room");
  join(bob, "room");
  publish(bob, "room", 1, "seen");
  run();
  heardBy(alice);
  loseLink(alice);
  heardBy(bob);
  publish(bob, "room", 2, "missed");
  run();
  ASSERT_EQ(ResumeStatus::Resumed, resume(alice, 2).status);
  const auto again = join(alice, "room", true, joined.epoch, 1);
  EXPECT_TRUE(again.joined);
  EXPECT_TRUE(again.complete);
  EXPECT_EQ(2U, again.memberCount);
  EXPECT_EQ(2U, again.offset);
  ASSERT_EQ(1U, again.replay.size());
  heardBy(alice);  // the fake gateway writes down what a lost link misses
  publish(bob, "room", 3, "new");
  run();
  EXPECT_EQ((Lines{"3:new"}), heardBy(alice));
  EXPECT_TRUE(heardBy(bob).empty()) << "nobody noticed";
}

TEST_P(EngineChannels, TellNobodyAboveTheNoticeLimit) {
  EngineSetup setup;
  setup.parameters.noticeLimit = 2;
  build(setup);
  std::vector<Opened> users;
  for (std::uint32_t i = 0; i < 4; ++i) {
    users.push_back(open("user" + std::to_string(i), i));
    join(users.back(), "room");
  }
  leave(users[3], "room");
  leave(users[2], "room");
  Lines heard = heardBy(users[0]);
  std::erase_if(heard, [](const std::string& line) { return line[0] == '#'; });
  EXPECT_EQ((Lines{"+user1", "-user2"}), heard) << "on again when the number falls";
}

}  // namespace
}  // namespace rtm::server
