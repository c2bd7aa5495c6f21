#include "net/datagram/datagram_header.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <string>
#include <unordered_set>

namespace rtm::net::test {
namespace {

constexpr ConnectionId kId{{0xA0, 1, 2, 3, 4, 5, 6, 7}};
constexpr std::size_t kTypeAt = 8;

Bytes numbered(std::size_t size) {
  Bytes bytes(size);
  std::iota(bytes.begin(), bytes.end(), std::uint8_t{1});
  return bytes;
}

Bytes initialWith(ByteView token, ByteView payload) {
  Bytes out;
  EXPECT_TRUE(appendInitial(kId, 7, {token, payload}, out));
  return out;
}

ByteView bodyOf(const Bytes& datagram) {
  return ByteView(datagram).subspan(kDatagramHeaderBytes);
}

Bytes bytesOf(ByteView view) {
  return {view.begin(), view.end()};
}

TEST(DatagramHeader, HasTheIdTheTypeWithThePhaseAndABigEndianNumber) {
  Bytes out{0xFF};
  appendDatagramHeader({kId, DatagramType::Sealed, true, 0x01020304}, out);
  EXPECT_EQ(out, (Bytes{0xFF, 0xA0, 1, 2, 3, 4, 5, 6, 7, 0x84, 1, 2, 3, 4}));
}

TEST(DatagramHeader, IsReadAsItWasWritten) {
  for (std::uint8_t type = 1; type <= 5; ++type) {
    for (const bool phase : {false, true}) {
      const DatagramHeader header{kId, static_cast<DatagramType>(type), phase, 0xFEDCBA98};
      if (phase && header.type != DatagramType::Sealed) continue;
      Bytes bytes;
      appendDatagramHeader(header, bytes);
      bytes.push_back(42);
      const auto parsed = parseDatagram(bytes);
      ASSERT_TRUE(parsed) << int{type};
      EXPECT_EQ(parsed->header, header);
      EXPECT_EQ(bytesOf(parsed->rest), (Bytes{42}));
    }
  }
}

TEST(DatagramHeader, IsRefusedWithAnUnknownTypeOrAPhaseWhereNoneBelongs) {
  Bytes bytes;
  appendDatagramHeader({kId, DatagramType::Sealed, false, 1}, bytes);
  for (int type = 0; type < 256; ++type) {
    bytes[kTypeAt] = static_cast<std::uint8_t>(type);
    EXPECT_EQ(parseDatagram(bytes).has_value(), (type >= 1 && type <= 5) || type == 0x84) << type;
  }
}

TEST(DatagramHeader, IsRefusedInTooFewOrTooManyBytes) {
  Bytes bytes;
  appendDatagramHeader({kId, DatagramType::Sealed, false, 1}, bytes);
  for (std::size_t size = 0; size < kDatagramHeaderBytes; ++size) {
    EXPECT_FALSE(parseDatagram(ByteView(bytes).first(size))) << size;
  }
  EXPECT_TRUE(parseDatagram(bytes));
  bytes.resize(kMaxDatagramBytes);
  EXPECT_TRUE(parseDatagram(bytes));
  bytes.push_back(0);
  EXPECT_FALSE(parseDatagram(bytes));
}

TEST(ConnectionIds, AreSpreadOverATableByAllOfTheirBytes) {
  std::unordered_set<std::size_t> buckets;
  for (std::size_t byte = 0; byte < 8; ++byte) {
    for (int value = 0; value < 32; ++value) {
      ConnectionId id = kId;
      id.bytes[byte] = static_cast<std::uint8_t>(id.bytes[byte] ^ value << 3);
      buckets.insert(ConnectionIdHash()(id) % 4096);
    }
  }
  EXPECT_GT(buckets.size(), 200U);  // of 249 ids; all the same byte would be 32
}

struct NumberCase {
  const char* name;
  std::uint32_t lower;
  std::uint64_t largest;
  std::uint64_t number;
};
class NumbersOfDatagrams : public ::testing::TestWithParam<NumberCase> {};

TEST_P(NumbersOfDatagrams, AreExpanded) {
  const NumberCase& table = GetParam();
  EXPECT_EQ(expandNumber(table.lower, table.largest), table.number);
}

const NumberCase kNumberCases[] = {
    {"TheFirst", 0, 0, 0},
    {"TheSecond", 1, 0, 1},
    {"TheNext", 0xA82F30EB, 0xA82F30EA, 0xA82F30EB},
    {"AFarOneBeforeAnyWasSeen", 0xFFFFFFFF, 0, 0xFFFFFFFF},
    {"TheFirstOfTheNextRound", 0, 0xFFFFFFFF, 0x100000000},
    {"TheLastOfTheRoundBefore", 0xFFFFFFFF, 0x100000000, 0xFFFFFFFF},
    {"ALateOneOfTheRoundBefore", 0xFFFFFF00, 0x100000010, 0xFFFFFF00},
    {"AnEarlyOneOfTheNextRound", 5, 0x1FFFFFFF0, 0x200000005},
    {"AsFarAheadAsPossible", 0x80000001, 0x100000000, 0x180000001},
    {"OneFartherIsBehind", 0x80000002, 0x100000000, 0x80000002},
    {"InTheSameRound", 0x12345678, 0x712345600, 0x712345678},
    {"AsFarBehindAsPossible", 1, 0x77FFFFFFF, 0x700000001},
    {"OneFartherIsAhead", 0, 0x77FFFFFFF, 0x800000000},
    {"NearTheEndOfAllNumbers", 3, 0xFFFFFFFFFFFF, 0x1000000000003},
};
INSTANTIATE_TEST_SUITE_P(Table, NumbersOfDatagrams, ::testing::ValuesIn(kNumberCases),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(Initials, AreAlwaysOfFullSizeAndReadAsTheyWereWritten) {
  for (const std::size_t tokenBytes : {0U, 1U, 32U}) {
    for (const std::size_t payloadBytes : {std::size_t{0}, std::size_t{300}, maxInitialPayload(tokenBytes)}) {
      const Bytes token = numbered(tokenBytes);
      const Bytes payload = numbered(payloadBytes);
      const Bytes datagram = initialWith(token, payload);
      EXPECT_EQ(datagram.size(), 1200U);
      const auto parsed = parseDatagram(datagram);
      ASSERT_TRUE(parsed);
      EXPECT_EQ(parsed->header, (DatagramHeader{kId, DatagramType::Initial, false, 7}));
      const auto body = parseInitial(parsed->rest);
      ASSERT_TRUE(body);
      EXPECT_EQ(bytesOf(body->token), token);
      EXPECT_EQ(bytesOf(body->payload), payload);
    }
  }
}

TEST(Initials, AreNotWrittenWithTooLongParts) {
  Bytes out{1};
  const Bytes longToken = numbered(kMaxAddressTokenBytes + 1);
  const Bytes token = numbered(20);
  const Bytes longPayload(maxInitialPayload(20) + 1);
  EXPECT_FALSE(appendInitial(kId, 7, {longToken, {}}, out));
  EXPECT_FALSE(appendInitial(kId, 7, {token, longPayload}, out));
  EXPECT_EQ(out, (Bytes{1}));
}

TEST(Initials, AreRefusedIfAnythingButFullSize) {
  const Bytes datagram = initialWith(numbered(5), numbered(300));
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, bodyOf(datagram).size() - 1}) {
    EXPECT_FALSE(parseInitial(bodyOf(datagram).first(size))) << size;
  }
  EXPECT_TRUE(parseInitial(bodyOf(datagram)));
}

TEST(Initials, AreRefusedIfALengthPointsBeyondTheEnd) {
  Bytes datagram = initialWith(numbered(5), numbered(300));
  datagram[kDatagramHeaderBytes] = kMaxAddressTokenBytes + 1;
  EXPECT_FALSE(parseInitial(bodyOf(datagram)));

  datagram = initialWith({}, numbered(maxInitialPayload(0)));
  datagram[kDatagramHeaderBytes + 2] += 1;
  EXPECT_FALSE(parseInitial(bodyOf(datagram)));
}

TEST(Retries, AnswerAnInitialWithATokenInAtMost64Bytes) {
  for (const std::size_t tokenBytes : {1U, 23U, 32U}) {
    const Bytes token = numbered(tokenBytes);
    Bytes datagram;
    ASSERT_TRUE(appendRetry(kId, 7, token, datagram));
    EXPECT_LE(datagram.size(), 64U);
    const auto parsed = parseDatagram(datagram);
    ASSERT_TRUE(parsed);
    EXPECT_EQ(parsed->header, (DatagramHeader{kId, DatagramType::Retry, false, 7}));
    const auto body = parseRetry(parsed->rest);
    ASSERT_TRUE(body);
    EXPECT_EQ(bytesOf(*body), token);
  }
}

TEST(Retries, AreRefusedWithoutATokenWithALongOneOrWithBytesBehindIt) {
  Bytes out{1};
  EXPECT_FALSE(appendRetry(kId, 7, {}, out));
  EXPECT_FALSE(appendRetry(kId, 7, numbered(kMaxAddressTokenBytes + 1), out));
  EXPECT_EQ(out, (Bytes{1}));

  EXPECT_FALSE(parseRetry({}));
  EXPECT_FALSE(parseRetry(Bytes{0}));
  EXPECT_FALSE(parseRetry(Bytes{2, 9}));
  EXPECT_TRUE(parseRetry(Bytes{2, 9, 9}));
  EXPECT_FALSE(parseRetry(Bytes{2, 9, 9, 9}));
  Bytes tooLong(kMaxAddressTokenBytes + 2);
  tooLong[0] = kMaxAddressTokenBytes + 1;
  EXPECT_FALSE(parseRetry(tooLong));
}

}  // namespace
}  // namespace rtm::net::test
