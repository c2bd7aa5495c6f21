#include "server/quotas/call_quota.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

#include "base/rate_window.hpp"

namespace rtm::server {
namespace {

struct Call {
  std::uint64_t at;
  bool accepted;
};
struct QuotaCase {
  const char* name;
  RateRule rule;
  std::uint32_t carryMs;
  std::vector<Call> calls;
};

class CallQuotas : public ::testing::TestWithParam<QuotaCase> {};

TEST_P(CallQuotas, Accept) {
  const QuotaCase& table = GetParam();
  CallQuota quota(table.rule, table.carryMs, 1000);
  for (const Call& call : table.calls) EXPECT_EQ(call.accepted, quota.take(1000 + call.at)) << "at " << call.at;
}

const QuotaCase kQuotaCases[] = {
    {"NoRuleNoLimit", {0, 0}, 0, {{0, true}, {0, true}, {0, true}}},
    {"TheLastOfTheWindowAndTheFirstTooMany", {2, 1000}, 0, {{0, true}, {999, true}, {999, false}}},
    {"TheNextWindowGrantsAgain", {2, 1000}, 0, {{0, true}, {0, true}, {1000, true}, {1000, true}, {1000, false}}},
    {"NothingIsCarriedWithoutCarry", {1, 1000}, 0, {{5000, true}, {5000, false}, {6000, true}}},
    {"AStallIsCarried", {1, 1000}, 2000, {{3500, true}, {3500, true}, {3500, true}, {3500, false}}},
    {"ARuleWithoutAWindowIsNone", {1, 0}, 1000, {{0, true}, {0, true}, {0, true}}},
    {"WhatWasUsedIsNotCarried", {1, 1000}, 2000, {{0, true}, {1000, true}, {2000, true}, {2000, false}}},
    {"ACarryShorterThanAWindowGrantsAWholeOne", {1, 1000}, 1, {{9000, true}, {9000, true}, {9000, false}}},
    {"AWindowEndsWhereItBeganAndNotWhereItsCallsCame", {1, 1000}, 0, {{900, true}, {1000, true}, {1999, false}}},
    {"TheCarryHasACeiling", {1, 1000}, 1000, {{60'000, true}, {60'000, true}, {60'000, false}}},
};
INSTANTIATE_TEST_SUITE_P(Table, CallQuotas, ::testing::ValuesIn(kQuotaCases),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(CallQuota, GrantsOneMoreWindowIfCallsMayBeRepeated) {
  CallQuota quota({2, 1000}, 1000, 0);
  EXPECT_TRUE(quota.take(0));
  EXPECT_TRUE(quota.take(0));
  EXPECT_FALSE(quota.take(0));
  quota.allowRepeats();
  EXPECT_TRUE(quota.take(0));
  EXPECT_TRUE(quota.take(0));
  EXPECT_FALSE(quota.take(0));
  for (int i = 0; i < 10; ++i) quota.allowRepeats();
  int accepted = 0;
  while (quota.take(0)) ++accepted;
  EXPECT_EQ(4, accepted) << "up to the ceiling";
}

TEST(CallQuota, IsFullAgainOnceNoEarlierCallCounts) {
  CallQuota quota({1, 1000}, 0, 0);
  EXPECT_TRUE(quota.take(0));
  EXPECT_FALSE(quota.full(1999));
  EXPECT_TRUE(quota.full(2000));
  EXPECT_TRUE(CallQuota({0, 0}, 0, 0).full(0)) << "no rule, nothing to remember";
}

TEST(CallQuota, GrantsNothingNewToALoopWhoseClockIsBehind) {
  CallQuota quota({1, 1000}, 30'000, 5000);
  EXPECT_TRUE(quota.take(4990)) << "the quota began on another loop, 10 ms ahead";
  EXPECT_FALSE(quota.take(4991));
  EXPECT_FALSE(quota.take(5999));
  EXPECT_TRUE(quota.take(6000));
}

TEST(CallQuota, GoesOnWhereAnotherStopped) {
  CallQuota first({3, 1000}, 5000, 0);
  EXPECT_FALSE(first.spent()) << "nothing was used";
  EXPECT_TRUE(first.take(100));
  EXPECT_TRUE(first.spent());
  EXPECT_EQ(1000U, first.spentUntilMs());
  CallQuota second({3, 1000}, 5000, 500);
  second.goOn(first.rest());
  EXPECT_TRUE(second.take(500));
  EXPECT_TRUE(second.take(500));
  EXPECT_FALSE(second.take(999));
  EXPECT_TRUE(second.take(1000)) << "the first window ends at 1000, not at 1500";
}

TEST(CallQuota, NeverRefusesACallerThatKeepsTheRuleEvenIfItsCallsComeLate) {
  constexpr std::uint64_t kCarry = 30'000;
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    const RateRule rule{static_cast<std::uint32_t>(1 + random() % 20),
                        static_cast<std::uint32_t>(100 + random() % 5000)};
    RateWindow caller(rule.count, rule.windowMs);
    CallQuota quota(rule, kCarry, 0);
    std::uint64_t called = 0;
    std::uint64_t arrived = 0;
    for (int i = 0; i < 500; ++i) {
      called += random() % (rule.windowMs / rule.count * 2 + 1);
      if (!caller.accept(called)) continue;
      // In order, each delayed by anything up to the carry; a stall lets many arrive at once.
      const std::uint64_t delay = random() % 4 == 0 ? random() % kCarry : 0;
      arrived = std::max(arrived, called + delay);
      if (arrived > called + kCarry) arrived = called + kCarry;
      ASSERT_TRUE(quota.take(arrived)) << "round " << round << " call " << i;
    }
  }
}

TEST(CallQuota, GrantsNoMoreThanTheRuleOnAverage) {
  CallQuota quota({10, 1000}, 30'000, 0);
  int accepted = 0;
  for (std::uint64_t now = 0; now < 100'000; now += 10) accepted += quota.take(now) ? 1 : 0;
  EXPECT_EQ(1000, accepted);
}

}  // namespace
}  // namespace rtm::server
