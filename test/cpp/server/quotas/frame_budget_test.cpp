#include "server/quotas/frame_budget.hpp"

#include "server/server_fixture.hpp"

namespace rtm::test {
namespace {

using server::FrameBudget;
using Verdict = FrameBudget::Verdict;

Verdict spendMany(FrameBudget& budget, std::uint64_t count, std::uint64_t nowMs) {
  for (std::uint64_t i = 1; i < count; ++i) {
    EXPECT_EQ(Verdict::Go, budget.spend(nowMs)) << i;
  }
  return budget.spend(nowMs);
}

TEST(FrameBudget, AHeartbeatNeverUsesItUp) {
  FrameBudget budget;
  for (std::uint64_t second = 0; second < 100'000; second += 2) {
    ASSERT_EQ(Verdict::Go, budget.spend(second * 1000));
  }
}

TEST(FrameBudget, ABurstIsForgivenAndAFloodRestsThenIsCut) {
  FrameBudget budget;
  EXPECT_EQ(Verdict::Go, spendMany(budget, FrameBudget::kBurst, 1000));
  EXPECT_EQ(Verdict::Rest, budget.spend(1000));
  EXPECT_EQ(Verdict::Go, budget.spend(1999)) << "the frames of the read that began the rest";
  // After each rest a second's frames are left.
  EXPECT_EQ(Verdict::Rest, spendMany(budget, FrameBudget::kPerSecond, 2001));
  EXPECT_EQ(Verdict::Rest, spendMany(budget, FrameBudget::kPerSecond + 1, 3001));
  EXPECT_EQ(Verdict::Cut, spendMany(budget, FrameBudget::kPerSecond + 1, 4001));
}

TEST(FrameBudget, AfterAMinuteARestIsForgotten) {
  FrameBudget budget;
  std::uint64_t now = 0;
  for (int round = 0; round < 10; ++round) {
    EXPECT_EQ(Verdict::Rest, spendMany(budget, FrameBudget::kBurst + 1, now)) << round;
    now += FrameBudget::kForgiveMs;
  }
}

/// A flood of frames without effect ends the connection that sends it, and others notice nothing.
class FrameFlood : public ServerTest {
 protected:
  void SetUp() override {
    start(quickOptions());
    witness_ = login("witness");
    flooder_ = login("flooder");
  }
  /// Sends until the server ends the connection; a server that serves the flood keeps up with it for ever.
  void floodWith(const Bytes& frame) {
    Bytes many;
    for (int i = 0; i < 1000; ++i) many.insert(many.end(), frame.begin(), frame.end());
    const auto until = std::chrono::steady_clock::now() + kPatience;
    std::uint64_t rounds = 0;
    while (!flooder_->ended() && std::chrono::steady_clock::now() < until) {
      flooder_->sendBytes(many);
      witness_->sendTo("witness", "alive " + std::to_string(++rounds));
      ASSERT_EQ("alive " + std::to_string(rounds), witness_->receive().text);
    }
    EXPECT_TRUE(flooder_->ended());
    EXPECT_GE(server_->stats().floods, 1U + FrameBudget::kRestsBeforeCut);
    const auto bye = flooder_->await(wire::FrameKind::Bye);
    ASSERT_TRUE(bye.has_value());
    EXPECT_EQ(wire::ByeCode::Overloaded, bye->decode<wire::Bye>().code);
    EXPECT_EQ(30'000U, bye->decode<wire::Bye>().retryAfterMs);
  }
  template <wire::MessageType M>
  static Bytes encoded(const M& message) {
    Bytes bytes;
    EXPECT_TRUE(wire::appendFrame(bytes, message));
    return bytes;
  }

  std::unique_ptr<TestClient> witness_;
  std::unique_ptr<TestClient> flooder_;
};

TEST_F(FrameFlood, OfPingsIsSlowedThenCut) {
  floodWith(encoded(wire::Ping{.token = 1}));
}

TEST_F(FrameFlood, OfUnknownKindsIsSlowedThenCut) {
  Bytes frame(wire::kFrameHeaderSize);
  wire::writeFrameHeader(frame.data(), wire::FrameKind{200}, 0);
  floodWith(frame);
}

TEST_F(FrameFlood, KeepsItsUserAwayForAWhileAndNobodyElse) {
  floodWith(encoded(wire::Ping{.token = 1}));
  const auto again = connect();
  again->send(wire::Login{.appId = kStaticApp, .userId = "flooder", .token = ""});
  const auto refusal = again->await(wire::FrameKind::Bye);
  ASSERT_TRUE(refusal.has_value());
  EXPECT_EQ(wire::ByeCode::Overloaded, refusal->decode<wire::Bye>().code);
  EXPECT_GT(refusal->decode<wire::Bye>().retryAfterMs, 0U);
  EXPECT_LE(refusal->decode<wire::Bye>().retryAfterMs, 30'000U);
  EXPECT_EQ(0U, connect()->tryLogin("another").code);
  EXPECT_EQ(0U, connect()->tryLogin("flooder", kOtherStaticApp).code) << "a user of another app";
}

TEST_F(FrameFlood, GoesOnCountingInTheNextSession) {
  const auto sendPings = [](TestClient& client, std::uint64_t count) {
    const Bytes ping = encoded(wire::Ping{.token = 1});
    Bytes many;
    for (std::uint64_t i = 0; i < count; ++i) many.insert(many.end(), ping.begin(), ping.end());
    client.sendBytes(many);
    client.settle();  // a client that rests hears nothing for a second
  };
  for (int round = 0; round < 100 && server_->stats().floods == 0; ++round) sendPings(*flooder_, 500);
  const std::uint64_t before = server_->stats().floods;
  ASSERT_GE(before, 1U);
  EXPECT_EQ(0U, flooder_->logout());
  const auto next = login("flooder");
  sendPings(*next, FrameBudget::kBurst);
  EXPECT_GT(server_->stats().floods, before) << "a new budget would have sufficed";
}

}  // namespace
}  // namespace rtm::test
