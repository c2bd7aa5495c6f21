#include "server/server_fixture.hpp"

namespace rtm::test {
namespace {

constexpr std::uint32_t kOnline = 0;
constexpr std::uint32_t kUnreachable = 1;
constexpr std::uint32_t kOffline = 2;

using States = std::map<std::string, std::uint32_t>;
using Ids = std::vector<std::string>;

std::vector<std::string_view> views(const Ids& ids) {
  return {ids.begin(), ids.end()};
}

Ids manyIds(std::size_t count) {
  Ids ids;
  for (std::size_t i = 0; i < count; ++i) ids.push_back("user" + std::to_string(i));
  return ids;
}

class Presence : public LoopsTest {
 protected:
  static std::pair<std::uint32_t, std::vector<std::uint32_t>> query(TestClient& client, const Ids& ids) {
    client.send(wire::PresenceQuery{.requestId = client.nextRequest(), .userIds = views(ids)});
    const RawFrame frame = client.expect<wire::PresenceStates>();
    const auto answer = frame.decode<wire::PresenceStates>();
    return {answer.code, answer.states};
  }
  static std::uint32_t subscribe(TestClient& client, const Ids& ids) {
    client.send(wire::PresenceSubscribe{.requestId = client.nextRequest(), .userIds = views(ids)});
    return client.expectResult();
  }
  static std::uint32_t unsubscribe(TestClient& client, const Ids& ids) {
    client.send(wire::PresenceUnsubscribe{.requestId = client.nextRequest(), .userIds = views(ids)});
    return client.expectResult();
  }
  static States event(TestClient& client) {
    const RawFrame frame = client.expect<wire::PresenceEvent>();
    const auto told = frame.decode<wire::PresenceEvent>();
    EXPECT_EQ(told.userIds.size(), told.states.size());
    States states;
    for (std::size_t i = 0; i < told.userIds.size() && i < told.states.size(); ++i) {
      EXPECT_TRUE(states.emplace(told.userIds[i], told.states[i]).second) << "told twice: " << told.userIds[i];
    }
    return states;
  }
  /// Nothing has been reported so far. The turns of its own loop are over; news of another loop take a moment longer.
  static void expectSilence(TestClient& client) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    client.settle();
    EXPECT_EQ(0U, client.count(wire::FrameKind::PresenceEvent));
  }
  std::unique_ptr<TestClient> resume(const std::string& user, const Login& session) {
    auto client = connect();
    client->send(wire::Resume{.appId = kStaticApp,
                              .userId = user,
                              .token = {},
                              .sessionId = session.sessionId,
                              .resumeToken = session.resumeToken,
                              .inboxEpoch = session.inboxEpoch,
                              .inboxOffset = 0,
                              .channels = {},
                              .firstUnansweredSeq = 1});
    EXPECT_TRUE(client->expect<wire::ResumeResult>().decode<wire::ResumeResult>().resumed);
    return client;
  }
  /// On a busy machine a test may take long: no user falls silent unless the test is about silence.
  server::ServerOptions patient() const {
    server::ServerOptions with = options();
    with.unreachableMs = with.graceMs = 600'000;
    return with;
  }
  server::ServerOptions withLimits() const {
    server::ServerOptions with = patient();
    with.limits.subscribedPeers = 512;
    with.limits.queryPeers = 256;
    return with;
  }
};
INSTANTIATE_TEST_SUITE_P(Loops, Presence, ::testing::Values(1U, 2U));

TEST_P(Presence, IsAnsweredInTheOrderAskedAndWithinTheApp) {
  start(patient());
  const auto alice = login("alice");
  const auto bob = login("bob");
  const auto elsewhere = login("carol", kOtherStaticApp);
  const auto [code, states] = query(*alice, {"nobody", "bob", "carol", "alice", "bob"});
  EXPECT_EQ(0U, code);
  EXPECT_EQ((std::vector<std::uint32_t>{kOffline, kOnline, kOffline, kOnline, kOnline}), states);
}

TEST_P(Presence, IsAskedForUpTo256ValidUsers) {
  start(withLimits());
  const auto alice = login("alice");
  EXPECT_EQ(255U, query(*alice, manyIds(255)).second.size());
  EXPECT_EQ(256U, query(*alice, manyIds(256)).second.size());
  EXPECT_EQ(2U, query(*alice, manyIds(257)).first);
  EXPECT_EQ(2U, query(*alice, {}).first);
  EXPECT_EQ(2U, query(*alice, {"bob", "a*b"}).first);
}

TEST_P(Presence, OfSubscribedUsersComesAtOnceAndThenOnChanges) {
  start(patient());
  const auto alice = login("alice");
  auto bob = login("bob");
  EXPECT_EQ(0U, subscribe(*alice, {"bob", "carol", "bob", "alice"}));
  EXPECT_EQ((States{{"alice", kOnline}, {"bob", kOnline}, {"carol", kOffline}}), event(*alice));
  const auto carol = login("carol");
  EXPECT_EQ((States{{"carol", kOnline}}), event(*alice));
  bob->logout();
  EXPECT_EQ((States{{"bob", kOffline}}), event(*alice));
  EXPECT_EQ(0U, unsubscribe(*alice, {"bob", "unknown"}));
  bob = login("bob");
  expectSilence(*alice);
}

TEST_P(Presence, ComesAgainWhenAUserSubscribesAgain) {
  start(patient());
  const auto alice = login("alice");
  EXPECT_EQ(0U, subscribe(*alice, {"bob"}));
  EXPECT_EQ((States{{"bob", kOffline}}), event(*alice));
  EXPECT_EQ(0U, subscribe(*alice, {"bob", "carol"}));
  EXPECT_EQ((States{{"bob", kOffline}, {"carol", kOffline}}), event(*alice));
}

TEST_P(Presence, SubscriptionsAreBoundedInTotalAndAnExcessChangesNothing) {
  start(withLimits());
  const auto alice = login("alice");
  EXPECT_EQ(6U, subscribe(*alice, manyIds(513)));
  EXPECT_EQ(0U, subscribe(*alice, manyIds(511)));
  EXPECT_EQ(511U, event(*alice).size());
  EXPECT_EQ(6U, subscribe(*alice, {"one", "two"}));
  const auto one = login("one");
  expectSilence(*alice);
  EXPECT_EQ(0U, subscribe(*alice, {"two"}));
  EXPECT_EQ((States{{"two", kOffline}}), event(*alice));
  EXPECT_EQ(0U, subscribe(*alice, {"two", "user0"})) << "no new ones";
  event(*alice);
  EXPECT_EQ(6U, subscribe(*alice, {"one"}));
  EXPECT_EQ(6U, unsubscribe(*alice, manyIds(513)));
  EXPECT_EQ(0U, unsubscribe(*alice, {"user0"}));
  EXPECT_EQ(0U, subscribe(*alice, {"one"}));
  EXPECT_EQ((States{{"one", kOnline}}), event(*alice));
  EXPECT_EQ(2U, subscribe(*alice, {}));
  EXPECT_EQ(2U, subscribe(*alice, {"a/b"}));
  EXPECT_EQ(2U, unsubscribe(*alice, {}));
}

TEST_P(Presence, OfAUserReachesManyWatchers) {
  constexpr std::size_t kWatchers = 512;
  start(patient());
  std::vector<std::unique_ptr<TestClient>> watchers;
  for (std::size_t i = 0; i < kWatchers; ++i) {
    watchers.push_back(login("watcher" + std::to_string(i)));
    ASSERT_EQ(0U, subscribe(*watchers.back(), {"bob"}));
    ASSERT_EQ((States{{"bob", kOffline}}), event(*watchers.back()));
  }
  const auto bob = login("bob");
  for (const auto& watcher : watchers) ASSERT_EQ((States{{"bob", kOnline}}), event(*watcher));
}

TEST_P(Presence, IsUnreachableAfterSilenceAndOnlineWhenHeard) {
  server::ServerOptions quick = patient();
  quick.unreachableMs = 300;
  start(quick);
  const auto alice = login("alice");
  const auto bob = login("bob");
  subscribe(*alice, {"bob"});
  EXPECT_EQ((States{{"bob", kOnline}}), event(*alice));
  EXPECT_EQ((States{{"bob", kUnreachable}}), event(*alice));
  EXPECT_EQ((std::vector<std::uint32_t>{kOnline}), query(*alice, {"bob"}).second) << "never UNREACHABLE to a query";
  bob->settle();
  EXPECT_EQ((States{{"bob", kOnline}}), event(*alice));
}

TEST_P(Presence, IsUnreachableWhileALinkIsLostAndOnlineAfterAResume) {
  server::ServerOptions quick = patient();
  quick.unreachableMs = 300;
  start(quick);
  const auto alice = login("alice");
  auto bob = login("bob");
  const Login session = bob->session();
  subscribe(*alice, {"bob"});
  EXPECT_EQ((States{{"bob", kOnline}}), event(*alice));
  bob->cut();
  EXPECT_EQ((States{{"bob", kUnreachable}}), event(*alice));
  bob = resume("bob", session);
  EXPECT_EQ((States{{"bob", kOnline}}), event(*alice));
}

TEST_P(Presence, IsOfflineWhenTheGracePeriodOfALostLinkIsOver) {
  server::ServerOptions quick = options();
  quick.unreachableMs = 300;
  quick.graceMs = 2000;
  start(quick);
  const auto alice = login("alice");
  const auto bob = login("bob");
  subscribe(*alice, {"bob"});
  EXPECT_EQ((States{{"bob", kOnline}}), event(*alice));
  bob->cut();
  EXPECT_EQ((States{{"bob", kUnreachable}}), event(*alice));
  // Alice has to say something now and then, or her own session ends.
  EXPECT_TRUE(eventually([&alice] {
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    alice->settle();
    return alice->count(wire::FrameKind::PresenceEvent) != 0;
  }));
  EXPECT_EQ((States{{"bob", kOffline}}), event(*alice));
}

TEST_P(Presence, DoesNotChangeWhenALoginTakesOver) {
  start(patient());
  const auto alice = login("alice");
  const auto bob = login("bob");
  subscribe(*alice, {"bob"});
  event(*alice);
  const auto successor = login("bob");
  EXPECT_EQ(wire::ByeCode::RemoteLogin, bob->awaitBye());
  expectSilence(*alice);
  successor->logout();
  EXPECT_EQ((States{{"bob", kOffline}}), event(*alice));
}

TEST_P(Presence, SubscriptionsSurviveAResumeAndAllStatesComeAgain) {
  start(patient());
  auto alice = login("alice");
  const Login session = alice->session();
  subscribe(*alice, {"bob", "carol"});
  event(*alice);
  alice->cut();
  const auto bob = login("bob");
  alice = resume("alice", session);
  EXPECT_EQ((States{{"bob", kOnline}, {"carol", kOffline}}), event(*alice));
  const auto carol = login("carol");
  EXPECT_EQ((States{{"carol", kOnline}}), event(*alice));
}

TEST_P(Presence, SubscriptionsEndWithTheSession) {
  start(patient());
  auto alice = login("alice");
  subscribe(*alice, {"bob"});
  event(*alice);
  alice->logout();
  alice = login("alice");
  const auto bob = login("bob");
  expectSilence(*alice);
}

TEST_P(Presence, CallsAreCountedByGroup) {
  server::ServerOptions counted = patient();
  const auto rate = [&counted](wire::RateGroup group) {
    counted.limits.rates[static_cast<std::size_t>(group)] = {2, 60'000};
  };
  rate(wire::RateGroup::PresenceQuery);
  rate(wire::RateGroup::Subscribe);
  rate(wire::RateGroup::Unsubscribe);
  start(counted);
  const auto alice = login("alice");
  for (const std::uint32_t expected : {0U, 0U, 5U}) {
    EXPECT_EQ(expected, query(*alice, {"bob"}).first);
    EXPECT_EQ(expected, subscribe(*alice, {"bob"}));
    EXPECT_EQ(expected, unsubscribe(*alice, {"bob"}));
  }
}

TEST_P(Presence, CountsOfChannelsComeInTheOrderAskedForUpTo32Channels) {
  start(patient());
  const auto alice = login("alice");
  alice->join("room");
  const auto counts = [&alice](const Ids& channels) {
    alice->send(wire::GetMemberCounts{.requestId = alice->nextRequest(), .channelIds = views(channels)});
    const RawFrame frame = alice->expect<wire::MemberCounts>();
    const auto answer = frame.decode<wire::MemberCounts>();
    return std::pair(answer.code, answer.counts);
  };
  Ids channels = manyIds(30);
  channels.emplace_back("room");
  EXPECT_EQ(31U, counts(channels).second.size());
  EXPECT_EQ(1U, counts(channels).second.back());
  channels.emplace_back("room");
  EXPECT_EQ(32U, counts(channels).second.size());
  channels.emplace_back("room");
  EXPECT_EQ(5U, counts(channels).first);
  EXPECT_EQ(2U, counts({}).first);
  EXPECT_EQ(2U, counts({"room", "null"}).first);
}

}  // namespace
}  // namespace rtm::test
