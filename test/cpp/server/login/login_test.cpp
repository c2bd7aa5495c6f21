#include <chrono>

#include "server/server_fixture.hpp"

namespace rtm::test {
namespace {

/// LOGIN_ERR_CODE
constexpr std::uint32_t kLoginOk = 0;
constexpr std::uint32_t kRejected = 2;
constexpr std::uint32_t kInvalidAppId = 4;
constexpr std::uint32_t kInvalidToken = 5;
constexpr std::uint32_t kTokenExpired = 6;
constexpr std::uint32_t kNotAuthorized = 7;

std::string freshToken(std::uint32_t life = 600) {
  Token007 token;
  token.issuedAt = nowSeconds();
  token.expire = life;
  token.services = {rtmService(kUser, {{1, life}})};
  return token.text();
}

std::string token006(std::uint32_t endsAt) {
  Token006 token;
  token.ts = endsAt;
  return token.text();
}

std::string tampered(std::string token, std::size_t fromEnd) {
  token[token.size() - fromEnd] = token[token.size() - fromEnd] == 'A' ? 'B' : 'A';
  return token;
}

struct LoginCase {
  const char* name;
  std::string app;
  std::string user;
  std::string token;
  std::uint32_t code;
};

class LoginMatrix : public ServerTest, public ::testing::WithParamInterface<LoginCase> {};

TEST_P(LoginMatrix, AnswersWithTheCodeOfTheTable) {
  const LoginCase& table = GetParam();
  start(quickOptions());
  const auto client = connect();
  EXPECT_EQ(table.code, client->tryLogin(table.user, table.app, table.token).code);
  if (table.code != kLoginOk) {
    EXPECT_TRUE(client->awaitEnd()) << "a refused client is let go";
  }
  EXPECT_EQ(table.code == kLoginOk ? 1U : 0U, server_->stats().logins);
  EXPECT_EQ(table.code == kLoginOk ? 0U : 1U, server_->stats().loginFailures);
}

Token007 differing(void (*change)(Token007&)) {
  Token007 token;
  token.issuedAt = nowSeconds();
  change(token);
  return token;
}

std::vector<LoginCase> loginCases() {
  return {
      {"StaticWithoutToken", kStaticApp, "alice", "", kLoginOk},
      {"StaticWithTheAppId", kStaticApp, "alice", kStaticApp, kLoginOk},
      {"StaticWithARealToken", kStaticApp, "alice", freshToken(), kInvalidToken},
      {"UnknownApp", std::string(32, 'f'), "alice", "", kInvalidAppId},
      {"MalformedApp", "no app", "alice", "", kInvalidAppId},
      {"EmptyUser", kStaticApp, "", "", kRejected},
      {"UserNamedNull", kStaticApp, "null", "", kRejected},
      {"UserOf64Bytes", kStaticApp, std::string(64, 'u'), "", kLoginOk},
      {"UserOf65Bytes", kStaticApp, std::string(65, 'u'), "", kRejected},
      {"UserWithAForbiddenCharacter", kStaticApp, "a/b", "", kRejected},
      {"Token007", kAppId, kUser, freshToken(), kLoginOk},
      {"Token006", kAppId, kUser, token006(nowSeconds() + 86400), kLoginOk},
      {"NoTokenAlthoughDynamic", kAppId, kUser, "", kInvalidToken},
      {"AppIdAlthoughDynamic", kAppId, kUser, kAppId, kInvalidToken},
      {"TokenOfAnotherUser", kAppId, "bob", freshToken(), kInvalidToken},
      {"TokenOfAnotherApp", kAppId, kUser, differing([](Token007& token) { token.appId = kStaticApp; }).text(),
       kInvalidToken},
      {"TokenOfAnotherCertificate", kAppId, kUser,
       differing([](Token007& token) { token.certificate = kStaticApp; }).text(), kInvalidToken},
      {"ExpiredToken", kAppId, kUser, differing([](Token007& token) { token.issuedAt -= 601; }).text(), kTokenExpired},
      {"TokenWithoutTheRtmService", kAppId, kUser, differing([](Token007& token) { token.services = {}; }).text(),
       kNotAuthorized},
      {"TruncatedToken", kAppId, kUser, freshToken().substr(0, 60), kInvalidToken},
      {"TokenWithAFlippedBit", kAppId, kUser, tampered(freshToken(), 40), kInvalidToken},
      {"Expired006", kAppId, kUser, token006(nowSeconds() - 1), kTokenExpired},
  };
}
INSTANTIATE_TEST_SUITE_P(Table, LoginMatrix, ::testing::ValuesIn(loginCases()),
                         [](const auto& test) { return std::string(test.param.name); });

using Logins = LoopsTest;
INSTANTIATE_TEST_SUITE_P(Loops, Logins, ::testing::Values(1U, 2U));

TEST_P(Logins, BringThePolicyAndTimesOfTheServer) {
  auto policy = options();
  policy.limits = server::Limits::sdk();
  policy.limits.invitations = {.contentBytes = 100, .responseBytes = 0};
  policy.heartbeatMs = 1234;
  policy.graceMs = 4321;
  policy.area = 4;
  start(policy);
  TestClient client(endpoint());
  client.send(wire::Hello{.version = 9, .capabilities = ~std::uint64_t{0}, .sdkVersion = "test"});
  const RawFrame hello = client.expect<wire::HelloOk>();
  EXPECT_EQ(1U, hello.decode<wire::HelloOk>().version) << "the highest both speak";
  EXPECT_EQ(7U, hello.decode<wire::HelloOk>().capabilities);
  EXPECT_EQ(4U, hello.decode<wire::HelloOk>().area);
  client.send(wire::Login{.appId = kStaticApp, .userId = "alice", .token = {}});
  const RawFrame frame = client.expect<wire::LoginResult>();
  const auto result = frame.decode<wire::LoginResult>();
  EXPECT_EQ(1234U, result.heartbeatMs);
  EXPECT_EQ(4321U, result.graceMs);
  EXPECT_EQ(0U, result.tokenLifeMs);
  EXPECT_EQ(16U, result.resumeToken.size());
  EXPECT_NE(0U, result.sessionId);
  ASSERT_TRUE(result.limits.has_value());
  EXPECT_EQ(32768U, result.limits->messageBytes);
  EXPECT_EQ(20U, result.limits->joinedChannels);
  ASSERT_TRUE(result.limits->userAttributes && result.limits->channelAttributes && result.limits->invitations);
  EXPECT_EQ(32U, result.limits->userAttributes->entries);
  EXPECT_EQ(16U * 1024, result.limits->userAttributes->totalBytes);
  EXPECT_EQ(32U * 1024, result.limits->channelAttributes->totalBytes);
  EXPECT_EQ(100U, result.limits->invitations->contentBytes);
  EXPECT_EQ(30U * 1024, result.limits->invitations->responseBytes) << "what a frame carries";
  const auto send = std::find_if(result.limits->rates.begin(), result.limits->rates.end(),
                                 [](const wire::RateLimit& rate) { return rate.group == 3; });
  ASSERT_NE(result.limits->rates.end(), send);
  EXPECT_EQ(1500U, send->count);
  EXPECT_EQ(3000U, send->windowMs);
}

TEST_P(Logins, OfTheSameUserElsewhereEndTheFirst) {
  start(options());
  const auto first = login("alice");
  const auto second = login("alice");
  EXPECT_EQ(wire::ByeCode::RemoteLogin, first->awaitBye());
  second->settle();
  EXPECT_EQ(1U, server_->stats().sessions);
  EXPECT_EQ(1U, server_->stats().kicks);
}

TEST_P(Logins, OfTheSameNameInAnotherAppAreAnotherUser) {
  start(options());
  const auto one = login("alice", kStaticApp);
  const auto other = login("alice", kOtherStaticApp);
  one->settle();
  other->settle();
  EXPECT_EQ(2U, server_->stats().sessions);
}

TEST_P(Logins, AThousandOfOneUserLeaveOneSession) {
  constexpr int kRounds = 50;
  constexpr int kAtOnce = 20;
  start(options());
  std::vector<std::unique_ptr<TestClient>> clients;
  const TestClient* survivor = nullptr;
  for (int round = 0; round < kRounds; ++round) {
    for (int i = 0; i < kAtOnce; ++i) {
      auto client = std::make_unique<TestClient>(endpoint());
      client->send(wire::Hello{.version = 1, .capabilities = 7, .sdkVersion = {}});
      client->send(wire::Login{.appId = kStaticApp, .userId = "alice", .token = {}});
      clients.push_back(std::move(client));
    }
    // All but one of them end: kicked, or refused because a later one came first.
    ASSERT_TRUE(eventually([&] {
      return std::count_if(clients.begin(), clients.end(), [](const auto& client) { return !client->ended(); }) == 1;
    }));
    std::erase_if(clients, [](const auto& client) { return client->ended(); });
    if (std::exchange(survivor, clients.front().get()) != clients.front().get()) {
      EXPECT_EQ(kLoginOk, clients.front()->expect<wire::LoginResult>().decode<wire::LoginResult>().code);
    }
    ASSERT_EQ(1U, server_->stats().sessions);
  }
  clients.front()->settle();
  const auto bob = login("bob");
  const std::uint64_t seq = bob->sendTo("alice", "still one");
  EXPECT_EQ("still one", clients.front()->receive().text);
  EXPECT_EQ(0U, bob->resultOf(seq));
}

TEST_P(Logins, EndAtOnceByLogout) {
  start(options());
  const auto alice = login("alice");
  const auto bob = login("bob");
  alice->join("room");
  bob->join("room");
  EXPECT_EQ(0U, alice->logout());
  EXPECT_TRUE(alice->awaitEnd());
  EXPECT_EQ(3U, bob->resultOf(bob->sendTo("alice", "gone")));
  const RawFrame frame = bob->expect<wire::MemberEvent>();
  EXPECT_EQ((std::vector<std::string_view>{"alice"}), frame.decode<wire::MemberEvent>().left);
  EXPECT_EQ((std::vector<std::string>{"bob"}), bob->members("room").second);
}

TEST_P(Logins, EndWhenTheTokenRunsOut) {
  start(options());
  const auto client = connect();
  const auto result = client->tryLogin(kUser, kAppId, freshToken(1));
  ASSERT_EQ(0U, result.code);
  EXPECT_GE(1000U, result.tokenLifeMs);
  EXPECT_LT(0U, result.tokenLifeMs);
  EXPECT_EQ(wire::ByeCode::TokenExpired, client->awaitBye());
  EXPECT_TRUE(eventually([&] { return server_->stats().sessions == 0; }));
}

TEST_P(Logins, GoOnWithARenewedToken) {
  start(options());
  const auto client = connect();
  ASSERT_EQ(0U, client->tryLogin(kUser, kAppId, freshToken(1)).code);
  const auto renew = [&](const std::string& token) {
    client->send(wire::RenewToken{.requestId = client->nextRequest(), .token = token});
    const RawFrame frame = client->expect<wire::Result>();
    return frame.decode<wire::Result>();
  };
  EXPECT_EQ(6U, renew("nonsense").code);
  EXPECT_EQ(6U, renew(differing([](Token007& token) { token.services = {rtmService("bob")}; }).text()).code);
  EXPECT_EQ(5U, renew(differing([](Token007& token) { token.issuedAt -= 601; }).text()).code);
  const auto renewed = renew(freshToken(600));
  EXPECT_EQ(0U, renewed.code);
  EXPECT_LT(590'000U, renewed.tokenLifeMs);
  EXPECT_FALSE(client->await(wire::FrameKind::Bye, std::chrono::milliseconds(1500)));
  EXPECT_FALSE(client->ended());
}

TEST_P(Logins, EndInTimeWhenTheTokenIsRenewedWithOneThatEndsSooner) {
  start(options());
  const auto client = connect();
  ASSERT_EQ(0U, client->tryLogin(kUser, kAppId, freshToken(600)).code);
  client->settle();
  client->send(wire::RenewToken{.requestId = client->nextRequest(), .token = freshToken(1)});
  const RawFrame frame = client->expect<wire::Result>();
  const auto renewed = frame.decode<wire::Result>();
  ASSERT_EQ(0U, renewed.code);
  const auto due = std::chrono::steady_clock::now() + std::chrono::milliseconds(renewed.tokenLifeMs);
  EXPECT_EQ(wire::ByeCode::TokenExpired, client->awaitBye());
  EXPECT_GT(std::chrono::milliseconds(1500), std::chrono::steady_clock::now() - due);
}

TEST_P(Logins, OfBannedUsersAreRefusedUntilTheBanEnds) {
  start(options());
  const auto alice = login("alice");
  server_->ban(kStaticApp, "alice", (std::uint64_t{nowSeconds()} + 3600) * 1000);
  EXPECT_EQ(wire::ByeCode::Banned, alice->awaitBye());
  const auto again = connect();
  again->send(wire::Login{.appId = kStaticApp, .userId = "alice", .token = {}});
  EXPECT_EQ(wire::ByeCode::Banned, again->awaitBye());
  server_->unban(kStaticApp, "alice");
  const auto free = login("alice");
  EXPECT_NE(0U, free->session().sessionId);
}

TEST_P(Logins, WorkOverTls) {
  auto tls = options();
  tls.tls = true;
  start(tls);
  EXPECT_EQ(64U, server_->fingerprint().size());
  const auto alice = login("alice");
  const auto bob = login("bob");
  const std::uint64_t seq = alice->sendTo("bob", "secret");
  EXPECT_EQ("secret", bob->receive().text);
  EXPECT_EQ(0U, alice->resultOf(seq));
}

TEST_P(Logins, GetAGoodbyeWhenTheServerShutsDown) {
  start(options());
  const auto alice = login("alice");
  server_->close();
  EXPECT_EQ(wire::ByeCode::ShuttingDown, alice->awaitBye());
}

}  // namespace
}  // namespace rtm::test
