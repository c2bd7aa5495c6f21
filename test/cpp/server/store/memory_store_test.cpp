#include "server/store/memory_store.hpp"

#include <gtest/gtest.h>

#include "server/engine/seam/engine.hpp"

namespace rtm::server {
namespace {

constexpr AppNumber kFirstApp{1};
constexpr AppNumber kOther{2};

struct NoHost final : LoopHost {
  std::uint64_t now() const override { return 0; }
  std::uint64_t wallClockMs() const override { return 0; }
  void post(Task) override { ADD_FAILURE() << "completes at once"; }
  void requestTurnEnd() override {}
};

class MemoryStoreTest : public ::testing::Test {
 protected:
  bool append(const std::string& receiver, std::uint64_t timeMs, std::size_t bytes = 10,
              const std::string& sender = "alice", AppNumber app = kFirstApp) {
    bool taken = false;
    store->appendOffline(host, {app, receiver},
                         {.senderId = sender, .timeMs = timeMs, .requiredCapabilities = 0, .content = Bytes(bytes)},
                         [&](bool ok) { taken = ok; });
    return taken;
  }
  /// The senders of a queue, in its order.
  std::string senders(const std::string& receiver, AppNumber app = kFirstApp) {
    std::string all;
    store->loadOffline(host, {app, receiver}, 1, [&](const OfflinePage& page) {
      for (const OfflineEntry& entry : page.entries) all += (all.empty() ? "" : " ") + entry.message->senderId;
    });
    return all;
  }
  std::size_t waiting(const std::string& receiver, std::uint64_t nowMs) {
    std::size_t count = 0;
    store->loadOffline(host, {kFirstApp, receiver}, nowMs,
                       [&](const OfflinePage& page) { count = page.entries.size(); });
    return count;
  }
  bool keep(const std::string& source, const std::string& text, std::uint64_t timeMs, AppNumber app = kFirstApp) {
    bool kept = false;
    store->appendHistory(host, app, {source, "feed", true, timeMs, text}, [&](bool ok) { kept = ok; });
    return kept;
  }
  std::vector<std::string> texts(const std::string& source, std::uint64_t nowMs, AppNumber app = kFirstApp) {
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

TEST_F(MemoryStoreTest, AFullQueueDropsTheOldestOfTheSenderWithMost) {
  Retention small;
  small.offlineMessages = 4;
  store = std::make_unique<MemoryStore>(small);
  const struct {
    const char* sender;
    const char* left;
  } steps[] = {
      {"ann", "ann"},
      {"mal", "ann mal"},
      {"mal", "ann mal mal"},
      {"ann", "ann mal mal ann"},
      {"mal", "ann mal ann mal"},
      {"mal", "ann ann mal mal"},
      {"ann", "ann mal mal ann"},  // with the new one it is Ann who has most
      {"bob", "mal mal ann bob"},  // two have as many: the oldest goes
      {"bob", "mal ann bob bob"},
  };
  for (const auto& [sender, left] : steps) {
    EXPECT_TRUE(append("victim", 1, 10, sender));
    EXPECT_EQ(left, senders("victim"));
  }
  store->removeOffline(host, {kFirstApp, "victim"}, 0, ~std::uint64_t{0}, [](bool) {});
  EXPECT_EQ(0U, store->offlineBytes());
}

TEST_F(MemoryStoreTest, ASmallSenderTakesRoomFromTheLargest) {
  Retention small;
  small.offlineBytes = 16'000;
  store = std::make_unique<MemoryStore>(small);
  int taken = 0;
  while (append("m" + std::to_string(taken), 1, 1000, "mal")) ++taken;
  EXPECT_EQ(13, taken);
  EXPECT_TRUE(append("a", 1, 1000, "ann"));
  EXPECT_FALSE(append("a", 1, 1000, "ann")) << "an eighth of the bytes is her share";
  EXPECT_EQ("ann", senders("a"));
  EXPECT_EQ("", senders("m0")) << "the oldest of the largest sender made way";
  EXPECT_EQ("mal", senders("m1"));
  EXPECT_FALSE(append("m", 1, 1000, "mal"));
  for (int i = 0; i < 12; ++i) append("b" + std::to_string(i), 1, 500, "small" + std::to_string(i));
  EXPECT_EQ("ann", senders("a")) << "others are larger";
  EXPECT_LE(store->offlineBytes(), small.offlineBytes);
}

TEST_F(MemoryStoreTest, AnAppCannotFillWhatAnotherNeeds) {
  constexpr AppNumber kFirst{0};
  constexpr AppNumber kSecond{1};
  Retention small;
  small.offlineBytes = 20'000;
  store = std::make_unique<MemoryStore>(small, 2);
  const auto fill = [&](AppNumber app) {
    int taken = 0;
    while (append("m" + std::to_string(taken), 1, 1000, "mal", app)) ++taken;
    return taken;
  };
  EXPECT_EQ(8, fill(kFirst)) << "half";
  EXPECT_EQ(8, fill(kSecond));
  EXPECT_FALSE(append("huge", 1, 20'000, "ann", kFirst));
  EXPECT_EQ("mal", senders("m0", kFirst)) << "what can never fit pushes nothing out";
}

TEST_F(MemoryStoreTest, WhatASenderStoresIsPartOfWhatItMayTake) {
  Ledger ledger({.memory = 0, .user = 40'000, .apps = 2});  // three quarters of them for what is stored, and the like
  store = std::make_unique<MemoryStore>(Retention{}, 2, &ledger);
  int taken = 0;
  while (append("m" + std::to_string(taken), 1, 5000, "mal")) ++taken;
  EXPECT_EQ(5, taken);
  EXPECT_GE(ledger.bytesOf({kFirstApp, "mal"}), 25'000U);
  EXPECT_EQ(ledger.bytesOf({kFirstApp, "mal"}), ledger.bytesOf(MemoryCategory::Offline));
  EXPECT_TRUE(append("m0", 1, 5000, "ann")) << "others have room";
  store->removeOffline(host, {kFirstApp, "m1"}, 0, 1000, [](bool) {});
  EXPECT_TRUE(append("m1", 1, 5000, "mal")) << "what was delivered is paid back";
}

TEST(AppShares, LeaveEachAppItsGuarantee) {
  AppShares shares(1200, 3);
  EXPECT_EQ(600, shares.room(AppNumber{0}));
  shares.add(AppNumber{0}, 600);
  EXPECT_EQ(0, shares.room(AppNumber{0}));
  EXPECT_EQ(400, shares.room(AppNumber{1})) << "200 are kept for the third";
  shares.add(AppNumber{1}, 400);
  EXPECT_EQ(200, shares.room(AppNumber{2}));
  shares.remove(AppNumber{0}, 600);
  EXPECT_EQ(600, shares.room(AppNumber{2}));
  shares.addOutside(900);
  EXPECT_EQ(-300, shares.room(AppNumber{0})) << "bytes of no App leave no room";
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
