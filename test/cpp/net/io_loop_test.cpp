#include "net/loop/io_loop.hpp"

#include <atomic>
#include <csignal>
#include <thread>
#include <vector>

#include <unistd.h>

#include "net/loop/timer.hpp"
#include "net/support.hpp"

namespace rtm::net::test {
namespace {

class IoLoopTest : public NetTest {};

struct Hook final : TurnHook {
  explicit Hook(std::function<void(Hook&)> then) : body(std::move(then)) {}
  void onTurnEnd() override { body(*this); }
  std::function<void(Hook&)> body;
};

TEST_F(IoLoopTest, TasksOfManyThreadsAllRunAndEachThreadsInItsOrder) {
  constexpr int kThreads = 4;
  constexpr int kTasks = 5000;
  std::vector<int> last(kThreads, -1);
  std::atomic<int> outOfOrder{0};
  int ran = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int i = 0; i < kTasks; ++i) {
        EXPECT_TRUE(loop().post([&, t, i] {
          if (last[static_cast<std::size_t>(t)] != i - 1) ++outOfOrder;
          last[static_cast<std::size_t>(t)] = i;
          ++ran;
        }));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(run([&] { return ran; }), kThreads * kTasks);
  EXPECT_EQ(outOfOrder, 0);
}

TEST_F(IoLoopTest, KnowsItsThread) {
  EXPECT_FALSE(loop().onLoopThread());
  EXPECT_TRUE(run([&] { return loop().onLoopThread(); }));
}

TEST_F(IoLoopTest, ManyPostsBeforeItWakesCostOneTurn) {
  std::promise<void> blocked;
  std::promise<void> release;
  loop().post([&] {
    blocked.set_value();
    release.get_future().wait();
  });
  blocked.get_future().wait();
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  for (int i = 0; i < 1000; ++i) {
    loop().post([&, i] { (i == 0 ? first : last) = loop().counters().turns; });
  }
  release.set_value();
  run([] {});
  EXPECT_EQ(first, last);
}

TEST_F(IoLoopTest, ATaskPostedByATaskRunsInALaterTurn) {
  std::promise<std::pair<std::uint64_t, std::uint64_t>> turns;
  loop().post([&] {
    loop().post([&, before = loop().counters().turns] { turns.set_value({before, loop().counters().turns}); });
  });
  const auto [before, after] = turns.get_future().get();
  EXPECT_GT(after, before);
}

TEST_F(IoLoopTest, CapturesOfATaskAreDestroyedOnTheLoopBeforeTheNextTask) {
  auto captured = std::make_shared<int>(1);
  std::weak_ptr<int> watched = captured;
  bool gone = false;
  loop().post([captured = std::move(captured)] {});
  loop().post([&] { gone = watched.expired(); });
  run([] {});
  EXPECT_TRUE(gone);
}

TEST_F(IoLoopTest, StopRunsPostedTasksAndRefusesLaterOnes) {
  int ran = 0;
  for (int i = 0; i < 100; ++i) loop().post([&] { ++ran; });
  loop().post([&] { EXPECT_TRUE(loop().post([&] { ++ran; }) || true); });
  loop().stop();
  EXPECT_GE(ran, 100);
  auto captured = std::make_shared<int>(1);
  EXPECT_FALSE(loop().post([captured] { FAIL(); }));
  EXPECT_EQ(captured.use_count(), 1);  // a dropped task does not linger
  loop().stop();
}

TEST_F(IoLoopTest, SeveralThreadsMayStopAndPostAtOnce) {
  std::vector<std::thread> threads;
  std::atomic<int> accepted{0};
  std::atomic<int> ran{0};
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      while (loop().post([&] { ++ran; })) ++accepted;
    });
  }
  std::thread one([&] { loop().stop(); });
  std::thread two([&] { loop().stop(); });
  for (std::thread& thread : threads) thread.join();
  one.join();
  two.join();
  EXPECT_EQ(ran, accepted);
}

TEST_F(IoLoopTest, AnIdleLoopDoesNotTurn) {
  run([] {});
  const std::uint64_t before = run([&] { return loop().counters().turns; });
  std::this_thread::sleep_for(std::chrono::milliseconds(150));
  const std::uint64_t after = run([&] { return loop().counters().turns; });
  EXPECT_LE(after - before, 3u);
}

TEST_F(IoLoopTest, ATimerFiresOnTheLoopAndNotEarly) {
  std::promise<std::uint64_t> fired;
  std::unique_ptr<Timer> timer;
  const std::uint64_t armedAt = run([&] {
    timer = std::make_unique<Timer>(loop(), [&] {
      EXPECT_TRUE(loop().onLoopThread());
      timer.reset();
      fired.set_value(loop().now());
    });
    timer->arm(55);
    EXPECT_TRUE(timer->armed());
    return loop().now();
  });
  auto future = fired.get_future();
  ASSERT_EQ(future.wait_for(kDeadline), std::future_status::ready);
  EXPECT_GE(future.get(), armedAt + 55);
}

TEST_F(IoLoopTest, ALongTimerDoesNotKeepTheLoopTurning) {
  std::unique_ptr<Timer> timer;
  run([&] {
    timer = std::make_unique<Timer>(loop(), [] {});
    timer->arm(3'600'000);
  });
  const std::uint64_t before = run([&] { return loop().counters().turns; });
  std::this_thread::sleep_for(std::chrono::milliseconds(150));
  const std::uint64_t after = run([&] { return loop().counters().turns; });
  EXPECT_LE(after - before, 3u);
  run([&] { timer.reset(); });
}

TEST_F(IoLoopTest, ClocksStandStillWithinATurn) {
  run([&] {
    const std::uint64_t monotonic = loop().now();
    const std::uint64_t wall = loop().wallClockMs();
    std::this_thread::sleep_for(std::chrono::milliseconds(20));
    EXPECT_EQ(loop().now(), monotonic);
    EXPECT_EQ(loop().wallClockMs(), wall);
  });
  const auto wall =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch());
  const auto seen = static_cast<std::int64_t>(run([&] { return loop().wallClockMs(); }));
  EXPECT_NEAR(static_cast<double>(seen), static_cast<double>(wall.count()), 5000);
}

TEST_F(IoLoopTest, AHookRunsOncePerTurnHoweverOftenItIsScheduled) {
  int ran = 0;
  Hook hook([&](Hook&) { ++ran; });
  run([&] {
    for (int i = 0; i < 5; ++i) loop().atTurnEnd(hook);
    EXPECT_EQ(ran, 0);
  });
  EXPECT_EQ(run([&] { return ran; }), 1);
  run([&] { loop().atTurnEnd(hook); });
  EXPECT_EQ(run([&] { return ran; }), 2);
}

TEST_F(IoLoopTest, HooksOfHooksRunInTheSameTurnEnd) {
  std::vector<std::uint64_t> turns;
  Hook second([&](Hook&) { turns.push_back(loop().counters().turns); });
  Hook first([&](Hook&) {
    turns.push_back(loop().counters().turns);
    loop().atTurnEnd(second);
  });
  run([&] { loop().atTurnEnd(first); });
  run([] {});
  ASSERT_EQ(turns.size(), 2u);
  EXPECT_EQ(turns[0], turns[1]);
}

TEST_F(IoLoopTest, AHookThatAlwaysReschedulesItselfDoesNotStarveTasks) {
  bool stop = false;
  Hook greedy([&](Hook& self) {
    if (!stop) loop().atTurnEnd(self);
  });
  run([&] { loop().atTurnEnd(greedy); });
  EXPECT_EQ(run([] { return 7; }), 7);
  run([&] { stop = true; });
  settle();
  const std::uint64_t before = run([&] { return loop().counters().turns; });
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  EXPECT_LE(run([&] { return loop().counters().turns; }) - before, 3u);
}

TEST_F(IoLoopTest, ADestroyedHookIsNotCalledEvenIfAnotherHookDestroysIt) {
  auto victim = std::make_unique<Hook>([](Hook&) { FAIL(); });
  Hook killer([&](Hook&) { victim.reset(); });
  run([&] {
    loop().atTurnEnd(killer);
    loop().atTurnEnd(*victim);
    auto early = std::make_unique<Hook>([](Hook&) { FAIL(); });
    loop().atTurnEnd(*early);
  });
  run([] {});
  EXPECT_EQ(victim, nullptr);
}

TEST_F(IoLoopTest, ABrokenPipeOnTheLoopIsAnErrorAndNotASignal) {
  int pipe[2];
  ASSERT_EQ(::pipe(pipe), 0);
  close(pipe[0]);
  EXPECT_EQ(run([&] {
              const ssize_t written = write(pipe[1], "x", 1);
              return written < 0 ? errno : 0;
            }),
            EPIPE);
  close(pipe[1]);
}

TEST(IoLoopStartTest, ALoopThatWasNeverUsedStops) {
  const auto loop = IoLoop::start("a name that is longer than the kernel allows");
  ASSERT_TRUE(loop);
}

}  // namespace
}  // namespace rtm::net::test
