#include "server/store/measured_store.hpp"

#include <gtest/gtest.h>

#include <numeric>

#include "slow_store.hpp"

namespace rtm::server {
namespace {

struct DirectHost final : LoopHost {
  std::uint64_t now() const override { return 0; }
  std::uint64_t wallClockMs() const override { return 0; }
  void post(Task task) override { task(); }
  void requestTurnEnd() override {}
};

class MeasuredStoreTest : public ::testing::Test {
 protected:
  void append(std::vector<bool>& outcomes) {
    store.appendOffline(host, {AppNumber{1}, "bob"},
                        {.senderId = "alice", .timeMs = 1, .requiredCapabilities = 0, .content = {}},
                        [&](bool ok) { outcomes.push_back(ok); });
  }

  DirectHost host;
  std::shared_ptr<SlowStore> slow = std::make_shared<SlowStore>();
  std::vector<std::string> lines;
  MeasuredStore store{slow, [this](LogLevel, std::string_view line) { lines.emplace_back(line); }};
};

TEST_F(MeasuredStoreTest, CountsAnAppendOnceItIsAnswered) {
  std::vector<bool> outcomes;
  append(outcomes);
  EXPECT_EQ(0U, store.stats().appends);
  slow->completeAll();
  EXPECT_EQ(std::vector<bool>{true}, outcomes);
  const StoreStats stats = store.stats();
  EXPECT_EQ(1U, stats.appends);
  EXPECT_EQ(0U, stats.failures);
  EXPECT_EQ(1U, std::accumulate(stats.appendTimes.begin(), stats.appendTimes.end(), std::uint64_t{0}));
}

TEST_F(MeasuredStoreTest, CountsFailuresOfEveryOperationAndPassesThemOn) {
  std::vector<bool> outcomes;
  slow->fails = [](const std::string&) { return true; };
  append(outcomes);
  bool loaded = true;
  store.loadOffline(host, {AppNumber{1}, "bob"}, 1, [&](const OfflinePage& page) { loaded = page.ok; });
  store.removeOffline(host, {AppNumber{1}, "bob"}, 1, 1, [&](bool ok) { outcomes.push_back(ok); });
  store.appendHistory(host, AppNumber{1}, {"alice", "bob", false, 1, "text"}, [&](bool ok) { outcomes.push_back(ok); });
  slow->completeAll();
  EXPECT_EQ((std::vector<bool>{false, false, false}), outcomes);
  EXPECT_FALSE(loaded);
  EXPECT_EQ(4U, store.stats().failures);
  EXPECT_EQ(std::vector<std::string>{"the store failed or is full: 1 operations refused since the last such line"},
            lines)
      << "not a line for each";
  EXPECT_EQ(2U, store.stats().appends);
}

TEST(MemoryStoreCount, CountsMessagesUntilTheyAreRemovedDroppedOrExpired) {
  DirectHost host;
  Retention retention;
  retention.offlineMessages = 2;
  retention.offlineMs = 100;
  MemoryStore store(retention);
  const auto append = [&](std::uint64_t at) {
    store.appendOffline(host, {AppNumber{1}, "bob"},
                        {.senderId = "a", .timeMs = at, .requiredCapabilities = 0, .content = {}}, [](bool) {});
  };
  append(10);
  append(20);
  EXPECT_EQ(2U, store.offlineHeld());
  append(30);
  EXPECT_EQ(2U, store.offlineHeld()) << "one is pushed out";
  store.removeOffline(host, {AppNumber{1}, "bob"}, 3, 3, [](bool) {});
  EXPECT_EQ(1U, store.offlineHeld());
  store.tick(1000);
  EXPECT_EQ(0U, store.offlineHeld());
}

}  // namespace
}  // namespace rtm::server
