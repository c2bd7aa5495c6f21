#include "engine_harness.hpp"

namespace rtm::server {
namespace {

using EngineSessions = EngineTest;
RTM_ENGINE_SUITE(EngineSessions);

TEST_P(EngineSessions, FencesRisePerUser) {
  const Opened first = open("alice", 0);
  const Opened second = open("alice", 1);
  EXPECT_EQ(OpenStatus::Opened, second.outcome.status);
  EXPECT_LT(first.outcome.fence, second.outcome.fence);
  EXPECT_EQ((std::vector{SessionEnd::RemoteLogin}), endsOf(first));
  EXPECT_EQ(1U, engine_->counts().sessions);
}

TEST_P(EngineSessions, ALoginWaitsUntilThePreviousSessionHasLeftEverything) {
  const Opened first = open("alice", 0);
  const Opened witness = open("witness", 1);
  join(witness, "room");
  join(first, "room");
  heardBy(witness);
  for (auto& each : loops_) each->holdEnds = true;
  const auto second = submitOpen("alice", 1);
  run();
  EXPECT_EQ(0U, second->outcome.fence) << "the old gateway has not finished";
  for (auto& each : loops_) {
    for (auto& finish : each->heldEnds) finish();
  }
  run();
  EXPECT_NE(0U, second->outcome.fence);
  EXPECT_EQ("-alice", heardBy(witness).front());
  EXPECT_EQ(1U, count("room"));
}

TEST_P(EngineSessions, TheNewestOfManyWaitingLoginsWins) {
  const Opened first = open("alice");
  for (auto& each : loops_) each->holdEnds = true;
  std::vector<std::shared_ptr<Opened>> waiting;
  for (std::uint32_t i = 0; i < 10; ++i) {
    waiting.push_back(submitOpen("alice", i));
    run();
  }
  for (auto& each : loops_) {
    each->holdEnds = false;
    for (auto& finish : each->heldEnds) finish();
  }
  run();
  for (std::size_t i = 0; i + 1 < waiting.size(); ++i) {
    EXPECT_EQ(OpenStatus::Superseded, waiting[i]->outcome.status);
  }
  EXPECT_EQ(OpenStatus::Opened, waiting.back()->outcome.status);
  EXPECT_EQ(1U, engine_->counts().sessions);
}

TEST_P(EngineSessions, OperationsWithAnOldFenceChangeNothing) {
  Opened alice = open("alice", 0);
  const Opened bob = open("bob", 1);
  const Opened old = alice;
  join(alice, "room");
  loseLink(alice);
  ASSERT_EQ(ResumeStatus::Resumed, resume(alice, 0).status);
  join(alice, "room", true);
  send(bob, "alice", 1, "hello");
  run();
  home(old).client->acknowledge({kApp, "alice", old.outcome.fence, 1});
  home(old).client->linkLost(nameOf(old), old.outcome.fence, 0);
  home(old).client->closeSession(nameOf(old), old.outcome.fence, SessionEnd::Logout);
  publish(old, "room", 9, "from the past");
  EXPECT_FALSE([&] {
    bool left = true;
    home(old).client->leave({kApp, "room"}, nameOf(old), old.outcome.fence, [&](bool was) { left = was; });
    run();
    return left;
  }());
  pass(1000);
  EXPECT_TRUE(endsOf(alice).empty());
  EXPECT_EQ(1U, count("room"));
  EXPECT_EQ((Results{{9, 1}}), resultsOf(alice));
  EXPECT_TRUE(resultsOf(bob).empty()) << "not acknowledged";
}

TEST_P(EngineSessions, EndWhenTheGraceIsOverAndNotBefore) {
  const Opened alice = open("alice", 1);
  loseLink(alice, 30'000);
  pass(29'900);
  EXPECT_TRUE(endsOf(alice).empty());
  pass(200);
  EXPECT_EQ((std::vector{SessionEnd::GraceOver}), endsOf(alice));
  EXPECT_EQ(0U, engine_->counts().sessions);
}

TEST_P(EngineSessions, AResumeMovesTheSessionWithItsCarryAndRotatesItsToken) {
  Opened alice = open("alice", 0);
  const ResumeToken first = alice.outcome.resumeToken;
  for (std::uint32_t to = 1; to < 8; ++to) {
    const std::uint32_t from = alice.address.loop;
    loseLink(alice);
    const ResumeOutcome outcome = resume(alice, to);
    ASSERT_EQ(ResumeStatus::Resumed, outcome.status);
    EXPECT_EQ(from != alice.address.loop, outcome.carry != nullptr);
    if (outcome.carry) {
      EXPECT_EQ("alice", static_cast<FakeCarry&>(*outcome.carry).note);
    }
    EXPECT_FALSE(sameToken(first, alice.outcome.resumeToken));
  }
  EXPECT_EQ(1U, engine_->counts().sessions);
}

TEST_P(EngineSessions, AResumeNeedsTheTokenTheSessionAndTheUser) {
  Opened alice = open("alice");
  loseLink(alice);
  Opened forged = alice;
  forged.outcome.resumeToken[15] ^= 0x80;
  EXPECT_EQ(ResumeStatus::Unknown, resume(forged, 1).status);
  forged = alice;
  forged.address.sessionId = 1;
  EXPECT_EQ(ResumeStatus::RemoteLogin, resume(forged, 1).status);
  forged = alice;
  forged.user = "mallory";
  EXPECT_EQ(ResumeStatus::Unknown, resume(forged, 1).status);
  EXPECT_EQ(ResumeStatus::Resumed, resume(alice, 1).status);
}

TEST_P(EngineSessions, AUsedTokenIsValidUntilTheClientHasTheNewOne) {
  Opened alice = open("alice");
  const ResumeToken first = alice.outcome.resumeToken;
  ASSERT_EQ(ResumeStatus::Resumed, resume(alice, 1).status);
  alice.outcome.resumeToken = first;
  ASSERT_EQ(ResumeStatus::Resumed, resume(alice, 0).status);
  home(alice).client->confirmResume(nameOf(alice), alice.outcome.fence);
  run();
  Opened late = alice;
  late.outcome.resumeToken = first;
  EXPECT_EQ(ResumeStatus::Unknown, resume(late, 1).status);
  EXPECT_EQ(ResumeStatus::Resumed, resume(alice, 1).status);
}

TEST_P(EngineSessions, ResultsFollowASessionThatMoved) {
  Opened alice = open("alice", 0);
  const Opened bob = open("bob", 1);
  send(alice, "bob", 1, "hello");
  run();
  loseLink(alice);
  for (std::uint32_t to = 1; to < 6; ++to) ASSERT_EQ(ResumeStatus::Resumed, resume(alice, to).status);
  acknowledge(bob, 1);
  run();
  EXPECT_EQ((Results{{1, 0}}), resultsOf(alice));
}

TEST_P(EngineSessions, ALoginElsewhereDuringAResumeEndsTheResumedSession) {
  Opened alice = open("alice", 0);
  loseLink(alice);
  const SessionAddress to{loop(1).index, alice.address.sessionId};
  ResumeOutcome outcome;
  loop(1).client->resumeSession(resumeRequest(alice, to, 0),
                                [&](ResumeOutcome result) { outcome = takeResumed(alice, to, std::move(result)); });
  const auto second = submitOpen("alice", 2);
  run();
  EXPECT_EQ(OpenStatus::Opened, second->outcome.status);
  EXPECT_EQ(1U, engine_->counts().sessions);
  EXPECT_TRUE(loop(0).sessions.size() + loop(1).sessions.size() + loop(2).sessions.size() >= 1);
  std::size_t known = 0;
  for (auto& each : loops_) known += each->sessions.size();
  EXPECT_EQ(1U, known) << "no gateway keeps the old one";
}

TEST_P(EngineSessions, AResumeDuringAResumeIsTurnedAwayOrWins) {
  Opened alice = open("alice", 0);
  loseLink(alice);
  std::vector<ResumeStatus> statuses;
  for (std::uint32_t on = 1; on < 4; ++on) {
    const SessionAddress to{loop(on).index, alice.address.sessionId};
    loop(on).client->resumeSession(resumeRequest(alice, to, 0), [&, to](ResumeOutcome result) {
      statuses.push_back(result.status);
      Opened moved = alice;
      takeResumed(moved, to, std::move(result));
    });
  }
  run();
  ASSERT_EQ(3U, statuses.size());
  for (const auto status : statuses) {
    EXPECT_TRUE(status == ResumeStatus::Resumed || status == ResumeStatus::Busy);
  }
  EXPECT_EQ(1, std::count(statuses.begin(), statuses.end(), ResumeStatus::Resumed) > 0 ? 1 : 0);
}

TEST_P(EngineSessions, ABanEndsTheSessionAndIsRemembered) {
  Opened alice = open("alice", 1);
  loseLink(alice);
  loop(0).client->closeUser(nameOf(alice), SessionEnd::Banned, [](bool had) { EXPECT_TRUE(had); });
  run();
  EXPECT_EQ((std::vector{SessionEnd::Banned}), endsOf(alice));
  EXPECT_EQ(ResumeStatus::Banned, resume(alice, 0).status);
  pass(200'000);
  EXPECT_EQ(ResumeStatus::Unknown, resume(alice, 0).status);
}

TEST_P(EngineSessions, AKickReachesTheSessionOnAnyLoop) {
  Opened alice = open("alice", 1);
  const auto kick = [&](const std::string& channel) {
    std::optional<bool> was;
    loop(0).client->kick(nameOf(alice), channel, [&](bool member) { was = member; });
    run();
    EXPECT_TRUE(was.has_value());
    return was.value_or(false);
  };
  loop(1).sessions.at(alice.address.sessionId).channels = {"room", "other"};
  EXPECT_TRUE(kick("room"));
  EXPECT_FALSE(kick("room"));
  EXPECT_EQ((std::vector<std::string>{"room"}), loop(1).kicks[alice.address.sessionId]);
  loseLink(alice);
  EXPECT_TRUE(kick("other"));
  loop(0).client->closeUser(nameOf(alice), SessionEnd::Banned, [](bool had) { EXPECT_TRUE(had); });
  run();
  EXPECT_FALSE(kick("other")) << "no session";
}

TEST_P(EngineSessions, AKickDuringAResumeGoesToTheNewPlace) {
  Opened alice = open("alice", 0);
  loseLink(alice);
  const SessionAddress to{loop(1).index, alice.address.sessionId};
  bool resumed = false;
  loop(1).client->resumeSession(resumeRequest(alice, to, 0), [&](ResumeOutcome result) {
    resumed = takeResumed(alice, to, std::move(result)).status == ResumeStatus::Resumed;
    loop(1).sessions.at(to.sessionId).channels = {"room"};
  });
  std::optional<bool> was;
  loop(1).client->kick(nameOf(alice), "room", [&](bool member) { was = member; });
  run();
  EXPECT_TRUE(resumed);
  EXPECT_EQ(std::optional(true), was);
  EXPECT_EQ((std::vector<std::string>{"room"}), loop(1).kicks[to.sessionId]);
}

}  // namespace
}  // namespace rtm::server
