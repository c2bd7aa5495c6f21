// Commands of an operator: ban, disconnect, kick, and a new certificate.

#include <future>

#include "net/transport/tls/tls_context.hpp"
#include "server_fixture.hpp"

namespace rtm::test {
namespace {

constexpr std::uint64_t kForever = ~std::uint64_t{0};

class Commands : public LoopsTest {
 protected:
  /// Waits for the outcome of `command(done)`.
  template <typename Command>
  static bool outcome(Command&& command) {
    auto told = std::make_shared<std::promise<bool>>();
    auto future = told->get_future();
    command([told](bool value) { told->set_value(value); });
    if (future.wait_for(kPatience) != std::future_status::ready) {
      ADD_FAILURE() << "no outcome";
      return false;
    }
    return future.get();
  }
  bool ban(const std::string& user, std::uint64_t untilMs = kForever) {
    return outcome([&](auto done) { server_->ban(kStaticApp, user, untilMs, std::move(done)); });
  }
  bool disconnect(const std::string& user, const std::string& app = kStaticApp) {
    return outcome([&](auto done) { server_->disconnect(app, user, std::move(done)); });
  }
  bool kick(const std::string& channel, const std::string& user) {
    return outcome([&](auto done) { server_->kickFromChannel(kStaticApp, channel, user, std::move(done)); });
  }
  std::unique_ptr<TestClient> resuming(const std::string& user, const Login& session,
                                       std::vector<wire::ChannelPosition> channels = {}) {
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
  void awaitConnections(std::uint64_t count) {
    ASSERT_TRUE(eventually([&] { return server_->stats().connections == count; }));
  }
};

INSTANTIATE_TEST_SUITE_P(Loops, Commands, ::testing::Values(1U, 2U));

TEST_P(Commands, ABanReportsWhetherItEndedASessionAndLastsUntilItIsLifted) {
  start(options());
  const auto alice = login("alice");
  EXPECT_TRUE(ban("alice"));
  EXPECT_EQ(wire::ByeCode::Banned, alice->awaitBye());
  EXPECT_FALSE(ban("alice"));
  const auto refused = connect();
  refused->send(wire::Login{.appId = kStaticApp, .userId = "alice", .token = {}});
  EXPECT_EQ(wire::ByeCode::Banned, refused->awaitBye());
  server_->unban(kStaticApp, "alice");
  login("alice");
}

TEST_P(Commands, ABanEndsAtItsTime) {
  start(options());
  EXPECT_FALSE(ban("alice", (std::uint64_t{nowSeconds()} - 1) * 1000));
  login("alice");
}

TEST_P(Commands, ABanDuringALostLinkIsReportedAtTheResume) {
  start(options());
  const auto bob = login("bob");
  auto alice = login("alice");
  const Login session = alice->session();
  alice->join("room");
  bob->join("room");
  alice->cut();
  awaitConnections(1);
  EXPECT_TRUE(ban("alice"));
  bob->awaitWithHeartbeat(wire::FrameKind::MemberEvent);
  EXPECT_EQ(wire::ByeCode::Banned, resuming("alice", session)->awaitBye());
  server_->unban(kStaticApp, "alice");
  EXPECT_EQ(wire::ByeCode::Banned, resuming("alice", session)->awaitBye()) << "that session is over";
  login("alice");
}

TEST_P(Commands, ABanEndsLoginsAndResumesUnderWay) {
  start(options());
  for (int round = 0; round < 40; ++round) {
    auto alice = login("alice");
    const Login session = alice->session();
    alice->cut();
    const auto coming = round % 2 == 0 ? resuming("alice", session) : connect();
    if (round % 2 != 0) coming->send(wire::Login{.appId = kStaticApp, .userId = "alice", .token = {}});
    ban("alice");
    EXPECT_TRUE(coming->awaitEnd()) << "round " << round;
    ASSERT_TRUE(eventually([&] { return server_->stats().sessions == 0; }));
    server_->unban(kStaticApp, "alice");
  }
}

TEST_P(Commands, ADisconnectedUserMayComeBack) {
  start(options());
  const auto alice = login("alice");
  const auto other = login("alice", kOtherStaticApp);
  EXPECT_TRUE(disconnect("alice"));
  EXPECT_EQ(wire::ByeCode::Banned, alice->awaitBye());
  EXPECT_FALSE(disconnect("alice"));
  EXPECT_FALSE(disconnect("alice", "22222222222222222222222222222222")) << "no such app";
  login("alice");
  other->settle();
}

TEST_P(Commands, AKickedMemberGetsANoticeAndTheOthersSeeItLeave) {
  start(options());
  const auto alice = login("alice");
  const auto bob = login("bob");
  for (const char* room : {"one", "two"}) {
    alice->join(room);
    bob->join(room);
  }
  EXPECT_TRUE(kick("one", "alice"));
  EXPECT_EQ("one", alice->expect<wire::ChannelKicked>().decode<wire::ChannelKicked>().channelId);
  RawFrame event = bob->expect<wire::MemberEvent>();
  while (event.decode<wire::MemberEvent>().left.empty()) event = bob->expect<wire::MemberEvent>();
  EXPECT_EQ((std::vector<std::string_view>{"alice"}), event.decode<wire::MemberEvent>().left);
  EXPECT_EQ((std::vector<std::string>{"bob"}), bob->members("one").second);
  EXPECT_EQ((std::vector<std::string>{"alice", "bob"}), bob->members("two").second);
  EXPECT_EQ(1U, alice->resultOf(alice->sendToChannel("one", "not a member any more")));
  EXPECT_EQ(0U, alice->resultOf(alice->sendToChannel("two", "still a member")));
  EXPECT_FALSE(kick("one", "alice"));
  EXPECT_FALSE(kick("one", "nobody"));
  EXPECT_EQ(0U, alice->join("one").code) << "a kick is no ban";
}

TEST_P(Commands, AKickDuringALostLinkIsReportedAfterTheResume) {
  start(options());
  const auto bob = login("bob");
  auto alice = login("alice");
  const Login session = alice->session();
  for (const char* room : {"one", "two"}) {
    alice->join(room);
    bob->join(room);
  }
  alice->cut();
  awaitConnections(1);
  EXPECT_TRUE(kick("one", "alice"));
  while (bob->members("one").second.size() != 1) bob->settle();
  alice = resuming("alice", session);
  const RawFrame frame = alice->expect<wire::ResumeResult>();
  const auto result = frame.decode<wire::ResumeResult>();
  ASSERT_TRUE(result.resumed);
  ASSERT_EQ(1U, result.channels.size());
  EXPECT_EQ("two", result.channels.front().channelId);
  EXPECT_EQ("one", alice->expect<wire::ChannelKicked>().decode<wire::ChannelKicked>().channelId);
  bob->settle();
  EXPECT_EQ((std::vector<std::string>{"bob"}), bob->members("one").second);
}

TEST_P(Commands, AKickDuringAResumeIsNotLost) {
  start(options());
  for (int round = 0; round < 40; ++round) {  // from loop to loop, as connections fall
    auto alice = login("alice");
    const Login session = alice->session();
    const auto joined = alice->join("room");
    alice->cut();
    alice = resuming("alice", session, {{"room", joined.epoch, joined.offset}});
    const bool was = kick("room", "alice");
    ASSERT_TRUE(alice->expect<wire::ResumeResult>().decode<wire::ResumeResult>().resumed);
    ASSERT_TRUE(was);
    alice->expect<wire::ChannelKicked>();
    EXPECT_EQ(5U, alice->members("room").first) << "not in channel";
    alice->logout();
  }
}

TEST_P(Commands, AKickDuringAJoinComesAfterItsAnswer) {
  start(options());
  const auto alice = login("alice");
  for (int round = 0; round < 40; ++round) {
    alice->send(wire::Join{.requestId = alice->nextRequest(), .channelId = "room"});
    const bool was = kick("room", "alice");
    alice->settle();
    std::vector<wire::FrameKind> about;
    while (const auto frame = alice->awaitAny({wire::FrameKind::JoinResult, wire::FrameKind::ChannelKicked})) {
      about.push_back(frame->kind);
      if (about.size() == (was ? 2U : 1U)) break;
    }
    ASSERT_FALSE(about.empty());
    EXPECT_EQ(wire::FrameKind::JoinResult, about.front());
    if (!was) {
      EXPECT_EQ(0U, alice->leave("room"));
    }
  }
}

TEST_P(Commands, ANewCertificateIsForNewHandshakesAndABadOneChangesNothing) {
  auto tls = options();
  tls.tls = true;
  start(tls);
  const std::string before = server_->fingerprint();
  const auto alice = login("alice");
  const auto made = net::makeSelfSignedCertificate({"localhost"}, 1);
  const auto other = net::makeSelfSignedCertificate({"localhost"}, 1);
  ASSERT_TRUE(made && other);
  const auto mismatch = server_->reloadCertificate(made.value().certificatePem, other.value().keyPem);
  ASSERT_FALSE(mismatch);
  EXPECT_NE("", mismatch.failure().message);
  EXPECT_EQ(before, server_->fingerprint());
  login("carol");
  ASSERT_TRUE(server_->reloadCertificate(made.value().certificatePem, made.value().keyPem));
  EXPECT_NE(before, server_->fingerprint());
  const auto bob = login("bob");  // its pin is the new one
  const std::uint64_t seq = bob->sendTo("alice", "over both certificates");
  EXPECT_EQ("over both certificates", alice->receive().text);
  EXPECT_EQ(0U, bob->resultOf(seq));
}

}  // namespace
}  // namespace rtm::test
