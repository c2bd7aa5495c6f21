#include <chrono>
#include <random>

#include "server/server_fixture.hpp"

namespace rtm::test {
namespace {

/// Bad input ends its connection, with a reason if the server can still send one; all other connections go on.
class BadInput : public ServerTest {
 protected:
  void SetUp() override {
    auto options = quickOptions();
    options.loginTimeoutMs = 60'000;
    start(options);
    witness_ = login("witness");
  }
  void TearDown() override {
    witness_->settle();
    EXPECT_FALSE(witness_->ended());
    EXPECT_EQ("alive", echo(*witness_, "witness"));
    witness_.reset();
    ServerTest::TearDown();
  }
  static std::string echo(TestClient& client, const std::string& user) {
    client.sendTo(user, "alive");
    return client.receive().text;
  }
  static Bytes frame(wire::FrameKind kind, std::size_t announced, Bytes body = {}) {
    Bytes bytes(wire::kFrameHeaderSize);
    wire::writeFrameHeader(bytes.data(), kind, announced);
    bytes.insert(bytes.end(), body.begin(), body.end());
    return bytes;
  }
  template <wire::MessageType M>
  static Bytes encoded(const M& message) {
    Bytes bytes;
    EXPECT_TRUE(wire::appendFrame(bytes, message));
    return bytes;
  }

  std::unique_ptr<TestClient> witness_;
};

TEST_F(BadInput, RandomBytes) {
  std::mt19937 random(1);
  for (int round = 0; round < 100; ++round) {
    TestClient client(endpoint());
    Bytes bytes(1 + random() % 5000);
    for (auto& byte : bytes) byte = static_cast<std::uint8_t>(random());
    bytes[0] = 0xFF;  // else it may be the beginning of a frame that never ends
    client.sendBytes(bytes);
    EXPECT_TRUE(client.awaitEnd());
  }
  EXPECT_LE(100U, server_->stats().malformed);
}

TEST_F(BadInput, RandomBytesAfterLogin) {
  std::mt19937 random(2);
  for (int round = 0; round < 50; ++round) {
    const auto client = login("fuzzer");
    for (int i = 0; i < 2000 && !client->ended(); ++i) {
      Bytes body(random() % 40);
      for (auto& byte : body) byte = static_cast<std::uint8_t>(random());
      client->sendBytes(frame(static_cast<wire::FrameKind>(1 + random() % 60), body.size(), body));
    }
    EXPECT_TRUE(client->awaitEnd());
  }
}

TEST_F(BadInput, AFrameThatAnnouncesTheLargestPossibleBody) {
  TestClient before(endpoint());
  before.sendBytes(frame(wire::FrameKind::Hello, (1U << 24) - 1));
  EXPECT_TRUE(before.awaitEnd());
  const auto after = login("alice");
  after->sendBytes(frame(wire::FrameKind::PeerSend, (1U << 24) - 1));
  EXPECT_TRUE(after->awaitEnd());
}

TEST_F(BadInput, MoreThanAKilobyteBeforeLogin) {
  TestClient client(endpoint());
  client.sendBytes(encoded(wire::Hello{.version = 1, .capabilities = 0, .sdkVersion = std::string(1100, 'x')}));
  EXPECT_TRUE(client.awaitEnd());
  const auto greeted = connect();
  greeted->sendBytes(encoded(wire::Login{.appId = kStaticApp, .userId = "alice", .token = std::string(1100, 'x')}));
  EXPECT_TRUE(greeted->awaitEnd());
}

TEST_F(BadInput, FramesInSingleBytesAreGoodInput) {
  TestClient client(endpoint());
  Bytes bytes = encoded(wire::Hello{.version = 1, .capabilities = 7, .sdkVersion = "slow"});
  const Bytes second = encoded(wire::Login{.appId = kStaticApp, .userId = "slow", .token = {}});
  bytes.insert(bytes.end(), second.begin(), second.end());
  for (const std::uint8_t byte : bytes) client.sendBytes({byte});
  client.expect<wire::HelloOk>();
  EXPECT_EQ(0U, client.expect<wire::LoginResult>().decode<wire::LoginResult>().code);
}

TEST_F(BadInput, ASecondLogin) {
  const auto client = login("alice");
  client->send(wire::Login{.appId = kStaticApp, .userId = "bob", .token = {}});
  EXPECT_EQ(wire::ByeCode::Unexpected, client->awaitBye());
}

TEST_F(BadInput, TwoLoginsAtOnce) {
  const auto client = connect();
  Bytes bytes = encoded(wire::Login{.appId = kStaticApp, .userId = "alice", .token = {}});
  const Bytes second = encoded(wire::Login{.appId = kStaticApp, .userId = "bob", .token = {}});
  bytes.insert(bytes.end(), second.begin(), second.end());
  client->sendBytes(bytes);
  EXPECT_EQ(wire::ByeCode::Unexpected, client->awaitBye());
}

TEST_F(BadInput, AMessageBeforeLogin) {
  const auto client = connect();
  client->sendTo("witness", "let me in");
  EXPECT_EQ(wire::ByeCode::Unexpected, client->awaitBye());
  TestClient silent(endpoint());
  silent.send(wire::Join{.requestId = 1, .channelId = "room"});
  EXPECT_EQ(wire::ByeCode::Unexpected, silent.awaitBye()) << "not even HELLO";
}

TEST_F(BadInput, TwoHellos) {
  const auto client = connect();
  client->send(wire::Hello{.version = 1, .capabilities = 0, .sdkVersion = {}});
  EXPECT_EQ(wire::ByeCode::Unexpected, client->awaitBye());
}

TEST_F(BadInput, AVersionThatDoesNotExist) {
  TestClient client(endpoint());
  client.send(wire::Hello{});
  EXPECT_EQ(wire::ByeCode::Version, client.awaitBye());
}

TEST_F(BadInput, KindsThatOnlyServersSend) {
  const auto client = login("alice");
  client->send(wire::MemberCount{.channelId = "room", .count = 1});
  EXPECT_EQ(wire::ByeCode::Unexpected, client->awaitBye());
}

TEST_F(BadInput, OptionalKindsAreSkipped) {
  const auto client = login("alice");
  client->sendBytes(frame(static_cast<wire::FrameKind>(200), 3, {1, 2, 3}));
  client->settle();
  EXPECT_FALSE(client->ended());
}

TEST_F(BadInput, ABodyThatDoesNotDecode) {
  const auto client = login("alice");
  client->sendBytes(frame(wire::FrameKind::Ping, 2, {0x0A, 0xFF}));
  EXPECT_EQ(wire::ByeCode::Malformed, client->awaitBye());
}

TEST_F(BadInput, AContentThatDoesNotDecode) {
  const auto client = login("alice");
  const Bytes content{0x1A, 0x7F};
  client->send(wire::PeerSend{.seq = 1, .peerId = "witness", .flags = 0, .content = content});
  EXPECT_EQ(wire::ByeCode::Malformed, client->awaitBye());
}

TEST_F(BadInput, ASendWithoutANumber) {
  const auto client = login("alice");
  const Bytes content = TestClient::encodedText("zero");
  client->send(wire::PeerSend{.seq = 0, .peerId = "witness", .flags = 0, .content = content});
  EXPECT_EQ(wire::ByeCode::Malformed, client->awaitBye());
}

TEST_F(BadInput, AcknowledgementsOfTheFutureAndThePastChangeNothing) {
  const auto client = login("alice");
  client->send(wire::InboxAck{.offset = ~std::uint64_t{0}});
  const std::uint64_t seq = witness_->sendTo("alice", "one");
  const auto message = client->receive(false);
  client->send(wire::InboxAck{.offset = 0});
  client->settle();
  witness_->settle();
  EXPECT_EQ(0U, witness_->count(wire::FrameKind::SendResults));
  client->send(wire::InboxAck{.offset = message.offset});
  EXPECT_EQ(0U, witness_->resultOf(seq));
}

TEST_F(BadInput, AMadeUpResume) {
  const auto client = connect();
  client->send(wire::Resume{.appId = kStaticApp,
                            .userId = "witness",
                            .token = {},
                            .sessionId = 1,
                            .resumeToken = Bytes(16, 0),
                            .inboxEpoch = 1,
                            .inboxOffset = 0,
                            .channels = {},
                            .firstUnansweredSeq = 1});
  EXPECT_EQ(wire::ByeCode::RemoteLogin, client->awaitBye()) << "somebody else is logged in";
  const auto other = connect();
  other->send(wire::Resume{.appId = kStaticApp,
                           .userId = "nobody",
                           .token = {},
                           .sessionId = 1,
                           .resumeToken = Bytes(5, 0),
                           .inboxEpoch = 1,
                           .inboxOffset = 0,
                           .channels = {},
                           .firstUnansweredSeq = 1});
  EXPECT_FALSE(other->expect<wire::ResumeResult>().decode<wire::ResumeResult>().resumed);
  EXPECT_EQ(0U, other->tryLogin("nobody").code) << "and may log in on the same connection";
}

TEST(LoginTimeout, ClosesAConnectionThatDoesNotLogIn) {
  auto options = quickOptions();
  options.loginTimeoutMs = 200;
  auto server = std::move(server::Server::start(options).value());
  const std::string where = "rtm://127.0.0.1:" + std::to_string(server->port());
  TestClient silent(where);
  TestClient greeted(where);
  greeted.hello();
  TestClient quick(where);
  quick.hello();
  ASSERT_EQ(0U, quick.tryLogin("alice").code);
  EXPECT_EQ(wire::ByeCode::LoginTimeout, silent.awaitBye());
  EXPECT_EQ(wire::ByeCode::LoginTimeout, greeted.awaitBye());
  quick.settle();
}

TEST(ServerOptions, AreRefusedWithAReasonIfTheyAreInvalid) {
  const auto refused = [](void (*change)(server::ServerOptions&)) {
    auto options = quickOptions();
    change(options);
    const auto started = server::Server::start(options);
    return started.ok() ? std::string("started") : started.failure().message;
  };
  EXPECT_NE(std::string::npos, refused([](auto& o) { o.apps.clear(); }).find("apps"));
  EXPECT_NE(std::string::npos, refused([](auto& o) { o.apps = {{"short", {}}}; }).find("appId"));
  EXPECT_NE(std::string::npos, refused([](auto& o) { o.apps.push_back(o.apps[0]); }).find("twice"));
  EXPECT_NE(std::string::npos, refused([](auto& o) { o.apps[0].certificates = {""}; }).find("certificates"));
  EXPECT_NE(std::string::npos, refused([](auto& o) { o.loops = 0; }).find("loops"));
  EXPECT_NE(std::string::npos, refused([](auto& o) { o.keyPem = "x"; }).find("tls: expected a certificate"));
  EXPECT_NE("started", refused([](auto& o) { o.host = "203.0.113.1"; })) << "not an address of this machine";
}

}  // namespace
}  // namespace rtm::test
