#include "server/engine/rules/notice_throttle.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace rtm::server {
namespace {

constexpr std::uint64_t kMembers = 10;

struct Step {
  std::uint64_t at;
  std::uint64_t bytes;  ///< of a write; 0: a tick
  bool told;
  std::uint64_t charge = 0;
};
struct NoticeCase {
  const char* name;
  bool small;
  std::vector<Step> steps;
};

class NoticeThrottles : public ::testing::TestWithParam<NoticeCase> {};

TEST_P(NoticeThrottles, Tell) {
  NoticeThrottle throttle;
  for (const Step& step : GetParam().steps) {
    if (step.bytes == 0) {
      EXPECT_EQ(step.told, throttle.take(step.at)) << "at " << step.at;
      continue;
    }
    const NoticeThrottle::Verdict verdict = throttle.written(step.at, step.bytes, kMembers, GetParam().small);
    EXPECT_EQ(step.told, verdict.atOnce) << "at " << step.at;
    EXPECT_EQ(step.charge, verdict.charge) << "at " << step.at;
    EXPECT_EQ(!step.told, throttle.pending()) << "at " << step.at;
  }
}

const NoticeCase kNoticeCases[] = {
    {"NothingWithoutAWrite", true, {{0, 0, false}, {5000, 0, false}}},
    {"ThreeAtOnceThenOneASecond",
     true,
     {{100, 7, true, 70},
      {100, 7, true, 70},
      {100, 7, true, 70},
      {100, 7, false, 70},
      {1099, 0, false},
      {1100, 0, true},
      {1100, 0, false},
      {1200, 7, false, 70},
      {2099, 0, false},
      {2100, 0, true}}},
    {"ThreeAtOnceThenOneInThreeSecondsInALargeChannel",
     false,
     {{0, 7, true, 70}, {0, 7, true, 70}, {0, 7, true, 70}, {0, 7, false, 70}, {2999, 0, false}, {3000, 0, true}}},
    {"WritesThatShareANoticePayOnlyForItsGrowth",
     true,
     {{0, 7, true, 70},
      {0, 7, true, 70},
      {0, 7, true, 70},
      {0, 7, false, 70},
      {10, 7, false, 0},
      {20, 9, false, 20},
      {30, 3, false, 0},
      {40, 9, false, 0},
      {50, 100, false, 910},
      {1000, 0, true}}},
    {"AfterAQuietTimeThreeAtOnceAgain",
     true,
     {{0, 7, true, 70},
      {0, 7, true, 70},
      {0, 7, true, 70},
      {10'000, 7, true, 70},
      {10'000, 7, true, 70},
      {10'000, 7, true, 70},
      {10'000, 7, false, 70}}},
    {"OneASecondNeverWaits", true, {{0, 7, true, 70}, {1000, 7, true, 70}, {2000, 7, true, 70}, {3000, 7, true, 70}}},
    {"AnOwedNoticeThatIsTakenLateDoesNotSpeedUpTheNext",
     true,
     {{0, 7, true, 70},
      {0, 7, true, 70},
      {0, 7, true, 70},
      {0, 7, false, 70},
      {1900, 0, true},
      {1900, 7, false, 70},
      {1999, 0, false},
      {2000, 0, true}}},
};
INSTANTIATE_TEST_SUITE_P(Table, NoticeThrottles, ::testing::ValuesIn(kNoticeCases),
                         [](const auto& test) { return std::string(test.param.name); });

}  // namespace
}  // namespace rtm::server
