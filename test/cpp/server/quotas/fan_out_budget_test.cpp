#include "server/quotas/fan_out_budget.hpp"

#include <gtest/gtest.h>

namespace rtm::server {
namespace {

constexpr std::uint64_t kMiB = 1024 * 1024;

TEST(FanOutBudget, LetsABurstThrough) {
  FanOutBudget budget;
  for (int i = 0; i < 8; ++i) {
    EXPECT_FALSE(budget.inDebt(1000)) << i;
    budget.spend(kMiB, 1000);
  }
  EXPECT_FALSE(budget.inDebt(1000)) << "spent, and no debt yet";
  budget.spend(1, 1000);
  EXPECT_TRUE(budget.inDebt(1000));
}

TEST(FanOutBudget, IsPaidByTime) {
  FanOutBudget budget;
  budget.spend(12 * kMiB, 0);  // one notice may cost more than there is
  EXPECT_TRUE(budget.inDebt(999));
  EXPECT_FALSE(budget.inDebt(1000));
  budget.spend(4 * kMiB, 1000);
  EXPECT_TRUE(budget.inDebt(1000));
  EXPECT_TRUE(budget.inDebt(500)) << "a time before the last one counts as the last one";
  EXPECT_FALSE(budget.inDebt(2000));
}

TEST(FanOutBudget, SavesNoMoreThanABurst) {
  FanOutBudget budget;
  budget.spend(kMiB, 0);
  EXPECT_FALSE(budget.inDebt(1'000'000'000));
  budget.spend(8 * kMiB + 1, 1'000'000'000);
  EXPECT_TRUE(budget.inDebt(1'000'000'000));
}

TEST(FanOutBudget, MakesNobodyWaitLongerThanItsLongestDebt) {
  FanOutBudget budget;
  budget.spend(~std::uint64_t{0}, 0);
  budget.spend(1000 * kMiB, 0);
  EXPECT_TRUE(budget.inDebt(FanOutBudget::kLongestDebtMs - 1));
  EXPECT_FALSE(budget.inDebt(FanOutBudget::kLongestDebtMs));
}

}  // namespace
}  // namespace rtm::server
