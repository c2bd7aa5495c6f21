#include "net/loop/timer_wheel.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "net/loop/timer.hpp"

namespace rtm::net {
namespace {

class TimerWheelTest : public ::testing::Test {
 protected:
  std::unique_ptr<Timer> timer(const std::string& name) {
    return std::make_unique<Timer>(wheel, [this, name] { fired.push_back(name + "@" + std::to_string(now)); });
  }
  /// Drives the wheel the way a loop does: sleeps until it is due, never polls. Returns the number of wake-ups.
  int runUntil(std::uint64_t end) {
    int wakeUps = 0;
    while (const auto due = wheel.nextDueMs()) {
      if (*due > end) break;
      now = std::max(now, *due);
      wheel.advance();
      ++wakeUps;
    }
    now = end;
    return wakeUps;
  }

  std::uint64_t now = 123'456'789;
  TimerWheel wheel{[this] { return now; }};
  std::vector<std::string> fired;
};

TEST_F(TimerWheelTest, WithoutTimersNothingIsDue) {
  EXPECT_FALSE(wheel.nextDueMs());
  wheel.advance();
  EXPECT_FALSE(wheel.nextDueMs());
}

TEST_F(TimerWheelTest, FiresAtTheFirstStepThatIsNotEarly) {
  for (const std::uint64_t delay : {0u, 1u, 9u, 10u, 11u, 99u, 250u, 639u, 640u, 641u, 5'000u, 41'000u, 3'600'000u}) {
    const std::uint64_t armedAt = now;
    std::uint64_t firedAt = 0;
    Timer timer(wheel, [&] { firedAt = now; });
    timer.arm(delay);
    EXPECT_TRUE(timer.armed());
    runUntil(armedAt + delay + 10);
    EXPECT_GE(firedAt, armedAt + delay) << delay;
    EXPECT_LT(firedAt, armedAt + delay + 11) << delay;
    EXPECT_FALSE(timer.armed());
    now += 7;
  }
}

TEST_F(TimerWheelTest, FiresInOrderOfDeadlinesAndEqualOnesInOrderOfArming) {
  const auto a = timer("a");
  const auto b = timer("b");
  const auto c = timer("c");
  const auto d = timer("d");
  now = 200'000'000;
  wheel.advance();
  a->arm(2000);
  b->arm(2000);
  c->arm(100);
  d->arm(60'000);
  runUntil(200'100'000);
  EXPECT_EQ(fired, (std::vector<std::string>{"c@200000100", "a@200002000", "b@200002000", "d@200060000"}));
}

TEST_F(TimerWheelTest, ALateDriverGetsEverythingThatIsDueInOrder) {
  const auto a = timer("a");
  const auto b = timer("b");
  const auto c = timer("c");
  b->arm(50'000);
  a->arm(20);
  c->arm(10'000'000);
  now += 3'600'000;  // the machine slept
  wheel.advance();
  ASSERT_EQ(fired.size(), 2u);
  EXPECT_EQ(fired[0][0], 'a');
  EXPECT_EQ(fired[1][0], 'b');
  EXPECT_TRUE(c->armed());
}

TEST_F(TimerWheelTest, ReArmingMovesATimer) {
  const auto a = timer("a");
  const std::uint64_t start = now;
  a->arm(100);
  a->arm(5000);
  runUntil(start + 4999);
  EXPECT_TRUE(fired.empty());
  a->arm(1000);
  runUntil(start + 20'000);
  EXPECT_EQ(fired.size(), 1u);
}

TEST_F(TimerWheelTest, ACancelledTimerDoesNotFireAndLeavesNothingDue) {
  for (const std::uint64_t delay : {10u, 1'000u, 100'000u, 10'000'000u}) {
    const auto a = timer("a");
    a->arm(delay);
    a->cancel();
    EXPECT_FALSE(wheel.nextDueMs()) << delay;
  }
  {
    const auto destroyed = timer("destroyed");
    destroyed->arm(10);
  }
  EXPECT_FALSE(wheel.nextDueMs());
  EXPECT_TRUE(fired.empty());
}

TEST_F(TimerWheelTest, ACallbackMayDestroyItsOwnTimer) {
  std::unique_ptr<Timer> own;
  auto witness = std::make_shared<int>(1);
  own = std::make_unique<Timer>(wheel, [&own, witness, this] {
    own.reset();
    fired.push_back("own" + std::to_string(*witness));  // what it captured is still there
  });
  own->arm(10);
  runUntil(now + 100);
  EXPECT_EQ(fired, std::vector<std::string>{"own1"});
  EXPECT_EQ(witness.use_count(), 1);
}

TEST_F(TimerWheelTest, ACallbackMayDestroyCancelAndArmOthersOfItsStep) {
  auto destroyed = timer("destroyed");
  const auto cancelled = timer("cancelled");
  const auto moved = timer("moved");
  Timer first(wheel, [&] {
    fired.push_back("first");
    destroyed.reset();
    cancelled->cancel();
    moved->arm(500);
  });
  now = 200'000'000;
  wheel.advance();
  first.arm(100);
  destroyed->arm(100);
  cancelled->arm(100);
  moved->arm(100);
  runUntil(200'010'000);
  EXPECT_EQ(fired, (std::vector<std::string>{"first", "moved@200000600"}));
}

TEST_F(TimerWheelTest, ATimerThatReArmsItselfWithZeroWaitsForTheNextStep) {
  int count = 0;
  Timer* self = nullptr;
  Timer again(wheel, [&] {
    ++count;
    self->arm(0);
  });
  self = &again;
  again.arm(0);
  now += 10;
  wheel.advance();
  EXPECT_EQ(count, 1);
  now += 10;
  wheel.advance();
  EXPECT_EQ(count, 2);
}

TEST_F(TimerWheelTest, AFarTimerCostsOnlyAFewWakeUps) {
  const auto a = timer("a");
  a->arm(24 * 3600 * 1000);
  EXPECT_LE(runUntil(now + 25 * 3600 * 1000), 6);
  EXPECT_EQ(fired.size(), 1u);
}

TEST_F(TimerWheelTest, TenThousandTimersAllFireOnceAndNeverEarly) {
  struct Probe {
    std::uint64_t deadline = 0;
    int fired = 0;
    std::unique_ptr<Timer> timer;
  };
  std::mt19937 random(42);  // NOLINT: a fixed seed makes a failure repeatable
  std::uniform_int_distribution<std::uint64_t> delays(0, 120'000);
  std::vector<Probe> probes(10'000);
  const std::uint64_t start = now;
  for (Probe& probe : probes) {
    probe.timer = std::make_unique<Timer>(wheel, [this, &probe] {
      ++probe.fired;
      EXPECT_GE(now, probe.deadline);
      EXPECT_LT(now, probe.deadline + 11);
    });
  }
  for (int round = 0; round < 5; ++round) {  // heartbeats move their timers all the time
    now += 3;
    for (Probe& probe : probes) {
      const std::uint64_t delay = delays(random);
      probe.deadline = now + delay;
      probe.timer->arm(delay);
    }
  }
  const int wakeUps = runUntil(start + 200'000);
  for (const Probe& probe : probes) ASSERT_EQ(probe.fired, 1);
  EXPECT_LE(wakeUps, 12'100 + 200);  // at most one for each step
  EXPECT_FALSE(wheel.nextDueMs());
}

}  // namespace
}  // namespace rtm::net
