#include "server/store/memory_store.hpp"

#include <gtest/gtest.h>

#include "server/engine/seam/engine.hpp"

namespace rtm::server {
namespace {

constexpr AppNumber kApp{1};
constexpr AppNumber kOther{2};

struct NoHost final : LoopHost {
  std::uint64_t now() const override { return 0; }
  std::uint64_t wallClockMs() const override { return 0; }
  void post(Task) override { ADD_FAILURE() << "completes at once"; }
  void requestTurnEnd() override {}
};

class MemoryStoreTest : public ::testing::Test {
 protected:
  bool append(const std::string& receiver, std::uint64_t timeMs, std::size_t bytes = 10) {
    bool taken = false;
    store->appendOffline(host, {kApp, receiver},
                         {.senderId = "alice", .timeMs = timeMs, .requiredCapabilities = 0, .content = Bytes(bytes)},
                         [&](bool ok) { taken = ok; });
    return taken;
  }
  std::size_t waiting(const std::string& receiver, std::uint64_t nowMs) {
    std::size_t count = 0;
    store->loadOffline(host, {kApp, receiver}, nowMs, [&](const OfflinePage& page) { count = page.entries.size(); });
    return count;
  }
  bool keep(const std::string& source, const std::string& text, std::uint64_t timeMs, AppNumber app = kApp) {
    bool kept = false;
    store->appendHistory(host, app, {source, "feed", true, timeMs, text}, [&](bool ok) { kept = ok; });
    return kept;
  }
  std::vector<std::string> texts(const std::string& source, std::uint64_t nowMs, AppNumber app = kApp) {
    HistoryFilter filter;
    filter.app = app;
    filter.source = source;
    filter.endMs = ~std::uint64_t{0};
    filter.nowMs = nowMs;
    filter.limit = 100;
    filter.bytes = 60'000;
    std::vector<std::string> found;
    store->queryHistory(host, filter, [&](const HistoryPage& page) {
      for (const auto& record : page.records) found.push_back(record->text);
    });
    return found;
  }
  using Texts = std::vector<std::string>;
  NoHost host;
  std::unique_ptr<MemoryStore> store = std::make_unique<MemoryStore>(Retention{});
};

TEST_F(MemoryStoreTest, SweepsQueuesThatNobodyReads) {
  for (int i = 0; i < 200; ++i) EXPECT_TRUE(append("user" + std::to_string(i), 1000));
  EXPECT_TRUE(append("late", 2000));
  const std::uint64_t week = Retention{}.offlineMs;
  for (int i = 0; i < 5; ++i) store->tick(1000 + week);
  EXPECT_EQ(1U, waiting("late", 1000 + week));
  for (int i = 0; i < 5; ++i) store->tick(2000 + week);
  EXPECT_EQ(0U, store->offlineBytes());
}

TEST_F(MemoryStoreTest, FreesTheBytesOfDroppedMessages) {
  Retention small;
  small.offlineMessages = 2;
  small.offlineBytes = 2500;
  store = std::make_unique<MemoryStore>(small);
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(append("bob", 1, 1000)) << "the one it pushes out makes room";
  EXPECT_FALSE(append("carol", 1, 1000));
  EXPECT_EQ(2U, waiting("bob", 1));
  EXPECT_EQ(0U, waiting("carol", 1));
}

TEST_F(MemoryStoreTest, HistoryIsInTheOrderOfTimeEvenIfClocksJump) {
  for (const std::uint64_t time : {5U, 3U, 4U, 3U}) {
    EXPECT_TRUE(keep("alice", std::to_string(time) + (texts("alice", 10).size() == 3 ? "b" : ""), time));
  }
  EXPECT_EQ((Texts{"3", "3b", "4", "5"}), texts("alice", 10));
}

TEST_F(MemoryStoreTest, HistoryDropsTheOldestAboveItsBytes) {
  Retention small;
  small.historyBytes = 3500;
  store = std::make_unique<MemoryStore>(small);
  for (std::uint64_t i = 1; i <= 10; ++i)
    EXPECT_TRUE(keep(i % 2 == 0 ? "even" : "odd", std::to_string(i) + std::string(1000, 'x'), i));
  EXPECT_EQ(1U, texts("even", 10).size());
  EXPECT_EQ(1U, texts("odd", 10).size());
  EXPECT_EQ('9', texts("odd", 10).front().front());
  EXPECT_FALSE(keep("odd", std::string(3500, 'x'), 11));
  EXPECT_EQ(1U, texts("odd", 10).size()) << "what can never fit pushes nothing out";
  EXPECT_TRUE(keep("odd", "small", 11, kOther));
  EXPECT_EQ((Texts{"small"}), texts("odd", 11, kOther)) << "an App ID has its own bound";
}

TEST_F(MemoryStoreTest, HistoryForgetsAfterSevenDays) {
  const std::uint64_t week = Retention{}.historyMs;
  EXPECT_TRUE(keep("alice", "first", 1000));
  EXPECT_TRUE(keep("alice", "second", 1001));
  EXPECT_EQ((Texts{"first", "second"}), texts("alice", 1000 + week - 1));
  EXPECT_EQ((Texts{"second"}), texts("alice", 1000 + week)) << "not found, swept or not";
  store->tick(1000 + week);
  EXPECT_EQ((Texts{"second"}), texts("alice", 1000));
  store->tick(1001 + week);
  EXPECT_EQ(Texts{}, texts("alice", 1001));
}

}  // namespace
}  // namespace rtm::server
