#include "client/sending/call_rates.hpp"

#include <gtest/gtest.h>

namespace rtm::client {
namespace {

using Verdict = CallRates::JoinVerdict;

wire::RateLimit limit(wire::RateGroup group, std::uint32_t count, std::uint32_t windowMs) {
  return {.group = static_cast<std::uint32_t>(group), .count = count, .windowMs = windowMs};
}

TEST(CallRates, AllowTwoLoginsASecondBeforeAServerSaysAnything) {
  CallRates rates;
  EXPECT_TRUE(rates.accept(wire::RateGroup::Login, 0));
  EXPECT_TRUE(rates.accept(wire::RateGroup::Login, 0));
  EXPECT_FALSE(rates.accept(wire::RateGroup::Login, 999));
  EXPECT_TRUE(rates.accept(wire::RateGroup::Login, 1000));
  EXPECT_TRUE(rates.accept(wire::RateGroup::Send, 0)) << "has no rule yet";
}

TEST(CallRates, ARuleThatStaysKeepsWhatItHasCounted) {
  CallRates rates;
  rates.adopt({limit(wire::RateGroup::Send, 1, 1000)});
  EXPECT_TRUE(rates.accept(wire::RateGroup::Send, 0));
  rates.adopt({limit(wire::RateGroup::Send, 1, 1000)});
  EXPECT_FALSE(rates.accept(wire::RateGroup::Send, 1)) << "a reconnect is no way around it";
  rates.adopt({limit(wire::RateGroup::Send, 2, 1000)});
  EXPECT_TRUE(rates.accept(wire::RateGroup::Send, 1)) << "another rule counts anew";
  rates.adopt({});
  for (int i = 0; i < 100; ++i) EXPECT_TRUE(rates.accept(wire::RateGroup::Send, 1));
}

TEST(CallRates, IgnoreGroupsThatThisVersionDoesNotKnow) {
  CallRates rates;
  rates.adopt({{.group = 99, .count = 1, .windowMs = 1000}});
  EXPECT_TRUE(rates.accept(wire::RateGroup::Send, 0));
}

TEST(CallRates, AJoinCountsForItsChannelAndForAllOrForNeither) {
  CallRates rates;
  rates.adopt({limit(wire::RateGroup::Join, 3, 1000), limit(wire::RateGroup::JoinSameChannel, 2, 5000)});
  EXPECT_EQ(rates.acceptJoin("a", 0), Verdict::Accepted);
  EXPECT_EQ(rates.acceptJoin("a", 0), Verdict::Accepted);
  EXPECT_EQ(rates.acceptJoin("a", 0), Verdict::SameChannelTooOften);
  EXPECT_EQ(rates.acceptJoin("b", 0), Verdict::Accepted) << "the refused one did not count for all";
  EXPECT_EQ(rates.acceptJoin("b", 0), Verdict::TooOften);
  EXPECT_EQ(rates.acceptJoin("b", 1000), Verdict::Accepted) << "the refused one did not count for b";
  EXPECT_EQ(rates.acceptJoin("a", 1000), Verdict::SameChannelTooOften);
}

}  // namespace
}  // namespace rtm::client
