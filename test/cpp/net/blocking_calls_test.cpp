#include "net/loop/blocking_calls.hpp"

#include <algorithm>
#include <atomic>
#include <functional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "net/support.hpp"

namespace rtm::net::test {
namespace {

class BlockingCallsTest : public NetTest {
 protected:
  BlockingCalls& calls() { return loop().local<BlockingCalls>(); }
};

TEST_F(BlockingCallsTest, RunOnAnotherThreadAndEndOnTheLoopInALaterTurn) {
  Signal signal;
  std::vector<std::string> order;
  const auto note = [&](const char* what) { signal.update([&] { order.emplace_back(what); }); };
  run([&] {
    calls().run([&] { note(loop().onLoopThread() ? "call on the loop" : "call"); },
                [&] { note(loop().onLoopThread() ? "done" : "done elsewhere"); });
    note("begun");
  });
  ASSERT_TRUE(signal.await([&] { return order.size() == 3; }));
  run([] {});  // the last update has returned
  EXPECT_EQ(order.back(), "done");
  EXPECT_NE(std::find(order.begin(), order.end(), "call"), order.end());
}

TEST_F(BlockingCallsTest, ACallThatBlocksStopsNeitherTheLoopNorOtherCalls) {
  std::promise<void> release;
  std::promise<void> slow;
  std::promise<void> quick;
  run([&] {
    calls().run([&] { release.get_future().wait(); }, [&] { slow.set_value(); });
    calls().run([] {}, [&] { quick.set_value(); });
  });
  EXPECT_EQ(quick.get_future().wait_for(kDeadline), std::future_status::ready);
  run([] {});  // the loop has turns
  release.set_value();
  EXPECT_EQ(slow.get_future().wait_for(kDeadline), std::future_status::ready);
  run([] {});  // the promises are no longer in use
}

TEST_F(BlockingCallsTest, ManyCallsRunOnceEachOnFewThreads) {
  constexpr int kCalls = 2000;
  Signal signal;
  std::set<std::thread::id> threads;
  std::vector<int> ran(kCalls, 0);
  int ended = 0;
  run([&] {
    for (int i = 0; i < kCalls; ++i) {
      calls().run(
          [&, i] {
            signal.update([&] {
              threads.insert(std::this_thread::get_id());
              ++ran[static_cast<std::size_t>(i)];
            });
          },
          [&] { signal.update([&] { ++ended; }); });
    }
  });
  ASSERT_TRUE(signal.await([&] { return ended == kCalls; }));
  run([] {});  // the last update has returned
  EXPECT_EQ(ran, std::vector<int>(kCalls, 1));
  EXPECT_LE(threads.size(), BlockingCalls::kMaxThreads);
}

TEST(BlockingCallsAtStop, EndBeforeTheLoopDoesAndSoDoesWhatTheyLeadTo) {
  auto loop = IoLoop::start("rtm-test");
  ASSERT_TRUE(loop);
  IoLoop& on = *loop.value();
  std::promise<void> begun;
  std::promise<void> release;
  std::vector<std::string> order;
  std::atomic<bool> elsewhere{false};
  const auto step = [&](const char* what) {
    if (!on.onLoopThread()) elsewhere = true;
    order.emplace_back(what);
  };
  on.post([&] {
    auto& calls = on.local<BlockingCalls>();
    calls.run(
        [&] {
          begun.set_value();
          release.get_future().wait();
        },
        [&] {
          step("closed");
          calls.run([] {}, [&] { step("removed"); });
        });
  });
  begun.get_future().wait();
  std::thread stopper([&] { on.stop(); });
  while (on.post([] {})) std::this_thread::yield();  // until stop() has begun
  release.set_value();
  stopper.join();
  EXPECT_EQ(order, (std::vector<std::string>{"closed", "removed"}));
  EXPECT_FALSE(elsewhere);
}

TEST(BlockingCallsAtStop, ACallFromTheLastObjectsOfALoopRunsAtOnce) {
  auto loop = IoLoop::start("rtm-test");
  ASSERT_TRUE(loop);
  IoLoop& on = *loop.value();
  /// A hook that was there first runs last.
  struct Late final : StopHook {
    explicit Late(std::function<void()> then) : body(std::move(then)) {}
    void onLoopStop() override { body(); }
    std::function<void()> body;
  };
  std::vector<std::string> order;
  Late late(
      [&] { on.local<BlockingCalls>().run([&] { order.emplace_back("call"); }, [&] { order.emplace_back("done"); }); });
  on.post([&] {
    on.atStop(late);
    on.local<BlockingCalls>();
  });
  on.stop();
  EXPECT_EQ(order, (std::vector<std::string>{"call", "done"}));
}

}  // namespace
}  // namespace rtm::net::test
