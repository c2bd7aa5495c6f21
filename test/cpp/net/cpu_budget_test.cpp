#include "net/admission/cpu_budget.hpp"

#include <gtest/gtest.h>

namespace rtm::net::test {
namespace {

constexpr std::int64_t kMs = 1'000'000;

TEST(CpuBudget, LetsABurstThroughAndThenItsShare) {
  CpuBudget budget({.share = 0.5, .burstNs = 20 * kMs}, 1000);
  EXPECT_TRUE(budget.open(1000));
  budget.charge(20 * kMs);
  EXPECT_FALSE(budget.open(1000));
  EXPECT_TRUE(budget.open(1001));  // half a millisecond has come in
  budget.charge(1 * kMs);
  EXPECT_FALSE(budget.open(1002));
  EXPECT_TRUE(budget.open(1003));
}

TEST(CpuBudget, WorkThatOverdrewItMustComeInFirst) {
  CpuBudget budget({.share = 0.5, .burstNs = 20 * kMs}, 0);
  budget.charge(120 * kMs);
  EXPECT_FALSE(budget.open(0));
  const std::uint64_t wait = budget.waitMs();
  EXPECT_GE(wait, 200u);
  EXPECT_LE(wait, 202u);
  EXPECT_FALSE(budget.open(199));
  EXPECT_TRUE(budget.open(wait));
}

TEST(CpuBudget, KeepsNoMoreThanItsBurst) {
  CpuBudget budget({.share = 1.0, .burstNs = 5 * kMs}, 0);
  EXPECT_TRUE(budget.open(1'000'000'000));
  budget.charge(5 * kMs);
  EXPECT_FALSE(budget.open(1'000'000'000));
}

TEST(CpuBudget, AClockThatStandsStillOrGoesBackEarnsNothing) {
  CpuBudget budget({.share = 1.0, .burstNs = 5 * kMs}, 100);
  budget.charge(5 * kMs);
  EXPECT_FALSE(budget.open(100));
  EXPECT_FALSE(budget.open(50));
  EXPECT_GE(budget.waitMs(), 1u);
}

TEST(CpuBudget, AnotherShareHoldsFromNowOn) {
  CpuBudget budget({.share = 0.5, .burstNs = 10 * kMs}, 0);
  budget.charge(19 * kMs);
  budget.setShare(0.9);
  EXPECT_FALSE(budget.open(9));
  EXPECT_TRUE(budget.open(11));
}

}  // namespace
}  // namespace rtm::net::test
