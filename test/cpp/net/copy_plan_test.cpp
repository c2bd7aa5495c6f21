#include "net/datagram/copy_plan.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>

namespace rtm::net::test {
namespace {

constexpr CopyPlan::Conditions thinWith(double loss, unsigned repeats = 0) {
  return {loss, 0, false, repeats};
}

/// How many copies segment 1 gets.
int copiesOf(CopyPlan& plan, Micros now) {
  int copies = 0;
  for (auto due = plan.dueAt(); due; due = plan.dueAt()) {
    now = std::max(now, *due);
    EXPECT_FALSE(plan.next(now - 1, false));
    EXPECT_EQ(plan.next(now, false), 1U);
    plan.sentNext(now, 100);
    ++copies;
  }
  return copies;
}

TEST(CopyPlan, PlansCopiesByTheMeasuredLoss) {
  struct Case {
    double loss;
    unsigned repeats;
    int copies;
  };
  for (const Case& each : {Case{0, 0, 0}, Case{0.019, 0, 0}, Case{0.02, 0, 1}, Case{0.1, 0, 2}, Case{0.25, 0, 3},
                           Case{0.6, 0, 3}, Case{0, 1, 0}, Case{0.05, 1, 3}, Case{0.3, 1, 5}, Case{0.3, 9, 5}}) {
    CopyPlan plan{std::nullopt};
    plan.sent(kSecond, 1, thinWith(each.loss, each.repeats));
    EXPECT_EQ(copiesOf(plan, kSecond), each.copies) << each.loss << ", repeated " << each.repeats;
  }
}

TEST(CopyPlan, SendsCopiesTenMillisecondsApartOrWithALaterPacket) {
  CopyPlan plan{std::nullopt};
  plan.sent(kSecond, 1, thinWith(0.1));
  EXPECT_EQ(plan.dueAt(), kSecond + 10 * kMillisecond);
  EXPECT_FALSE(plan.next(kSecond, true)) << "would be lost with its original";
  EXPECT_EQ(plan.next(kSecond + 1, true), 1U);
  plan.sentNext(kSecond + 1, 100);
  EXPECT_EQ(plan.dueAt(), kSecond + 1 + 10 * kMillisecond);
  plan.dropNext();
  EXPECT_FALSE(plan.dueAt());
}

TEST(CopyPlan, GivesAThickStreamNoneButForWhatGotLostTwice) {
  for (const CopyPlan::Conditions& thick :
       {CopyPlan::Conditions{0.3, 20, false, 0}, CopyPlan::Conditions{0.3, 0, true, 0},
        CopyPlan::Conditions{0.3, 0, true, 1}, CopyPlan::Conditions{0, 20, false, 2}}) {
    CopyPlan plan{std::nullopt};
    plan.sent(kSecond, 1, thick);
    EXPECT_EQ(copiesOf(plan, kSecond), 0);
  }
  CopyPlan plan{std::nullopt};
  plan.sent(kSecond, 1, {0.3, 1000, true, 2});
  EXPECT_EQ(copiesOf(plan, kSecond), 2);
}

TEST(CopyPlan, TakesAtMostAHundredAndSixtyKilobytesASecond) {
  CopyPlan plan{std::nullopt};
  std::size_t bytes = 0;
  Micros now = kSecond;
  // A thousand segments of 1,100 bytes a second, with three copies each if there were no bound.
  for (std::uint64_t number = 0; number < 10'000; ++number, now += kMillisecond) {
    plan.sent(now, number, thinWith(0.3));
    while (plan.next(now, false)) {
      plan.sentNext(now, 1100);
      bytes += 1100;
    }
  }
  EXPECT_LE(bytes, 10U * 160'000 + 50'000);
  EXPECT_GE(bytes, 9U * 160'000);
}

}  // namespace
}  // namespace rtm::net::test
