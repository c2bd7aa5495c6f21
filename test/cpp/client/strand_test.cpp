#include "client/runtime/strand.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <future>
#include <latch>
#include <memory>
#include <numeric>
#include <thread>
#include <utility>
#include <vector>

namespace rtm::client {
namespace {

using Strand = StrandPool::Strand;

/// Returns when all tasks posted to `strand` so far have run.
void settle(Strand& strand) {
  std::promise<void> reached;
  strand.post([&] { reached.set_value(); });
  reached.get_future().wait();
}

/// Holds a strand's thread until opened.
class Gate {
 public:
  void hold(Strand& strand) {
    std::promise<void> entered;
    strand.post([&entered, opened = opened_] {
      entered.set_value();
      opened.wait();
    });
    entered.get_future().wait();
  }
  void open() { promise_.set_value(); }

 private:
  std::promise<void> promise_;
  std::shared_future<void> opened_ = promise_.get_future().share();
};

TEST(Strand, RunsTasksInTheOrderOfThePosts) {
  StrandPool pool(3);
  const auto strand = pool.makeStrand();
  std::vector<int> ran;
  for (int i = 0; i < 1000; ++i) strand->post([&ran, i] { ran.push_back(i); });
  settle(*strand);
  std::vector<int> expected(1000);
  std::iota(expected.begin(), expected.end(), 0);
  EXPECT_EQ(ran, expected);
}

TEST(Strand, NeverRunsTwoTasksAtATimeAndKeepsTheOrderOfEachPoster) {
  StrandPool pool(4);
  constexpr int kPosters = 6;
  constexpr int kTasks = 2000;
  std::vector<std::shared_ptr<Strand>> strands = {pool.makeStrand(), pool.makeStrand(), pool.makeStrand()};
  struct Seen {
    std::atomic<int> inside{0};
    std::array<int, kPosters> next{};  // not atomic: the strand is what orders it
    int faults = 0;
  };
  std::vector<Seen> seen(strands.size());

  std::vector<std::thread> posters;
  for (int poster = 0; poster < kPosters; ++poster) {
    posters.emplace_back([&, poster] {
      for (int i = 0; i < kTasks; ++i) {
        for (std::size_t s = 0; s < strands.size(); ++s) {
          strands[s]->post([&mine = seen[s], poster, i] {
            if (mine.inside.fetch_add(1) != 0) ++mine.faults;
            int& next = mine.next[static_cast<std::size_t>(poster)];
            if (next != i) ++mine.faults;
            next = i + 1;
            mine.inside.fetch_sub(1);
          });
        }
      }
    });
  }
  for (std::thread& poster : posters) poster.join();
  for (std::size_t s = 0; s < strands.size(); ++s) {
    settle(*strands[s]);
    EXPECT_EQ(seen[s].faults, 0);
    for (const int next : seen[s].next) EXPECT_EQ(next, kTasks);
  }
}

TEST(Strand, RunsWhileAnotherOneIsBusy) {
  StrandPool pool(2);
  const auto busy = pool.makeStrand();
  const auto other = pool.makeStrand();
  Gate gate;
  gate.hold(*busy);
  busy->post([] {});
  settle(*other);
  EXPECT_EQ(busy->pending(), 1u);
  gate.open();
  settle(*busy);
  EXPECT_EQ(busy->pending(), 0u);
}

TEST(Strand, GivesWayToOthersAfterEachTask) {
  StrandPool pool(1);
  const auto flooded = pool.makeStrand();
  const auto other = pool.makeStrand();
  Gate gate;
  gate.hold(*flooded);
  std::atomic<int> ran{0};
  for (int i = 0; i < 100; ++i) flooded->post([&] { ++ran; });
  int ranBefore = -1;
  other->post([&] { ranBefore = ran; });
  gate.open();
  settle(*other);
  EXPECT_LE(ranBefore, 1) << "the other strand did not wait for all hundred";
  settle(*flooded);
  EXPECT_EQ(ran, 100);
}

TEST(Strand, MayWaitForManyOthersInASmallPool) {
  constexpr int kStrands = 40;
  StrandPool pool(2, {.stuck = std::chrono::milliseconds(5), .helperIdle = std::chrono::milliseconds(5)});
  std::vector<std::shared_ptr<Strand>> strands;
  for (int round = 0; round < 3; ++round) {
    std::latch all(kStrands);
    for (int i = 0; i < kStrands; ++i) strands.push_back(pool.makeStrand());
    for (int i = 0; i < kStrands; ++i)
      strands[strands.size() - 1 - static_cast<std::size_t>(i)]->post([&all] { all.arrive_and_wait(); });
    all.wait();
    for (const auto& strand : strands) settle(*strand);
    while (pool.helpers() != 0) std::this_thread::yield();  // they go when there is nothing to do
  }
}

TEST(Strand, PoolWaitsForTheTasksOfItsHelpers) {
  std::latch all(5);
  std::atomic<int> ended{0};
  {
    StrandPool pool(1, {.stuck = std::chrono::milliseconds(1), .helperIdle = std::chrono::hours(1)});
    for (int i = 0; i < 5; ++i) {
      pool.makeStrand()->post([&] {
        all.arrive_and_wait();
        ++ended;
      });
    }
    all.wait();
  }
  EXPECT_EQ(ended, 5);  // the pool waits for a task that is under way
}

TEST(Strand, KnowsWhetherTheCallerRunsOnIt) {
  StrandPool pool(2);
  const auto strand = pool.makeStrand();
  const auto other = pool.makeStrand();
  bool inside = false;
  bool insideOther = true;
  strand->post([&] {
    inside = strand->runningHere();
    insideOther = other->runningHere();
  });
  settle(*strand);
  EXPECT_TRUE(inside);
  EXPECT_FALSE(insideOther);
  EXPECT_FALSE(strand->runningHere());
}

TEST(Strand, DestroysTheCapturesOfATaskAsPartOfIt) {
  StrandPool pool(2);
  const auto strand = pool.makeStrand();
  std::promise<bool> diedInside;
  struct Owned {
    Strand& strand;
    std::promise<bool>& died;
    Owned(Strand& runsOn, std::promise<bool>& tells) : strand(runsOn), died(tells) {}
    ~Owned() {
      died.set_value(strand.runningHere());
      strand.close(true);  // as the last reference to a service does: must not wait for itself
    }
  };
  strand->post([owned = std::make_unique<Owned>(*strand, diedInside)] {});
  EXPECT_TRUE(diedInside.get_future().get());
}

// ---- close
// -----------------------------------------------------------------------------------------------------------

TEST(StrandClose, DropsWaitingAndLaterTasks) {
  StrandPool pool(1);
  const auto strand = pool.makeStrand();
  Gate gate;
  gate.hold(*strand);
  const auto owned = std::make_shared<int>(0);
  strand->post([owned] { ++*owned; });
  EXPECT_EQ(strand->pending(), 1u);
  strand->close(false);
  EXPECT_EQ(strand->pending(), 0u);
  EXPECT_EQ(owned.use_count(), 1) << "what the task owned is gone";
  strand->post([owned] { ++*owned; });
  EXPECT_EQ(owned.use_count(), 1);
  gate.open();
  settle(*pool.makeStrand());
  EXPECT_EQ(*owned, 0);
}

TEST(StrandClose, FromOutsideWaitsForTheRunningTask) {
  StrandPool pool(2);
  const auto strand = pool.makeStrand();
  std::promise<void> entered;
  std::atomic<bool> ended{false};
  strand->post([&] {
    entered.set_value();
    std::this_thread::sleep_for(std::chrono::milliseconds(30));
    ended = true;
  });
  entered.get_future().wait();
  strand->close(true);
  EXPECT_TRUE(ended);
}

TEST(StrandClose, WithoutWaitReturnsWhileATaskRuns) {
  StrandPool pool(1);
  const auto strand = pool.makeStrand();
  Gate gate;
  gate.hold(*strand);
  strand->close(false);
  gate.open();
  strand->close(true);
}

TEST(StrandClose, FromInsideReturnsAtOnceAndNothingMoreRuns) {
  StrandPool pool(2);
  const auto strand = pool.makeStrand();
  std::promise<void> closed;
  std::atomic<int> ran{0};
  Gate gate;
  gate.hold(*strand);
  strand->post([&] {
    strand->close(true);
    closed.set_value();
  });
  strand->post([&] { ++ran; });
  gate.open();
  closed.get_future().wait();
  strand->close(true);
  EXPECT_EQ(ran, 0);
}

TEST(StrandClose, FromAnotherStrandOfASmallPoolWaits) {
  StrandPool pool(2);
  const auto first = pool.makeStrand();
  const auto second = pool.makeStrand();
  Gate gate;
  gate.hold(*first);
  std::promise<void> closed;
  second->post([&] {
    first->close(true);
    closed.set_value();
  });
  auto done = closed.get_future();
  EXPECT_EQ(done.wait_for(std::chrono::milliseconds(20)), std::future_status::timeout);
  gate.open();
  done.wait();
}

TEST(StrandClose, FromManyThreadsWhileOthersPost) {
  StrandPool pool(3);
  for (int round = 0; round < 50; ++round) {
    const auto strand = pool.makeStrand();
    std::atomic<bool> closed{false};
    std::atomic<int> late{0};
    std::latch start(5);
    std::vector<std::thread> threads;
    for (int i = 0; i < 3; ++i) {
      threads.emplace_back([&] {
        start.arrive_and_wait();
        for (int n = 0; n < 100; ++n) {
          strand->post([&] {
            if (closed) ++late;
          });
        }
      });
    }
    for (int i = 0; i < 2; ++i) {
      threads.emplace_back([&] {
        start.arrive_and_wait();
        strand->close(true);
        closed = true;
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(late, 0) << "after close(true) nothing of the strand runs";
  }
}

// ---- the end of the pool
// ---------------------------------------------------------------------------------------------

TEST(StrandPool, DropsWaitingTasksWhenItEnds) {
  const auto owned = std::make_shared<int>(0);
  std::shared_ptr<Strand> kept;
  Gate gate;
  std::thread opener;
  {
    StrandPool pool(1, {.stuck = std::chrono::hours(1), .helperIdle = {}});
    kept = pool.makeStrand();
    const auto forgotten = pool.makeStrand();
    gate.hold(*kept);
    kept->post([owned] { ++*owned; });
    forgotten->post([owned, forgotten] { ++*owned; });  // a circle: task, strand, pool
    opener = std::thread([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      gate.open();
    });
  }
  opener.join();
  EXPECT_EQ(*owned, 0);
  EXPECT_EQ(owned.use_count(), 1);
}

TEST(StrandPool, MayEndBeforeItsStrands) {
  std::shared_ptr<Strand> strand;
  {
    StrandPool pool(2);
    strand = pool.makeStrand();
    settle(*strand);
  }
  const auto owned = std::make_shared<int>(0);
  strand->post([owned, strand] { ++*owned; });
  EXPECT_EQ(owned.use_count(), 1) << "dropped, since no thread will come for it";
  EXPECT_EQ(strand->pending(), 0u);
  strand->close(true);
}

TEST(StrandPool, MayBeDestroyedFromItsOwnThread) {
  for (int round = 0; round < 20; ++round) {
    auto pool = std::make_unique<StrandPool>(2);
    const auto strand = pool->makeStrand();
    const auto owned = std::make_shared<int>(0);
    std::promise<void> destroyed;
    std::promise<void> posted;
    StrandPool& alive = *pool;
    strand->post([&destroyed, ready = posted.get_future().share(), pool = std::move(pool)]() mutable {
      ready.wait();
      pool.reset();
      destroyed.set_value();
    });
    strand->post([owned] { ++*owned; });
    alive.makeStrand()->post([] {});
    posted.set_value();
    destroyed.get_future().wait();
    strand->close(true);
    EXPECT_EQ(*owned, 0);
  }
}

TEST(StrandPool, EndsWithoutATaskThatRunsAndLeavesItToItself) {
  StrandPool pool(2);
  const auto strand = pool.makeStrand();
  const auto owned = std::make_shared<int>(0);
  Gate gate;
  gate.hold(*strand);
  strand->post([owned] { ++*owned; });
  pool.end(std::chrono::milliseconds(0));
  EXPECT_EQ(strand->pending(), 1u) << "its thread is still there, and drops it";
  gate.open();
  strand->close(true);
  EXPECT_EQ(strand->pending(), 0u);
  EXPECT_EQ(*owned, 0);
}

TEST(StrandPool, EndsWhilePostersAreStillAtWork) {
  for (int round = 0; round < 30; ++round) {
    auto pool = std::make_unique<StrandPool>(2);
    std::vector<std::shared_ptr<Strand>> strands = {pool->makeStrand(), pool->makeStrand()};
    std::atomic<bool> stop{false};
    std::vector<std::thread> posters;
    for (const auto& strand : strands) {
      posters.emplace_back([&stop, strand] {
        while (!stop) strand->post([strand] {});
      });
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(1));
    pool.reset();
    stop = true;
    for (std::thread& poster : posters) poster.join();
    for (const auto& strand : strands) EXPECT_EQ(strand->pending(), 0u);
  }
}

}  // namespace
}  // namespace rtm::client
