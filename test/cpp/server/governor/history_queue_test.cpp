#include "server/governor/history_queue.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <utility>
#include <vector>

namespace rtm::server {
namespace {

constexpr AppNumber kBusy{0};
constexpr AppNumber kQuiet{1};
constexpr AppNumber kThird{2};

struct FakeHost final : LoopHost {
  std::uint64_t now() const override { return 0; }
  std::uint64_t wallClockMs() const override { return 0; }
  void post(Task task) override { tasks.push_back(std::move(task)); }
  void requestTurnEnd() override {}
  void turn() {
    for (Task& task : std::exchange(tasks, {})) task();
  }
  std::deque<Task> tasks;
};

class HistoryQueueTest : public ::testing::Test {
 protected:
  void SetUp() override {
    queue.attach(0, host);
    queue.attach(1, other);
  }
  void enter(const std::string& name, AppNumber app, std::uint64_t session = 0, std::uint64_t nowMs = 0,
             std::uint32_t loop = 0) {
    queue.enter(loop, app, session, nowMs, [this, name](bool may) { heard.push_back(name + (may ? "+" : "-")); });
  }
  /// As many as may run at a time.
  void fillRunning(AppNumber app) {
    for (std::size_t i = 0; i < HistoryQueue::kRunning; ++i) enter("first", app);
    EXPECT_EQ(HistoryQueue::kRunning, heard.size());
    heard.clear();
  }
  std::vector<std::string> take() {
    host.turn();
    other.turn();
    return std::exchange(heard, {});
  }
  using Lines = std::vector<std::string>;
  HistoryQueue queue;
  FakeHost host;
  FakeHost other;
  Lines heard;
};

TEST_F(HistoryQueueTest, LetsEightRunAndTheRestWaitForTheirTurn) {
  fillRunning(kBusy);
  enter("ninth", kBusy);
  enter("tenth", kBusy);
  EXPECT_EQ(Lines{}, take());
  queue.leave(kBusy);
  EXPECT_EQ(Lines{"ninth+"}, take());
  queue.leave(kBusy);
  EXPECT_EQ(Lines{"tenth+"}, take());
  for (std::size_t i = 0; i < HistoryQueue::kRunning; ++i) queue.leave(kBusy);
  EXPECT_EQ(0U, queue.running());
  enter("at once", kBusy);
  EXPECT_EQ(Lines{"at once+"}, heard);
}

TEST_F(HistoryQueueTest, GivesTheAppsTurns) {
  fillRunning(kBusy);
  for (const char* name : {"a1", "a2", "a3"}) enter(name, kBusy);
  for (const char* name : {"b1", "b2"}) enter(name, kQuiet);
  enter("c1", kThird);
  Lines order;
  for (int i = 0; i < 6; ++i) {
    queue.leave(kBusy);
    for (const std::string& name : take()) order.push_back(name);
  }
  EXPECT_EQ((Lines{"b1+", "c1+", "b2+", "a1+", "a2+", "a3+"}), order) << "the busy App had more than its share";
}

TEST_F(HistoryQueueTest, GivesAnAppHalfOfThePlacesWhileOthersWait) {
  fillRunning(kBusy);
  for (int i = 0; i < 6; ++i) {
    enter("a", kBusy);
    enter("b", kQuiet);
  }
  Lines order;
  const auto leave = [&](AppNumber app) {
    queue.leave(app);
    for (const std::string& name : take()) order.push_back(name);
  };
  for (int i = 0; i < 4; ++i) leave(kBusy);
  EXPECT_EQ((Lines{"b+", "b+", "b+", "b+"}), std::exchange(order, {}));
  leave(kBusy);
  leave(kQuiet);
  leave(kBusy);
  EXPECT_EQ((Lines{"a+", "b+", "a+"}), std::exchange(order, {})) << "each in the place of its own";
  leave(kQuiet);
  leave(kQuiet);
  EXPECT_EQ((Lines{"b+", "a+"}), std::exchange(order, {})) << "nobody else waits";
  EXPECT_EQ(HistoryQueue::kRunning, queue.running());
}

TEST_F(HistoryQueueTest, RefusesWhatWaitsTooLong) {
  fillRunning(kBusy);
  enter("old", kBusy, 0, 1000);
  enter("young", kBusy, 0, 1001);
  enter("elsewhere", kBusy, 0, 1000, 1);
  queue.sweep(0, 1000 + HistoryQueue::kPatienceMs - 1);
  EXPECT_EQ(Lines{}, take());
  queue.sweep(0, 1000 + HistoryQueue::kPatienceMs);
  EXPECT_EQ(Lines{"old-"}, take()) << "another loop tells its own";
  queue.sweep(1, 1000 + HistoryQueue::kPatienceMs);
  EXPECT_EQ(Lines{"elsewhere-"}, take());
  EXPECT_EQ(1U, queue.waiting());
}

TEST_F(HistoryQueueTest, WhenFullTheAppWithTheMostGivesWay) {
  fillRunning(kBusy);
  for (std::size_t i = 0; i < HistoryQueue::kWaiting; ++i) enter(std::to_string(i), kBusy);
  EXPECT_EQ(Lines{}, take());
  enter("one more", kBusy);
  EXPECT_EQ(Lines{"one more-"}, take());
  enter("of another", kQuiet);
  EXPECT_EQ(Lines{"63-"}, take()) << "the newest of the busy App";
  EXPECT_EQ(HistoryQueue::kWaiting, queue.waiting());
  queue.leave(kBusy);
  EXPECT_EQ(Lines{"of another+"}, take());
}

TEST_F(HistoryQueueTest, RunsNothingForASessionThatIsGone) {
  fillRunning(kBusy);
  enter("gone", kBusy, 7);
  enter("stays", kBusy, 8);
  queue.cancel(7);
  queue.leave(kBusy);
  EXPECT_EQ(Lines{"stays+"}, take());
  EXPECT_EQ(0U, queue.waiting());
}

TEST_F(HistoryQueueTest, CallsNoLoopThatHasEnded) {
  fillRunning(kBusy);
  enter("on the loop that ends", kBusy, 7, 0, 1);
  enter("stays", kBusy, 8);
  queue.detach(1);
  queue.leave(kBusy);
  EXPECT_EQ(Lines{"stays+"}, take());
  queue.leave(kBusy);
  EXPECT_EQ(HistoryQueue::kRunning - 1, queue.running());
  enter("eighth", kBusy);
  enter("told too late", kBusy);
  EXPECT_EQ(Lines{"eighth+"}, take());
  queue.leave(kBusy);
  queue.detach(0);
  EXPECT_EQ(Lines{}, take());
  EXPECT_EQ(HistoryQueue::kRunning - 1, queue.running()) << "its place is free again";
}

}  // namespace
}  // namespace rtm::server
