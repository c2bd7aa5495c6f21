#include "server/governor/login_rates.hpp"

#include <gtest/gtest.h>

#include <string>

namespace rtm::server {
namespace {

using net::AddressPrefix;

const ScopedName kVisitor{AppNumber{0}, "ann"};
constexpr LoginRates::Rules kSdk{.ofUser = {2, 1000}};

AddressPrefix v4(std::uint64_t bits) {
  AddressPrefix prefix;
  prefix.bits = bits;
  prefix.kind = AddressPrefix::Kind::V4;
  return prefix;
}
AddressPrefix v6(std::uint64_t bits) {
  AddressPrefix prefix;
  prefix.bits = bits;
  prefix.kind = AddressPrefix::Kind::V6;
  return prefix;
}

struct UserCase {
  const char* name;
  RateRule rule;
  std::uint64_t everyMs;  ///< between two logins
  int logins;             ///< how many are tried
  int accepted;
};
class LoginsOfAUser : public ::testing::TestWithParam<UserCase> {};

TEST_P(LoginsOfAUser, AreCounted) {
  const UserCase& table = GetParam();
  LoginRates rates({.ofUser = table.rule}, 1);
  int accepted = 0;
  for (int i = 0; i < table.logins; ++i) {
    accepted += rates.takeUser(kVisitor, 1000 + static_cast<std::uint64_t>(i) * table.everyMs) ? 1 : 0;
  }
  EXPECT_EQ(table.accepted, accepted);
}

const UserCase kUserCases[] = {
    {"OnceASecond", {2, 1000}, 1000, 1000, 1000},  {"AsTheSdkAllows", {2, 1000}, 500, 1000, 1000},
    {"AtOnceABurstOfTen", {2, 1000}, 0, 100, 10},  {"TenTimesASecondTwoAndTheBurst", {2, 1000}, 100, 100, 29},
    {"WithoutARuleAlways", {0, 0}, 0, 1000, 1000}, {"WithARuleOfItsOwn", {1, 60'000}, 1000, 601, 15},
};
INSTANTIATE_TEST_SUITE_P(Table, LoginsOfAUser, ::testing::ValuesIn(kUserCases),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(LoginRates, CountsEachUserOfEachApp) {
  LoginRates rates(kSdk, 1);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(rates.takeUser(kVisitor, 0));
  EXPECT_FALSE(rates.takeUser(kVisitor, 0));
  EXPECT_TRUE(rates.takeUser({AppNumber{1}, "ann"}, 0));
  EXPECT_TRUE(rates.takeUser({AppNumber{0}, "ben"}, 0));
}

int takeAll(LoginRates& rates, const AddressPrefix& prefix, std::uint64_t nowMs, int most) {
  int taken = 0;
  while (taken < most && rates.takeAddress(prefix, nowMs)) ++taken;
  return taken;
}

TEST(LoginRates, LetsAHerdOfOneAddressInAtOnceAndThen50ASecond) {
  LoginRates rates(kSdk, 1);
  EXPECT_EQ(4096, takeAll(rates, v4(1), 0, 10'000));
  EXPECT_EQ(50, takeAll(rates, v4(1), 1000, 10'000));
  EXPECT_EQ(2000, takeAll(rates, v4(2), 1000, 2000)) << "another address";
}

TEST(LoginRates, LetsAnIpv6SiteInHalfAsOftenAgain) {
  LoginRates rates(kSdk, 1);
  constexpr std::uint64_t kSite = 0x20010DB8'00010000;
  EXPECT_EQ(4096, takeAll(rates, v6(kSite), 0, 10'000)) << "the first /64 has the bits of its site";
  EXPECT_EQ(2048, takeAll(rates, v6(kSite | 1), 0, 10'000));
  EXPECT_EQ(0, takeAll(rates, v6(kSite | 2), 0, 10'000));
  EXPECT_EQ(4096, takeAll(rates, v6(kSite + 0x10000), 0, 10'000)) << "another site";
}

TEST(LoginRates, TakeBackWhatWasNoLogin) {
  LoginRates rates({.ofUser = {2, 1000}, .ofAddressPerSecond = 1, .ofAddressBurst = 1}, 1);
  EXPECT_TRUE(rates.takeAddress(v6(1), 0));
  EXPECT_FALSE(rates.takeAddress(v6(1), 0));
  rates.giveBackAddress(v6(1), 0);
  EXPECT_TRUE(rates.takeAddress(v6(1), 0));
  rates.giveBackAddress(v4(7), 0);  // unknown: nothing to give back
  EXPECT_TRUE(rates.takeAddress(v4(7), 0));
  EXPECT_FALSE(rates.takeAddress(v4(7), 0));
}

TEST(LoginRates, CanBeWithoutARateOfAddresses) {
  LoginRates rates({.ofUser = {2, 1000}, .ofAddressPerSecond = 0}, 1);
  EXPECT_EQ(10'000, takeAll(rates, v4(1), 0, 10'000));
}

TEST(LoginRates, AreOffWithTheCallFrequencyOfLogins) {
  LoginRates rates({.ofUser = {0, 0}}, 1);
  EXPECT_EQ(10'000, takeAll(rates, v4(1), 0, 10'000));
}

}  // namespace
}  // namespace rtm::server
