#include <optional>

#include "server/server_fixture.hpp"

namespace rtm::test {
namespace {

constexpr std::uint32_t kTooOften = 5;  ///< ATTRIBUTE_OPERATION_ERR_TOO_OFTEN
constexpr std::uint32_t kWrites = 100;  ///< in 5 s

class Relogin : public LoopsTest {
 protected:
  void SetUp() override {
    server::ServerOptions options = LoopsTest::options();
    options.limits.rates = server::Limits::sdk().rates;
    // Longer than any test run, so that no window ends in the middle.
    options.limits.rates[static_cast<std::size_t>(wire::RateGroup::ChannelAttributesWrite)].windowMs = 600'000;
    start(std::move(options));
  }
  static std::uint32_t write(TestClient& client) {
    client.send(wire::ChannelAttributesWrite{.requestId = client.nextRequest(),
                                             .channelId = "room",
                                             .action = wire::AttributeAction::Merge,
                                             .entries = {{"key", "value", {}, {}}},
                                             .notify = false});
    return client.expectResult();
  }
  static void useUp(TestClient& client) {
    for (std::uint32_t i = 0; i < kWrites; ++i) ASSERT_EQ(0U, write(client)) << "write " << i;
    ASSERT_EQ(kTooOften, write(client));
  }
};
INSTANTIATE_TEST_SUITE_P(Loops, Relogin, ::testing::Values(1U, 2U));

TEST_P(Relogin, AfterALogoutIsNoWayAroundACallFrequency) {
  const auto first = login("ann");
  useUp(*first);
  EXPECT_EQ(0U, first->logout());
  // With two loops, several logins find each of them.
  for (int again = 0; again < 4; ++again) {
    const auto client = login("ann");
    EXPECT_EQ(kTooOften, write(*client)) << "login " << again;
    EXPECT_EQ(0U, client->logout());
  }
  const auto other = login("ben");
  EXPECT_EQ(0U, write(*other)) << "another user has its own";
}

TEST_P(Relogin, ElsewhereIsNoWayAroundACallFrequency) {
  auto client = login("ann");
  useUp(*client);
  for (int again = 0; again < 4; ++again) {
    auto next = login("ann");  // ends the one before
    EXPECT_EQ(kTooOften, write(*next)) << "login " << again;
    client = std::move(next);
  }
}

TEST_P(Relogin, OfAUserOfAnotherAppHasItsOwnQuotas) {
  const auto client = login("ann");
  useUp(*client);
  EXPECT_EQ(0U, client->logout());
  const auto other = login("ann", kOtherStaticApp);
  EXPECT_EQ(0U, write(*other));
}

/// How often an address and a user may log in.
class LoginRate : public ServerTest {
 protected:
  static server::ServerOptions counted() {
    server::ServerOptions options = quickOptions();
    // Slow enough that no test run sees the bucket fill.
    options.limits.rates[static_cast<std::size_t>(wire::RateGroup::Login)] = {2, 600'000};
    return options;
  }
  static constexpr std::uint32_t kUserBurst = 10;
  static constexpr std::uint32_t kLoginTooOften = 10;  ///< LOGIN_ERR_TOO_OFTEN
};

TEST_F(LoginRate, OfAUserIsRefusedWithTheCodeOfTheSdk) {
  start(counted());
  for (std::uint32_t i = 0; i < kUserBurst; ++i) EXPECT_EQ(0U, connect()->tryLogin("ann").code) << i;
  const auto refused = connect();
  EXPECT_EQ(kLoginTooOften, refused->tryLogin("ann").code);
  EXPECT_TRUE(refused->awaitEnd());
  EXPECT_EQ(0U, connect()->tryLogin("ben").code);
  const auto stats = server_->stats();
  EXPECT_EQ(1U, stats.loginRefusals[static_cast<std::size_t>(server::LoginRefusal::TooOften)]);
}

TEST_F(LoginRate, OfAUserIsNotSpentByWhoHasNoToken) {
  start(counted());
  for (std::uint32_t i = 0; i < 2 * kUserBurst; ++i) {
    EXPECT_NE(0U, connect()->tryLogin(kUser, kAppId, "forged").code);
  }
  Token007 token;
  token.issuedAt = nowSeconds();
  token.expire = 600;
  token.services = {rtmService(kUser, {{1, 600}})};
  EXPECT_EQ(0U, connect()->tryLogin(kUser, kAppId, token.text()).code);
}

TEST_F(LoginRate, OfAnAddressIsPutOffWithATime) {
  server::ServerOptions options = counted();
  options.admission.logins = 1;
  options.admission.loginBurst = 3;
  start(std::move(options));
  std::uint32_t accepted = 0;
  std::optional<wire::ByeCode> code;
  std::uint32_t retryAfterMs = 0;
  // One a second comes in again, so the fourth or a later one is put off.
  for (int i = 0; i < 50 && !code; ++i) {
    const auto client = connect();
    client->send(wire::Login{.appId = kStaticApp, .userId = "user " + std::to_string(i), .token = ""});
    const auto frame = client->awaitAny({wire::FrameKind::LoginResult, wire::FrameKind::Bye});
    ASSERT_TRUE(frame.has_value());
    if (frame->kind == wire::FrameKind::LoginResult) {
      ++accepted;
      continue;
    }
    code = frame->decode<wire::Bye>().code;
    retryAfterMs = frame->decode<wire::Bye>().retryAfterMs;
  }
  EXPECT_GE(accepted, 3U);
  EXPECT_EQ(wire::ByeCode::Overloaded, code);
  EXPECT_GE(retryAfterMs, 1000U);
  EXPECT_LT(retryAfterMs, 5000U);
}

TEST_F(LoginRate, OfAnExemptAddressIsNotCounted) {
  server::ServerOptions options = counted();
  options.admission.logins = 1;
  options.admission.loginBurst = 1;
  options.exemptNetworks = {"127.0.0.0/8"};
  start(std::move(options));
  for (int i = 0; i < 20; ++i) EXPECT_EQ(0U, connect()->tryLogin("user " + std::to_string(i)).code);
}

TEST_F(LoginRate, IsOffWithoutTheCallFrequencyOfLogins) {
  server::ServerOptions options = quickOptions();  // Limits::off()
  options.admission.logins = 1;
  options.admission.loginBurst = 1;
  start(std::move(options));
  for (int i = 0; i < 20; ++i) EXPECT_EQ(0U, connect()->tryLogin("ann").code);
}

}  // namespace
}  // namespace rtm::test
