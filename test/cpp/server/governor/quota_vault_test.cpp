#include "server/governor/quota_vault.hpp"

#include <gtest/gtest.h>

#include <string>

namespace rtm::server {
namespace {

constexpr std::uint32_t kCarryMs = 30'000;
constexpr auto kSend = wire::RateGroup::Send;
constexpr auto kWrite = wire::RateGroup::ChannelAttributesWrite;
const ScopedName kSpender{AppNumber{0}, "ann"};

SessionQuotas newSession(std::uint64_t nowMs) {
  return SessionQuotas(Limits::sdk(), kCarryMs, nowMs);
}

int takeAll(SessionQuotas& quotas, wire::RateGroup group, std::uint64_t nowMs) {
  int taken = 0;
  while (quotas.take(group, nowMs)) ++taken;
  return taken;
}

TEST(QuotaVault, GivesTheNextSessionWhatTheLastOneLeft) {
  QuotaVault vault(1);
  SessionQuotas first = newSession(1000);
  EXPECT_EQ(100, takeAll(first, kWrite, 1000));
  for (int i = 0; i < 1400; ++i) ASSERT_TRUE(first.take(kSend, 1000));
  vault.keep(kSpender, first, 1500);

  SessionQuotas second = newSession(2000);
  vault.giveBack(kSpender, second, 2000);
  EXPECT_EQ(0, takeAll(second, kWrite, 2000));
  EXPECT_EQ(100, takeAll(second, kSend, 2000)) << "of 1,500 in 3 s";
  EXPECT_EQ(0U, vault.size()) << "the session has it now";
  EXPECT_EQ(100, takeAll(second, kWrite, 6000)) << "the window of the first session goes on";
}

TEST(QuotaVault, KeepsTheJoinsOfOneChannel) {
  QuotaVault vault(1);
  SessionQuotas first = newSession(0);
  EXPECT_TRUE(first.takeJoin("room", 0));
  EXPECT_TRUE(first.takeJoin("room", 0));
  vault.keep(kSpender, first, 100);
  SessionQuotas second = newSession(200);
  vault.giveBack(kSpender, second, 200);
  EXPECT_FALSE(second.takeJoin("room", 200));
  EXPECT_TRUE(second.takeJoin("other", 200));
  EXPECT_TRUE(second.takeJoin("room", 5000));
}

TEST(QuotaVault, KeepsADebtForNotices) {
  QuotaVault vault(1);
  SessionQuotas first = newSession(0);
  EXPECT_FALSE(first.owesForNotices(0));
  first.payNotice(FanOutBudget::kBurst + FanOutBudget::kPerSecond, 0);
  vault.keep(kSpender, first, 0);
  SessionQuotas second = newSession(500);
  vault.giveBack(kSpender, second, 500);
  EXPECT_TRUE(second.owesForNotices(999));
  EXPECT_FALSE(second.owesForNotices(1000));
}

TEST(QuotaVault, ForgetsWhatIsWorthNothing) {
  QuotaVault vault(1);
  SessionQuotas quotas = newSession(0);
  vault.keep(kSpender, quotas, 0);
  EXPECT_EQ(0U, vault.size()) << "nothing was used";
  EXPECT_EQ(100, takeAll(quotas, kWrite, 0));
  vault.keep(kSpender, quotas, 0);
  EXPECT_EQ(1U, vault.size());
  vault.sweep(4999);
  EXPECT_EQ(1U, vault.size());
  vault.sweep(5000);
  EXPECT_EQ(0U, vault.size());
}

TEST(QuotaVault, KeepsUsersOfTheSameNameOfTwoAppsApart) {
  QuotaVault vault(1);
  SessionQuotas first = newSession(0);
  takeAll(first, kWrite, 0);
  vault.keep(kSpender, first, 0);
  SessionQuotas other = newSession(0);
  vault.giveBack({AppNumber{1}, "ann"}, other, 0);
  EXPECT_TRUE(other.take(kWrite, 0));
}

TEST(QuotaVault, IsBoundedAndPushesOutWhatWouldGoFirst) {
  QuotaVault vault(1);
  for (std::size_t i = 0; i < QuotaVault::kUsersOfLoop + 1; ++i) {
    SessionQuotas quotas = newSession(i);
    quotas.take(kWrite, i);
    vault.keep({AppNumber{0}, std::to_string(i)}, quotas, i / 8);
  }
  EXPECT_EQ(QuotaVault::kUsersOfLoop, vault.size());
  SessionQuotas oldest = newSession(2048);
  vault.giveBack({AppNumber{0}, "0"}, oldest, 2048);
  EXPECT_EQ(QuotaVault::kUsersOfLoop, vault.size()) << "it was pushed out";
  SessionQuotas newest = newSession(2048);
  vault.giveBack({AppNumber{0}, std::to_string(QuotaVault::kUsersOfLoop)}, newest, 2048);
  EXPECT_EQ(QuotaVault::kUsersOfLoop - 1, vault.size());
}

TEST(SessionQuotas, KeepNoMoreThan64ChannelsOfASession) {
  SessionQuotas quotas = newSession(0);
  for (int i = 0; i < 200; ++i) EXPECT_TRUE(quotas.takeJoin("room " + std::to_string(i), 0));
  const SpentQuotas spent = quotas.putAway(0);
  EXPECT_EQ(64U, spent.channels.size());
  EXPECT_EQ(5000U, spent.untilMs);
}

}  // namespace
}  // namespace rtm::server
