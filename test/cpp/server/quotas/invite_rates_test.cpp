#include "server/quotas/invite_rates.hpp"

#include <gtest/gtest.h>

#include <string>

namespace rtm::server {
namespace {

int takeAll(InviteRates& rates, const std::string& callee, std::uint64_t nowMs) {
  int taken = 0;
  while (taken < 1000 && rates.take(callee, nowMs)) ++taken;
  return taken;
}

TEST(InviteRates, LetOneCalleeGet64AtOnceThenTwoASecond) {
  InviteRates rates;
  EXPECT_EQ(64, takeAll(rates, "ben", 0));
  EXPECT_EQ(0, takeAll(rates, "ben", 499));
  EXPECT_EQ(1, takeAll(rates, "ben", 500));
  EXPECT_EQ(20, takeAll(rates, "ben", 10'500));
}

TEST(InviteRates, LetAllCalleesTogetherGet200AtOnceThen100ASecond) {
  InviteRates rates;
  int taken = 0;
  for (int callee = 0; callee < 1000; ++callee) taken += rates.take("callee " + std::to_string(callee), 0) ? 1 : 0;
  EXPECT_EQ(200, taken);
  for (int callee = 0; callee < 1000; ++callee) taken += rates.take("next " + std::to_string(callee), 1000) ? 1 : 0;
  EXPECT_EQ(300, taken);
}

TEST(InviteRates, NeverRefuseARepeatEachSecond) {
  InviteRates rates;
  for (std::uint64_t second = 0; second < 1000; ++second) {
    EXPECT_TRUE(rates.take("ben", second * 1000));
    EXPECT_TRUE(rates.take("cem", second * 1000));
  }
}

TEST(InviteRates, KeepFewCalleesWhenTheyArePutAway) {
  InviteRates rates;
  EXPECT_EQ(64, takeAll(rates, "most", 0));
  for (int callee = 0; callee < 100; ++callee) EXPECT_TRUE(rates.take("callee " + std::to_string(callee), 0));
  rates.shrink(0);
  EXPECT_EQ(0, takeAll(rates, "most", 0)) << "the most used one is kept";
  EXPECT_EQ(32'000U, rates.untilMs());
  rates.shrink(32'000);
  EXPECT_EQ(64, takeAll(rates, "most", 32'000));
}

}  // namespace
}  // namespace rtm::server
