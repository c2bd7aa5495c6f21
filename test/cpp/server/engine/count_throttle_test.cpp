#include "server/engine/rules/count_throttle.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace rtm::server {
namespace {

struct Step {
  std::uint64_t at;
  bool changed;
  bool small;
  bool told;
};
struct ThrottleCase {
  const char* name;
  std::vector<Step> steps;
};

class CountThrottles : public ::testing::TestWithParam<ThrottleCase> {};

TEST_P(CountThrottles, Tell) {
  CountThrottle throttle;
  for (const Step& step : GetParam().steps) {
    if (step.changed) throttle.changed();
    EXPECT_EQ(step.told, throttle.take(step.at, step.small)) << "at " << step.at;
  }
}

const ThrottleCase kThrottleCases[] = {
    {"NothingWithoutAChange", {{0, false, true, false}, {5000, false, true, false}}},
    {"TheFirstChangeAtOnce", {{0, true, true, true}, {0, false, true, false}}},
    {"AtMostOneASecondInASmallChannel",
     {{0, true, true, true}, {1, true, true, false}, {999, true, true, false}, {1000, false, true, true}}},
    {"AtMostOneInThreeSecondsInALargeOne",
     {{0, true, false, true}, {1000, true, false, false}, {2999, false, false, false}, {3000, false, false, true}}},
    {"AfterAQuietTimeAtOnceAgain", {{0, true, true, true}, {10'000, true, true, true}}},
    {"AChannelThatShrinksIsToldBySmallRules", {{0, true, false, true}, {1000, true, true, true}}},
    {"AChannelThatGrowsIsToldByLargeRules",
     {{0, true, true, true}, {1000, true, false, false}, {3000, false, false, true}}},
    {"ManyChangesWithinAnIntervalAreToldOnce",
     {{0, true, true, true},
      {100, true, true, false},
      {200, true, true, false},
      {1000, false, true, true},
      {1001, false, true, false},
      {2000, false, true, false}}},
    {"TheIntervalCountsFromTheLastTelling",
     {{0, true, true, true}, {1500, true, true, true}, {2400, true, true, false}, {2500, false, true, true}}},
    {"ATellingThatWaitsIsNotLostBySizeChanges",
     {{0, true, true, true}, {500, true, false, false}, {999, false, true, false}, {1000, false, true, true}}},
};
INSTANTIATE_TEST_SUITE_P(Table, CountThrottles, ::testing::ValuesIn(kThrottleCases),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(CountThrottle, OwesANoticeFromAChangeUntilItIsSent) {
  CountThrottle throttle;
  EXPECT_FALSE(throttle.pending());
  throttle.changed();
  EXPECT_TRUE(throttle.pending());
  EXPECT_TRUE(throttle.take(0, true));
  EXPECT_FALSE(throttle.pending());
  throttle.changed();
  EXPECT_FALSE(throttle.take(999, true));
  EXPECT_TRUE(throttle.pending()) << "refused, so still owed";
}

}  // namespace
}  // namespace rtm::server
