#include "net/admission/penalties.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "net/admission/pending_links.hpp"
#include "net/resolve/socket_address.hpp"

namespace rtm::net::test {
namespace {

using Offence = Penalties::Offence;
using Standing = Penalties::Standing;

AddressPrefix networkOf(const std::string& address) {
  return AddressPrefix::of(*SocketAddress::parse(address, 1));
}
const AddressPrefix kHere = networkOf("192.0.2.1");

struct PenaltyCase {
  const char* name;
  Offence offence;
  int times;           ///< at 1000
  std::uint64_t atMs;  ///< when the standing is asked
  Standing standing;
};
class PenaltiesOfAPrefix : public ::testing::TestWithParam<PenaltyCase> {};

TEST_P(PenaltiesOfAPrefix, Pass) {
  const PenaltyCase& table = GetParam();
  Penalties penalties;
  for (int i = 0; i < table.times; ++i) penalties.add(kHere, table.offence, 1000);
  EXPECT_EQ(table.standing, penalties.standing(kHere, table.atMs));
  EXPECT_EQ(Standing::Good, penalties.standing(networkOf("192.0.2.2"), table.atMs));
}

const PenaltyCase kPenaltyCases[] = {
    {"ThirtyBadTokensAreTolerated", Offence::BadToken, 30, 1000, Standing::Good},
    {"OneMoreSlows", Offence::BadToken, 31, 1000, Standing::Slowed},
    {"AndIsForgottenInASecond", Offence::BadToken, 31, 2000, Standing::Good},
    {"BadTokensNeverRefuse", Offence::BadToken, 10'000, 1000, Standing::Slowed},
    {"TheMostIsFiveMinutes", Offence::BadToken, 10'000, 270'999, Standing::Slowed},
    {"LessTheThirtyTolerated", Offence::BadToken, 10'000, 271'000, Standing::Good},
    {"BadHandshakesSlow", Offence::BadHandshake, 31, 1000, Standing::Slowed},
    {"ThreeMalformedConnectionsAreTolerated", Offence::Malformed, 3, 1000, Standing::Good},
    {"FourAreRefused", Offence::Malformed, 4, 1000, Standing::Refused},
    {"ForTenSeconds", Offence::Malformed, 4, 10'999, Standing::Refused},
    {"AndNotLonger", Offence::Malformed, 4, 11'000, Standing::Good},
    {"FloodsAreRefused", Offence::Flood, 4, 1000, Standing::Refused},
};
INSTANTIATE_TEST_SUITE_P(Table, PenaltiesOfAPrefix, ::testing::ValuesIn(kPenaltyCases),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(Penalties, TellWhenAStandingBecomesWorse) {
  Penalties penalties;
  std::vector<int> worse;
  for (int i = 1; i <= 40; ++i) {
    if (penalties.add(kHere, Offence::BadToken, 0)) worse.push_back(i);
  }
  for (int i = 41; i <= 50; ++i) {
    if (penalties.add(kHere, Offence::Malformed, 0)) worse.push_back(i);
  }
  EXPECT_EQ(worse, (std::vector<int>{31, 44}));
}

TEST(Penalties, AreBoundedAndForgiveFirstWhoOwesLeast) {
  Penalties penalties;
  for (int i = 0; i < 31; ++i) penalties.add(kHere, Offence::BadToken, 0);
  AddressPrefix other;
  other.kind = AddressPrefix::Kind::V6;
  for (std::uint64_t i = 0; i < 2 * Penalties::kPrefixes; ++i) {
    other.bits = i << 16;
    penalties.add(other, Offence::BadToken, 0);
  }
  EXPECT_EQ(Standing::Slowed, penalties.standing(kHere, 0));
}

TEST(Penalties, LeaveASlowedPrefixAnEighthOfItsPlacesAndARefusedOneNone) {
  const auto penalties = std::make_shared<Penalties>();
  const auto links = std::make_shared<PendingLinks>(
      PendingLinks::Limits{.total = 100, .perPrefix = 16, .perSite = 24, .penalties = penalties});
  std::vector<PendingPlace> places;
  const auto enter = [&] {
    auto place = links->enter(kHere, 1000, [] {});
    if (!place) return false;
    places.push_back(std::move(*place));
    return true;
  };
  for (int i = 0; i < 31; ++i) penalties->add(kHere, Offence::BadToken, 1000);
  for (int i = 0; i < 10; ++i) EXPECT_TRUE(enter());
  EXPECT_EQ(2U, links->sizeOf(kHere));
  for (int i = 0; i < 4; ++i) penalties->add(kHere, Offence::Malformed, 1000);
  EXPECT_TRUE(links->refuses(kHere, 1000));
  EXPECT_FALSE(enter());
  EXPECT_TRUE(links->enter(networkOf("192.0.2.2"), 1000, [] {}).has_value());
}

}  // namespace
}  // namespace rtm::net::test
