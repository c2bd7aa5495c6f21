#include "server/governor/ledger.hpp"

#include <gtest/gtest.h>

#include <string>

namespace rtm::server {
namespace {

constexpr AppNumber kFirst{0};
constexpr AppNumber kSecond{1};
constexpr ScopedName kAnn{kFirst, "ann"};
constexpr ScopedName kBen{kFirst, "ben"};
constexpr ScopedName kFar{kSecond, "far"};

TEST(Ledger, AddsUpAccountsAppsAndCategories) {
  Ledger ledger({.memory = 1000, .user = 0, .apps = 2});
  ledger.charge(kAnn, MemoryCategory::Inboxes, 100);
  ledger.charge(kAnn, MemoryCategory::Watches, 20);
  ledger.charge(kBen, MemoryCategory::Watches, 30);
  ledger.charge(kFar, MemoryCategory::Inboxes, 7);
  ledger.measure(MemoryCategory::Rings, 5);
  EXPECT_EQ(120U, ledger.bytesOf(kAnn));
  EXPECT_EQ(150U, ledger.bytesOf(kFirst));
  EXPECT_EQ(7U, ledger.bytesOf(kSecond));
  EXPECT_EQ(107U, ledger.bytesOf(MemoryCategory::Inboxes));
  EXPECT_EQ(50U, ledger.bytesOf(MemoryCategory::Watches));
  EXPECT_EQ(162U, ledger.used());
  const std::vector<UserUsage> largest = ledger.largest(2);
  ASSERT_EQ(2U, largest.size());
  EXPECT_EQ("ann", largest[0].userId);
  EXPECT_EQ(120U, largest[0].bytes);
  EXPECT_EQ(20U, largest[0].memory[static_cast<std::size_t>(MemoryCategory::Watches)]);
  EXPECT_EQ("ben", largest[1].userId);
  ledger.charge(kAnn, MemoryCategory::Inboxes, -100);
  ledger.charge(kAnn, MemoryCategory::Watches, -20);
  EXPECT_EQ("ben", ledger.largest(5).front().userId) << "an empty account is gone";
}

TEST(Ledger, SaysWhoseBytesWaitInAQueueThatItsLoopMeasures) {
  Ledger ledger({.memory = 1000, .user = 0, .apps = 2});
  ledger.measure(MemoryCategory::Queues, 70);
  ledger.charge(kAnn, MemoryCategory::Queues, 60);
  EXPECT_EQ(60U, ledger.bytesOf(kAnn));
  EXPECT_EQ(70U, ledger.bytesOf(MemoryCategory::Queues));
  EXPECT_EQ(70U, ledger.used());
}

TEST(Ledger, BoundsAUserAndAnApp) {
  Ledger ledger({.memory = 1000, .user = 400, .apps = 2});  // a quarter is for what nobody can refuse
  EXPECT_TRUE(ledger.mayGrow(kAnn, 300));
  EXPECT_FALSE(ledger.mayGrow(kAnn, 301));
  ledger.charge(kAnn, MemoryCategory::Inboxes, 300);
  EXPECT_FALSE(ledger.mayGrow(kAnn, 1));
  EXPECT_TRUE(ledger.mayGrow(kBen, 200)) << "up to half of the memory";
  EXPECT_FALSE(ledger.mayGrow(kBen, 201));
  EXPECT_TRUE(ledger.mayGrow(kFar, 300));
}

TEST(Ledger, RefusesByLevels) {
  constexpr std::int64_t kUnit = std::int64_t{16} * 1024;
  Ledger ledger({.memory = 1000 * kUnit, .user = 0, .apps = 1});
  const struct {
    std::int64_t used;
    MemoryLevel level;
    bool small;  ///< whether an account below its share may grow
    bool large;
  } rows[] = {
      {749, MemoryLevel::Enough, true, true},  {750, MemoryLevel::Soft, true, false},
      {899, MemoryLevel::Soft, true, false},   {900, MemoryLevel::Hard, false, false},
      {1000, MemoryLevel::Full, false, false},
  };
  for (const auto& [used, level, small, large] : rows) {
    ledger.charge(kAnn, MemoryCategory::Inboxes, used * kUnit);
    EXPECT_EQ(level, ledger.level()) << used;
    EXPECT_EQ(small, ledger.mayGrow(kBen, 125 * kUnit)) << "an eighth is the share of few accounts";
    EXPECT_EQ(large, ledger.mayGrow(kAnn, 1)) << used;
    ledger.charge(kAnn, MemoryCategory::Inboxes, -used * kUnit);
  }
  ledger.setResident(900 * kUnit);
  EXPECT_EQ(MemoryLevel::Hard, ledger.level()) << "the system counts more than the ledger";
  ledger.setResident(10);
  EXPECT_EQ(MemoryLevel::Enough, ledger.level());
}

TEST(Ledger, LetsSmallAccountsGrowHoweverManyThereAre) {
  constexpr std::int64_t kMiB = std::int64_t{1024} * 1024;
  Ledger ledger({.memory = 100 * kMiB, .user = 0, .apps = 1});
  for (int user = 0; user < 1000; ++user) {
    ledger.charge({AppNumber{0}, "user " + std::to_string(user)}, MemoryCategory::Sessions, 80 * kMiB / 1000);
  }
  ASSERT_EQ(MemoryLevel::Soft, ledger.level());
  EXPECT_TRUE(ledger.mayGrow(kAnn, kMiB)) << "a share would be 100 KiB";
  EXPECT_FALSE(ledger.mayGrow(kAnn, kMiB + 1));
}

TEST(MemoryCharges, EndWithTheirOwner) {
  Ledger ledger({.memory = 0, .user = 0, .apps = 1});
  {
    MemoryCharge charge(&ledger, kAnn, MemoryCategory::Held);
    charge.set(50);
    charge.set(20);
    EXPECT_EQ(20U, ledger.bytesOf(kAnn));
  }
  EXPECT_EQ(0U, ledger.used());
  EXPECT_EQ(MemoryLevel::Enough, ledger.level()) << "no bound";
}

}  // namespace
}  // namespace rtm::server
