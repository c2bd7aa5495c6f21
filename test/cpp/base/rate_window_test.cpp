#include "base/rate_window.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <deque>
#include <random>
#include <string>
#include <vector>

namespace rtm {
namespace {

struct Call {
  std::uint64_t atMs;
  bool accepted;
};

struct Rule {
  std::string name;
  std::uint32_t count;
  std::uint32_t windowMs;
  std::vector<Call> calls;
};

TEST(RateWindow, AcceptsExactlyWhatTheTableSays) {
  const std::vector<Rule> rules = {
      {"two in a second", 2, 1000, {{0, true}, {0, true}, {0, false}, {999, false}, {1000, true}, {1000, true}}},
      {"each call counts for itself",
       2,
       1000,
       {{0, true}, {600, true}, {999, false}, {1000, true}, {1599, false}, {1600, true}, {1999, false}, {2000, true}}},
      {"a refused call is not counted", 1, 100, {{0, true}, {50, false}, {99, false}, {100, true}, {199, false}}},
      {"the last before the window ends", 3, 5, {{10, true}, {11, true}, {12, true}, {14, false}, {15, true}}},
      {"exactly one window later", 1, 1000, {{5, true}, {1004, false}, {1005, true}, {2004, false}, {2005, true}}},
      {"after a long silence all are free again",
       2,
       10,
       {{0, true}, {1, true}, {9'999, true}, {9'999, true}, {9'999, false}}},
      {"a window of nothing holds nothing", 1, 0, {{0, true}, {0, true}, {0, true}}},
      {"late in the life of a machine",
       1,
       1000,
       {{~std::uint64_t{0} - 1000, true}, {~std::uint64_t{0} - 1, false}, {~std::uint64_t{0}, true}}},
  };
  for (const Rule& rule : rules) {
    RateWindow window(rule.count, rule.windowMs);
    for (const Call& call : rule.calls) {
      EXPECT_EQ(window.accept(call.atMs), call.accepted) << rule.name << ", at " << call.atMs;
    }
  }
}

TEST(RateWindow, TellsWhetherThereIsRoomWithoutCounting) {
  RateWindow window(1, 100);
  EXPECT_TRUE(window.isIdle(0));
  EXPECT_TRUE(window.hasRoom(0));
  EXPECT_TRUE(window.hasRoom(0));
  EXPECT_TRUE(window.accept(0));
  EXPECT_FALSE(window.hasRoom(99));
  EXPECT_FALSE(window.isIdle(99));
  EXPECT_TRUE(window.hasRoom(100));
  EXPECT_TRUE(window.isIdle(100));
}

TEST(KeyedRateWindows, CountEachKeyForItselfAndForgetTheOld) {
  KeyedRateWindows windows;
  EXPECT_TRUE(windows.of("any", 0).accept(0));  // no rule yet
  windows.configure(2, 1000);
  EXPECT_EQ(windows.size(), 0U);
  for (std::uint64_t now = 0; now < 100'000; ++now) {
    const std::string key = std::to_string(now);
    EXPECT_TRUE(windows.of(key, now).accept(now));
    EXPECT_TRUE(windows.of(key, now).accept(now));
    EXPECT_FALSE(windows.of(key, now).accept(now));
    EXPECT_FALSE(windows.of(std::to_string(now - now % 999), now).accept(now));  // an older one is still known
  }
  EXPECT_LE(windows.size(), 2001U);
}

TEST(RateWindow, WithoutARuleAcceptsEverything) {
  RateWindow unset;
  RateWindow zero(0, 1000);
  for (int i = 0; i < 10'000; ++i) {
    ASSERT_TRUE(unset.accept(1));
    ASSERT_TRUE(zero.accept(1));
  }
  EXPECT_EQ(zero.capacity(), 0u);
}

TEST(RateWindow, ANewRuleForgetsTheCallsSoFar) {
  RateWindow window(1, 1000);
  EXPECT_TRUE(window.accept(0));
  EXPECT_FALSE(window.accept(1));
  window.configure(2, 500);
  EXPECT_TRUE(window.accept(2));
  EXPECT_TRUE(window.accept(2));
  EXPECT_FALSE(window.accept(501));
  EXPECT_TRUE(window.accept(502));
  window.configure(0, 0);
  EXPECT_TRUE(window.accept(502));
}

TEST(RateWindow, RemembersAsManyCallsAsFallIntoAWindowAndNoMore) {
  RateWindow rare(1500, 3000);
  for (std::uint64_t now = 0; now < 10'000'000; now += 1000) ASSERT_TRUE(rare.accept(now));
  EXPECT_LE(rare.capacity(), 4u) << "three calls fall into a window";

  RateWindow full(1500, 3000);
  for (std::uint64_t now = 0; now < 30'000; ++now) full.accept(now);
  EXPECT_EQ(full.capacity(), 1500u);

  RateWindow generous(4'000'000'000, 1000);
  for (std::uint64_t now = 0; now < 100'000; ++now) ASSERT_TRUE(generous.accept(now));
  EXPECT_LE(generous.capacity(), 2048u);
}

TEST(RateWindow, AgreesWithAPlainLogOverManyRandomCalls) {
  const char* given = std::getenv("RTM_TEST_SEED");
  const unsigned seed =
      given != nullptr ? static_cast<unsigned>(std::strtoul(given, nullptr, 10)) : std::random_device{}();
  std::mt19937 engine(seed);
  const auto random = [&engine] { return static_cast<std::uint32_t>(engine()); };
  for (int round = 0; round < 100; ++round) {
    const std::uint32_t count = 1 + random() % 40;
    const std::uint32_t windowMs = 1 + random() % 200;
    RateWindow window(count, windowMs);
    std::deque<std::uint64_t> log;
    std::uint64_t now = random();
    for (int call = 0; call < 2000; ++call) {
      const unsigned pace = random() % 20;
      now += pace == 0 ? random() % (3 * windowMs) : pace < 10 ? 0 : random() % 8;
      while (!log.empty() && now - log.front() >= windowMs) log.pop_front();
      const bool expected = log.size() < count;
      if (expected) log.push_back(now);
      ASSERT_EQ(window.accept(now), expected) << "call " << call << " of round " << round << ", RTM_TEST_SEED=" << seed;
    }
  }
}

}  // namespace
}  // namespace rtm
