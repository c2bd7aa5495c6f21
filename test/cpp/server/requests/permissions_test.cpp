// Rules at the server: the code of each refusal, and how new rules meet sessions. What a client makes of the codes is
// in test/integration/permissions.test.ts.

#include <future>

#include "server/model/codes.hpp"
#include "server/server_fixture.hpp"

namespace rtm::test {
namespace {

using server::Rule;

Rule denying(std::vector<std::string> actions) {
  return {.allow = false, .actions = std::move(actions), .channels = {}, .users = {}, .to = {}, .roles = {}};
}
Rule denyingIn(std::vector<std::string> actions, std::vector<std::string> channels) {
  Rule rule = denying(std::move(actions));
  rule.channels = std::move(channels);
  return rule;
}

class RulesOf : public LoopsTest {
 protected:
  void startWith(std::vector<Rule> rules) {
    server::ServerOptions given = options();
    given.apps.front().rules = std::move(rules);
    start(std::move(given));
  }
  /// Until all sessions have been looked at.
  void setRules(std::vector<Rule> rules) {
    auto told = std::make_shared<std::promise<bool>>();
    auto future = told->get_future();
    const auto set = server_->setRules(kStaticApp, rules, [told](bool done) { told->set_value(done); });
    ASSERT_TRUE(set.ok()) << set.failure().message;
    ASSERT_EQ(std::future_status::ready, future.wait_for(kPatience));
  }
  std::unique_ptr<TestClient> resuming(const std::string& user, const Login& session,
                                       std::vector<wire::ChannelPosition> channels) {
    auto client = connect();
    client->send(wire::Resume{.appId = kStaticApp,
                              .userId = user,
                              .token = {},
                              .sessionId = session.sessionId,
                              .resumeToken = session.resumeToken,
                              .inboxEpoch = session.inboxEpoch,
                              .inboxOffset = session.inboxOffset,
                              .channels = std::move(channels),
                              .firstUnansweredSeq = 1});
    return client;
  }
};
INSTANTIATE_TEST_SUITE_P(Loops, RulesOf, ::testing::Values(1U, 2U));

TEST_P(RulesOf, OneAppAreNoRulesOfAnother) {
  startWith({denying({"join", "send"})});
  const auto alice = login("alice");
  EXPECT_EQ(server::code::join::kFailure, alice->join("room").code);
  EXPECT_EQ(server::code::peer::kFailure, alice->resultOf(alice->sendTo("alice", "x")));
  const auto elsewhere = login("alice", kOtherStaticApp);
  EXPECT_EQ(0U, elsewhere->join("room").code);
  const std::uint64_t seq = elsewhere->sendTo("alice", "x");
  elsewhere->receive();
  EXPECT_EQ(0U, elsewhere->resultOf(seq));
}

TEST_P(RulesOf, ALoginThatIsDeniedEndsLikeOneOfABannedUser) {
  startWith({denying({"login"})});
  const auto refused = connect();
  refused->send(wire::Login{.appId = kStaticApp, .userId = "alice", .token = {}});
  EXPECT_EQ(wire::ByeCode::Banned, refused->awaitBye());
  EXPECT_EQ(1U, server_->stats().loginFailures);
}

TEST_P(RulesOf, AResumeThatIsDeniedEndsTheSessionForGood) {
  startWith({});
  auto alice = login("alice");
  const Login session = alice->session();
  alice.reset();
  ASSERT_TRUE(eventually([&] { return server_->stats().connections == 0; }));
  // The session that waits for its client ends at once, and a client that comes back is told.
  setRules({denying({"login"})});
  EXPECT_EQ(wire::ByeCode::Banned, resuming("alice", session, {})->awaitBye());
}

TEST_P(RulesOf, AMemberWhoMayNotJoinAnyMoreIsPutOutAndTheOthersHearOfIt) {
  startWith({});
  const auto alice = login("alice");
  const auto bob = login("bob");
  alice->join("room");
  bob->join("room");
  bob->join("other");
  alice->expect<wire::MemberEvent>();
  Rule rule = denyingIn({"join"}, {"room"});
  rule.users = {"bob"};
  setRules({rule});
  const RawFrame kicked = bob->expect<wire::ChannelKicked>();
  EXPECT_EQ("room", kicked.decode<wire::ChannelKicked>().channelId);
  const RawFrame told = alice->expect<wire::MemberEvent>();
  EXPECT_EQ(std::vector<std::string_view>{"bob"}, told.decode<wire::MemberEvent>().left);
  EXPECT_EQ(server::code::channel::kFailure, bob->resultOf(bob->sendToChannel("room", "x")));
  EXPECT_EQ(0U, bob->resultOf(bob->sendToChannel("other", "x")));
  bob->settle();
  EXPECT_EQ(0U, bob->count(wire::FrameKind::ChannelKicked));
}

TEST_P(RulesOf, APublishIsJudgedAnewByNewRules) {
  startWith({denyingIn({"publish"}, {"room"})});
  const auto alice = login("alice");
  alice->join("room");
  for (int twice = 0; twice < 2; ++twice) {
    EXPECT_EQ(server::code::channel::kFailure, alice->resultOf(alice->sendToChannel("room", "x")));
  }
  setRules({});
  EXPECT_EQ(0U, alice->resultOf(alice->sendToChannel("room", "x")));
}

TEST_P(RulesOf, AFloodOfDeniedRequestsIsReadMoreSlowly) {
  server::ServerOptions given = options();
  given.apps.front().rules = {denying({"send"})};
  given.limits.rates[static_cast<std::size_t>(wire::RateGroup::Send)] = {};  // only rules refuse here
  start(std::move(given));
  const auto alice = login("alice");
  // Above what may come at once, and what comes anew meanwhile on a slow machine.
  for (int round = 0; round < 40 && server_->stats().floods == 0; ++round) {
    for (int i = 0; i < 500; ++i) alice->sendTo("bob", "x");
    alice->settle();
  }
  EXPECT_NE(0U, server_->stats().floods);
  EXPECT_GE(server_->stats().denials, 2000U);
}

TEST_P(RulesOf, AUserWhoMayNotLogInAnyMoreIsSentAway) {
  startWith({});
  const auto alice = login("alice");
  const auto bob = login("bob");
  Rule rule = denying({"login"});
  rule.users = {"alice"};
  setRules({rule});
  EXPECT_EQ(wire::ByeCode::Banned, alice->awaitBye());
  bob->settle();
  EXPECT_EQ(0U, bob->count(wire::FrameKind::Bye));
}

TEST_P(RulesOf, ASessionWithoutALinkHearsAtItsResumeWhatItHasLost) {
  startWith({});
  auto alice = login("alice");
  const Login session = alice->session();
  const auto room = alice->join("room");
  const auto open = alice->join("open");
  alice.reset();
  ASSERT_TRUE(eventually([&] { return server_->stats().connections == 0; }));
  setRules({denyingIn({"join"}, {"room"})});
  const auto again = resuming("alice", session,
                              {{.channelId = "room", .epoch = room.epoch, .offset = room.offset},
                               {.channelId = "open", .epoch = open.epoch, .offset = open.offset}});
  const RawFrame frame = again->expect<wire::ResumeResult>();
  const auto result = frame.decode<wire::ResumeResult>();
  ASSERT_TRUE(result.resumed);
  ASSERT_EQ(1U, result.channels.size());
  EXPECT_EQ("open", result.channels.front().channelId);
  const RawFrame kicked = again->expect<wire::ChannelKicked>();
  EXPECT_EQ("room", kicked.decode<wire::ChannelKicked>().channelId);
}

TEST_P(RulesOf, ASubscriptionThatIsDeniedEndsWithoutAWord) {
  startWith({});
  const auto alice = login("alice");
  auto bob = login("bob");
  alice->send(wire::PresenceSubscribe{.requestId = alice->nextRequest(), .userIds = {"bob"}});
  EXPECT_EQ(0U, alice->expectResult());
  alice->expect<wire::PresenceEvent>();
  setRules({denying({"presence"})});
  EXPECT_EQ(0U, bob->logout());
  alice->settle();
  EXPECT_EQ(0U, alice->count(wire::FrameKind::PresenceEvent));
}

TEST_P(RulesOf, MalformedRulesAreRefusedAndTheOldOnesStay) {
  server::ServerOptions given = options();
  given.apps.front().rules = {denying({"fly"})};
  const auto refused = server::Server::start(std::move(given));
  ASSERT_FALSE(refused.ok());
  EXPECT_EQ(0U, refused.failure().message.find("rules[0].deny[0]: expected one of login, "))
      << refused.failure().message;
  startWith({denying({"join"})});
  EXPECT_FALSE(server_->setRules(kStaticApp, {denying({"fly"})}).ok());
  EXPECT_FALSE(server_->setRules("ffffffffffffffffffffffffffffffff", {}).ok());
  EXPECT_EQ(server::code::join::kFailure, login("alice")->join("room").code);
}

}  // namespace
}  // namespace rtm::test
