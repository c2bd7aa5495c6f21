#include "client/runtime/handler_lock.hpp"

#include <gtest/gtest.h>

#include <future>
#include <latch>
#include <memory>
#include <thread>
#include <vector>

namespace rtm::client {
namespace {

TEST(HandlerLock, IsRecursive) {
  HandlerLock lock;
  const HandlerLock::Hold outer(lock);
  const HandlerLock::Hold inner(lock);
  EXPECT_TRUE(outer.owned());
  EXPECT_TRUE(inner.owned());
}

TEST(HandlerLock, WaitsForAHolderThatWaitsForNobody) {
  HandlerLock lock;
  std::promise<void> held;
  std::promise<void> go;
  bool returned = false;
  std::thread holder([&] {
    const HandlerLock::Hold hold(lock);
    held.set_value();
    go.get_future().wait();
    returned = true;
  });
  held.get_future().wait();
  std::thread opener([&] { go.set_value(); });
  {
    const HandlerLock::Hold hold(lock);
    EXPECT_TRUE(hold.owned());
    EXPECT_TRUE(returned);
  }
  holder.join();
  opener.join();
}

TEST(HandlerLock, LetsExactlyTheLastOfACirclePass) {
  for (const std::size_t threads : {2u, 3u, 7u}) {
    for (int round = 0; round < 50; ++round) {
      std::vector<std::unique_ptr<HandlerLock>> locks;
      for (std::size_t i = 0; i < threads; ++i) locks.push_back(std::make_unique<HandlerLock>());
      std::latch allHold(static_cast<std::ptrdiff_t>(threads));
      std::atomic<int> passed{0};
      std::vector<std::thread> circle;
      for (std::size_t i = 0; i < threads; ++i) {
        circle.emplace_back([&, i] {
          const HandlerLock::Hold own(*locks[i]);
          allHold.arrive_and_wait();
          const HandlerLock::Hold next(*locks[(i + 1) % threads]);
          if (!next.owned()) ++passed;
        });
      }
      for (std::thread& thread : circle) thread.join();
      ASSERT_EQ(passed, 1) << threads << " threads";
    }
  }
}

TEST(HandlerLock, IsHeldByOneThreadAtATime) {
  HandlerLock lock;
  int count = 0;  // a data race, for the sanitizer, if two threads are inside
  std::vector<std::thread> workers;
  for (int i = 0; i < 4; ++i) {
    workers.emplace_back([&] {
      for (int round = 0; round < 2000; ++round) {
        const HandlerLock::Hold hold(lock);
        ++count;
      }
    });
  }
  for (std::thread& worker : workers) worker.join();
  EXPECT_EQ(count, 8000);
}

}  // namespace
}  // namespace rtm::client
