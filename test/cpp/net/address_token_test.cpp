#include "net/datagram/address_token.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <string>
#include <vector>

#include "base/hex.hpp"
#include "net/resolve/socket_address.hpp"

namespace rtm::net::test {
namespace {

using Purpose = AddressTokens::Purpose;
using Verdict = AddressTokens::Verdict;

constexpr std::uint64_t kMade = 1'800'000'000'000;
constexpr std::uint64_t kDay = 24 * 3'600'000;

AddressPrefix prefixOf(const std::string& address, std::uint16_t port = 1) {
  return AddressPrefix::of(*SocketAddress::parse(address, port));
}

AddressTokens tokensWith(std::uint8_t firstOfKey) {
  AddressTokens::Key key{};
  std::iota(key.begin(), key.end(), firstOfKey);
  return AddressTokens::withKey(key).value();
}

// Computed by "openssl mac -macopt hexkey:000102030405060708090a0b0c0d0e0f -macopt size:16 -in <file> SIPHASH", where
// the file has purpose 01, time 01a3185c5000, kind 01, and the address as 00000000c0000201.
TEST(AddressTokens, AreTheirPurposeTheTimeAndASipHashWithTheAddress) {
  const auto token = tokensWith(0).make(Purpose::Retry, prefixOf("192.0.2.1"), kMade);
  ASSERT_TRUE(token);
  EXPECT_EQ(toHex(*token), "0101a3185c50003df62b5bd4fbcae37750bccb1a66c5c5");
}

struct TokenCase {
  const char* name;
  Purpose purpose;
  const char* madeFor;
  const char* shownBy;
  std::uint64_t afterMs;
  Verdict verdict;
};
class TokensOfAddresses : public ::testing::TestWithParam<TokenCase> {};

TEST_P(TokensOfAddresses, AreJudged) {
  const TokenCase& table = GetParam();
  const AddressTokens tokens = AddressTokens::create().value();
  const auto token = tokens.make(table.purpose, prefixOf(table.madeFor, 1000), kMade);
  ASSERT_TRUE(token);
  EXPECT_EQ(tokens.check(*token, prefixOf(table.shownBy, 2000), kMade + table.afterMs), table.verdict);
}

const TokenCase kTokenCases[] = {
    {"AtOnceFromAnotherPort", Purpose::Retry, "192.0.2.1", "192.0.2.1", 0, Verdict::Good},
    {"FromAnotherAddress", Purpose::Retry, "192.0.2.1", "192.0.2.2", 0, Verdict::Foreign},
    {"FromAnotherAddressLater", Purpose::Returning, "192.0.2.1", "192.0.3.1", 5000, Verdict::Foreign},
    {"MappedToIpv6", Purpose::Retry, "192.0.2.1", "::ffff:192.0.2.1", 0, Verdict::Good},
    {"FromItsNetwork", Purpose::Retry, "2001:db8:1:2::1", "2001:db8:1:2:ff::9", 0, Verdict::Good},
    {"FromTheNextNetwork", Purpose::Retry, "2001:db8:1:2::1", "2001:db8:1:3::1", 0, Verdict::Foreign},
    {"FromTheOtherFamilyWithTheSameBits", Purpose::Retry, "192.0.2.1", "0:0:c000:201::1", 0, Verdict::Foreign},
    {"RetryAtItsEnd", Purpose::Retry, "192.0.2.1", "192.0.2.1", 10'000, Verdict::Good},
    {"RetryAfterIt", Purpose::Retry, "192.0.2.1", "192.0.2.1", 10'001, Verdict::Expired},
    {"ReturningAtItsEnd", Purpose::Returning, "192.0.2.1", "192.0.2.1", kDay, Verdict::Good},
    {"ReturningAfterIt", Purpose::Returning, "192.0.2.1", "192.0.2.1", kDay + 1, Verdict::Expired},
    {"BeforeItsTime", Purpose::Retry, "192.0.2.1", "192.0.2.1", std::uint64_t{0} - 1, Verdict::Expired},
};
INSTANTIATE_TEST_SUITE_P(Table, TokensOfAddresses, ::testing::ValuesIn(kTokenCases),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(AddressTokens, BreakWithAnyChangedBit) {
  const AddressTokens tokens = AddressTokens::create().value();
  const AddressPrefix here = prefixOf("192.0.2.1");
  for (const Purpose purpose : {Purpose::Retry, Purpose::Returning}) {
    const auto genuine = tokens.make(purpose, here, kMade);
    ASSERT_TRUE(genuine);
    for (std::size_t bit = 0; bit < genuine->size() * 8; ++bit) {
      AddressTokens::Token forged = *genuine;
      forged[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
      EXPECT_NE(tokens.check(forged, here, kMade + 5000), Verdict::Good) << "bit " << bit;
    }
    EXPECT_EQ(tokens.check(*genuine, here, kMade + 5000), Verdict::Good);
  }
}

TEST(AddressTokens, LiveNoLongerWithAnotherPurposeOrTime) {
  const AddressTokens tokens = AddressTokens::create().value();
  const AddressPrefix here = prefixOf("192.0.2.1");
  auto forged = tokens.make(Purpose::Retry, here, kMade).value();
  forged[0] = static_cast<std::uint8_t>(Purpose::Returning);
  EXPECT_EQ(tokens.check(forged, here, kMade + 60'000), Verdict::Foreign);
  const auto old = tokens.make(Purpose::Retry, here, kMade).value();
  forged = tokens.make(Purpose::Retry, here, kMade + 60'000).value();
  std::copy(old.begin() + 7, old.end(), forged.begin() + 7);
  EXPECT_EQ(tokens.check(forged, here, kMade + 60'000), Verdict::Foreign);
}

TEST(AddressTokens, OfAnotherLengthOrPurposeAreMalformed) {
  const AddressTokens tokens = AddressTokens::create().value();
  const AddressPrefix here = prefixOf("192.0.2.1");
  const auto genuine = tokens.make(Purpose::Retry, here, kMade).value();
  Bytes token(genuine.begin(), genuine.end());
  for (std::size_t size = 0; size < token.size(); ++size) {
    EXPECT_EQ(tokens.check(ByteView(token).first(size), here, kMade), Verdict::Malformed) << size;
  }
  token.push_back(0);
  EXPECT_EQ(tokens.check(token, here, kMade), Verdict::Malformed);
  token.pop_back();
  for (const int purpose : {0, 3, 129}) {
    token[0] = static_cast<std::uint8_t>(purpose);
    EXPECT_EQ(tokens.check(token, here, kMade), Verdict::Malformed) << purpose;
  }
}

TEST(AddressTokens, AreKnownToCopiesAndToNoOtherProcess) {
  const AddressPrefix here = prefixOf("192.0.2.1");
  const AddressTokens tokens = AddressTokens::create().value();
  const AddressTokens copy = tokens;
  AddressTokens assigned = tokensWith(7);
  const auto token = tokens.make(Purpose::Retry, here, kMade).value();
  EXPECT_EQ(copy.check(token, here, kMade), Verdict::Good);
  EXPECT_EQ(assigned.check(token, here, kMade), Verdict::Foreign);
  assigned = tokens;
  EXPECT_EQ(assigned.check(token, here, kMade), Verdict::Good);
  EXPECT_EQ(AddressTokens::create()->check(token, here, kMade), Verdict::Foreign);
}

}  // namespace
}  // namespace rtm::net::test
