#include "net/datagram/datagram_seal.hpp"

#include <gtest/gtest.h>

#include <numeric>
#include <string>
#include <utility>
#include <vector>

#include "base/hex.hpp"

namespace rtm::net::test {
namespace {

using Outcome = Opened::Outcome;

constexpr ConnectionId kLink{{0xA0, 1, 2, 3, 4, 5, 6, 7}};
constexpr std::size_t kPhaseAt = 8;
constexpr Aead kAeads[] = {Aead::Aes128Gcm, Aead::Aes256Gcm, Aead::ChaCha20Poly1305};

/// The bytes 0 to 31, or those that follow.
Secret secretFrom(std::uint8_t first) {
  Secret secret;
  std::iota(secret.bytes.begin(), secret.bytes.end(), first);
  return secret;
}

/// One direction of a link. Keeps what was sent, so that a test chooses what arrives, and when.
class OneWay {
 public:
  explicit OneWay(const SealLimits& limits = {}, Aead aead = Aead::Aes128Gcm)
      : sealer_(Sealer::create(aead, secretFrom(0), kLink, limits).value()),
        opener_(Opener::create(aead, secretFrom(0), limits).value()) {}

  /// Seals `count` datagrams; each carries its number as text.
  void send(std::size_t count) {
    for (; count > 0; --count) {
      Bytes datagram;
      ASSERT_EQ(sealer_.seal(asBytes(std::to_string(sent_.size())), datagram), sent_.size());
      sent_.push_back(std::move(datagram));
    }
  }
  Bytes sent(std::size_t number) const { return sent_.at(number); }

  Opened open(ByteView datagram) {
    into_.assign(kMaxSealedPayload, 0xEE);
    return opener_.open(datagram, into_);
  }
  Opened arrives(std::size_t number) {
    const Opened opened = open(sent_.at(number));
    if (opened.outcome == Outcome::Ok) {
      EXPECT_EQ(opened.number, number);
      EXPECT_EQ(asText(opened.payload), std::to_string(number));
    }
    return opened;
  }
  Outcome outcomeOf(std::size_t number) { return arrives(number).outcome; }

  Sealer& sealer() { return sealer_; }
  Opener& opener() { return opener_; }

 private:
  Sealer sealer_;
  Opener opener_;
  std::vector<Bytes> sent_;
  Bytes into_;
};

// Computed by Node's node:crypto from docs/decisions/027-sealed-datagrams.md: createHmac('sha256') for
// HKDF-Expand-Label, createCipheriv for the AEAD. Secret 00 to 1f, payload "frames", a new key after two datagrams.
struct Vector {
  const char* name;
  Aead aead;
  std::vector<const char*> datagrams;
};
class KnownDatagrams : public ::testing::TestWithParam<Vector> {};

TEST_P(KnownDatagrams, AreSealedAndOpened) {
  const Vector& table = GetParam();
  const SealLimits limits{.datagramsOfAKey = 2};
  auto sealer = Sealer::create(table.aead, secretFrom(0), kLink, limits);
  auto opener = Opener::create(table.aead, secretFrom(0), limits);
  ASSERT_TRUE(sealer && opener);
  std::uint64_t number = 0;
  for (const char* expected : table.datagrams) {
    Bytes datagram;
    EXPECT_EQ(sealer->seal(asBytes("frames"), datagram), number);
    EXPECT_EQ(toHex(datagram), expected);
    Bytes into(kMaxSealedPayload);
    const Opened opened = opener->open(datagram, into);
    EXPECT_EQ(opened.outcome, Outcome::Ok);
    EXPECT_EQ(opened.number, number++);
    EXPECT_EQ(asText(opened.payload), "frames");
  }
}

const Vector kVectors[] = {
    {"Aes128Gcm",
     Aead::Aes128Gcm,
     {"a0010203040506070400000000b560fea3a5d970c266a5a7cff0a2333e8a6771cf21a0",
      "a001020304050607040000000167c13a535256ac3489a2ca0ce69156d84727018f4486",
      "a00102030405060784000000025c018f32da82acc954901eb58c5c2549ca14d1a8dcfd"}},
    {"Aes256Gcm",
     Aead::Aes256Gcm,
     {"a0010203040506070400000000734aa1a6dbe6049f07ef2ef026ca3529629b2513ae4a",
      "a0010203040506070400000001fcb30b7a833eb31016eea557f332aee3221e251aa912",
      "a00102030405060784000000023dcb54f081620352f7e58b27041866df77a05b542739"}},
    {"ChaCha20Poly1305",
     Aead::ChaCha20Poly1305,
     {"a00102030405060704000000000708fa71149656ad49b5dc8b652da578b4941ef24b4c",
      "a001020304050607040000000109f8011294cc0dba896bb775c64e93a4ca7d34b14613",
      "a0010203040506078400000002b6d62b3825d18c5ca90744050ccd897fd3e6cc2be523"}},
};
INSTANTIATE_TEST_SUITE_P(Table, KnownDatagrams, ::testing::ValuesIn(kVectors),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(DatagramKeys, UseAllBytesOfANumber) {
  auto key = DatagramKey::make(Aead::Aes128Gcm, secretFrom(0), DatagramKey::Use::Seal);
  ASSERT_TRUE(key);
  Bytes bytes{'f', 'r', 'a', 'm', 'e', 's'};
  Bytes tag(kTagBytes);
  ASSERT_TRUE(key->seal(0x123456789ABCDE, asBytes("header"), bytes, tag.data()));
  EXPECT_EQ(toHex(bytes) + toHex(tag), "5fc36e8abe8d8b4b60cd25797146ae5bb70c4043300d");
}

TEST(Seals, HoldForPayloadsOfAllSizes) {
  for (const Aead aead : kAeads) {
    OneWay way({}, aead);
    for (std::size_t size = 0; size <= kMaxSealedPayload; size += size < 40 ? 1 : 377) {
      const Bytes payload(size, static_cast<std::uint8_t>(size));
      Bytes datagram{1, 2, 3};
      ASSERT_TRUE(way.sealer().seal(payload, datagram));
      EXPECT_EQ(datagram.size(), 3 + kDatagramHeaderBytes + size + kTagBytes);
      const Opened opened = way.open(ByteView(datagram).subspan(3));
      ASSERT_EQ(opened.outcome, Outcome::Ok) << size;
      EXPECT_EQ(asText(opened.payload), asText(payload));
    }
  }
}

TEST(Seals, AreRefusedForATooLongPayloadWithoutUsingANumber) {
  OneWay way;
  Bytes out{1};
  EXPECT_FALSE(way.sealer().seal(Bytes(kMaxSealedPayload + 1), out));
  EXPECT_EQ(out, (Bytes{1}));
  EXPECT_EQ(way.sealer().seal(Bytes(kMaxSealedPayload), out), 0U);
  EXPECT_EQ(out.size(), 1 + kMaxDatagramBytes);
}

TEST(Seals, EndWithTheNumbers) {
  OneWay way({.datagrams = 3});
  way.send(3);
  Bytes out;
  EXPECT_FALSE(way.sealer().seal({}, out));
  EXPECT_FALSE(way.sealer().seal({}, out));
  EXPECT_TRUE(out.empty());
  EXPECT_EQ(way.sealer().nextNumber(), 3U);
}

TEST(Seals, HoldOnlyForTheirSecretTheirLinkAndTheirDirection) {
  OneWay way;
  way.send(1);
  Bytes into(kMaxSealedPayload);
  auto other = Opener::create(Aead::Aes128Gcm, secretFrom(1));
  EXPECT_EQ(other->open(way.sent(0), into).outcome, Outcome::BadTag);
  auto otherAead = Opener::create(Aead::ChaCha20Poly1305, secretFrom(0));
  EXPECT_EQ(otherAead->open(way.sent(0), into).outcome, Outcome::BadTag);
  Bytes otherId = way.sent(0);
  otherId[0] ^= 1;
  EXPECT_EQ(way.open(otherId).outcome, Outcome::BadTag);
  EXPECT_EQ(way.outcomeOf(0), Outcome::Ok);
}

TEST(Seals, BreakWithAnyChangedBit) {
  for (const Aead aead : kAeads) {
    OneWay way({}, aead);
    way.send(2);
    ASSERT_EQ(way.outcomeOf(0), Outcome::Ok);
    const Bytes genuine = way.sent(1);
    for (std::size_t bit = 0; bit < genuine.size() * 8; ++bit) {
      Bytes forged = genuine;
      forged[bit / 8] ^= static_cast<std::uint8_t>(1U << bit % 8);
      const Opened opened = way.open(forged);
      const bool typeChanged = bit / 8 == kPhaseAt && bit % 8 != 7;
      const bool numberZero = bit == kDatagramHeaderBytes * 8 - 8;
      const Outcome expected = typeChanged ? Outcome::Malformed : numberZero ? Outcome::Replayed : Outcome::BadTag;
      EXPECT_EQ(opened.outcome, expected) << "bit " << bit;
      EXPECT_TRUE(opened.payload.empty());
      EXPECT_FALSE(opened.highest);
    }
    EXPECT_EQ(way.outcomeOf(1), Outcome::Ok);
  }
}

TEST(Seals, BreakWithoutTheirEnd) {
  OneWay way;
  way.send(1);
  const Bytes genuine = way.sent(0);
  for (std::size_t size = 0; size < genuine.size(); ++size) {
    const Outcome expected = size < kDatagramHeaderBytes + kTagBytes ? Outcome::Truncated : Outcome::BadTag;
    EXPECT_EQ(way.open(ByteView(genuine).first(size)).outcome, expected) << size;
  }
  Bytes longer = genuine;
  longer.push_back(0);
  EXPECT_EQ(way.open(longer).outcome, Outcome::BadTag);
  EXPECT_EQ(way.outcomeOf(0), Outcome::Ok);
}

TEST(Openers, RefuseWhatIsNoSealedDatagram) {
  OneWay way;
  way.send(1);
  for (const DatagramType type : {DatagramType::Initial, DatagramType::Retry, DatagramType::Handshake}) {
    Bytes other;
    appendDatagramHeader({kLink, type, false, 0}, other);
    other.resize(100);
    EXPECT_EQ(way.open(other).outcome, Outcome::Malformed);
  }
  EXPECT_EQ(way.open(Bytes(kMaxDatagramBytes + 1, 4)).outcome, Outcome::Malformed);
  EXPECT_EQ(way.opener().open(way.sent(0), {}).outcome, Outcome::Malformed);
  EXPECT_EQ(way.outcomeOf(0), Outcome::Ok);
}

TEST(Openers, StopAtTheLimitOfForgeries) {
  OneWay way({.forgeries = 3});
  way.send(2);
  Bytes forged = way.sent(0);
  forged.back() ^= 1;
  EXPECT_EQ(way.open(forged).outcome, Outcome::BadTag);
  EXPECT_EQ(way.open(forged).outcome, Outcome::BadTag);
  EXPECT_EQ(way.outcomeOf(0), Outcome::Ok);
  EXPECT_EQ(way.outcomeOf(0), Outcome::Replayed) << "a repeat is no forgery";
  EXPECT_EQ(way.opener().forgeries(), 2U);
  forged[kDatagramHeaderBytes - 1] = 1;
  EXPECT_EQ(way.open(forged).outcome, Outcome::BadTag);
  EXPECT_EQ(way.outcomeOf(1), Outcome::Exhausted);
}

struct Arrival {
  std::size_t number;
  Outcome outcome;
  bool highest = false;
};
struct ArrivalCase {
  const char* name;
  std::vector<Arrival> arrivals;
};

void play(OneWay& way, const std::vector<Arrival>& arrivals) {
  for (const Arrival& arrival : arrivals) {
    const Opened opened = way.arrives(arrival.number);
    EXPECT_EQ(opened.outcome, arrival.outcome) << arrival.number;
    EXPECT_EQ(opened.highest, arrival.highest) << arrival.number;
  }
}

class NumbersThatCome : public ::testing::TestWithParam<ArrivalCase> {};

TEST_P(NumbersThatCome, CountOnce) {
  OneWay way;
  way.send(5000);
  play(way, GetParam().arrivals);
}

const ArrivalCase kArrivalCases[] = {
    {"TheFirstTwice", {{0, Outcome::Ok, true}, {0, Outcome::Replayed}}},
    {"InOrder", {{0, Outcome::Ok, true}, {1, Outcome::Ok, true}, {2, Outcome::Ok, true}, {1, Outcome::Replayed}}},
    {"BackToFront", {{2, Outcome::Ok, true}, {1, Outcome::Ok}, {0, Outcome::Ok}, {0, Outcome::Replayed}}},
    {"TheOldestThatCounts", {{959, Outcome::Ok, true}, {0, Outcome::Ok}, {0, Outcome::Replayed}}},
    {"OneOlder", {{960, Outcome::Ok, true}, {0, Outcome::TooOld}, {1, Outcome::Ok}}},
    {"WhatWasNewIsTooOldLater", {{5, Outcome::Ok, true}, {2000, Outcome::Ok, true}, {5, Outcome::TooOld}}},
    {"AWordIsUsedAgain",
     {{63, Outcome::Ok, true},
      {1024 + 63, Outcome::Ok, true},
      {1024 + 62, Outcome::Ok},
      {1024 + 63, Outcome::Replayed},
      {128, Outcome::Ok}}},
    {"AJumpOverAllWords",
     {{64, Outcome::Ok, true},
      {65, Outcome::Ok, true},
      {4160, Outcome::Ok, true},
      {4161, Outcome::Ok, true},
      {4160, Outcome::Replayed},
      {4159, Outcome::Ok},
      {3202, Outcome::Ok},
      {3201, Outcome::TooOld}}},
};
INSTANTIATE_TEST_SUITE_P(Table, NumbersThatCome, ::testing::ValuesIn(kArrivalCases),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(ReplayWindows, CountEachNumberOnceInAnyOrder) {
  OneWay way;
  way.send(3000);
  // Blocks of 500 back to front, each datagram twice.
  for (std::size_t block = 0; block < 3000; block += 500) {
    for (std::size_t i = 500; i > 0; --i) {
      ASSERT_EQ(way.outcomeOf(block + i - 1), Outcome::Ok);
      ASSERT_EQ(way.outcomeOf(block + i - 1), Outcome::Replayed);
    }
  }
}

/// A new key after each 1,000 datagrams.
class KeyChange : public ::testing::TestWithParam<ArrivalCase> {};

TEST_P(KeyChange, LetsLateDatagramsIn) {
  OneWay way({.datagramsOfAKey = 1000});
  way.send(4000);
  play(way, GetParam().arrivals);
}

const ArrivalCase kKeyCases[] = {
    {"InOrder",
     {{998, Outcome::Ok, true},
      {999, Outcome::Ok, true},
      {1000, Outcome::Ok, true},
      {1001, Outcome::Ok, true},
      {1000, Outcome::Replayed},
      {999, Outcome::Replayed}}},
    {"TheFirstOfTheNewKeyComesEarly",
     {{990, Outcome::Ok, true},
      {1000, Outcome::Ok, true},
      {999, Outcome::Ok},
      {995, Outcome::Ok},
      {1001, Outcome::Ok, true},
      {999, Outcome::Replayed}}},
    {"TheFirstOfTheNewKeyComesLate",
     {{990, Outcome::Ok, true},
      {1010, Outcome::Ok, true},
      {1000, Outcome::Ok},
      {999, Outcome::Ok},
      {1001, Outcome::Ok}}},
    {"TheOldKeyServesAsFarAsTheWindow",
     {{900, Outcome::Ok, true},
      {1000, Outcome::Ok, true},
      {1858, Outcome::Ok, true},
      {899, Outcome::Ok},
      {898, Outcome::TooOld}}},
    {"ThenItIsGone",
     {{990, Outcome::Ok, true},
      {1000, Outcome::Ok, true},
      {1960, Outcome::Ok, true},
      {999, Outcome::TooOld},
      {1001, Outcome::Ok}}},
    {"TwoChangesAndTheSamePhase",
     {{10, Outcome::Ok, true},
      {1500, Outcome::Ok, true},
      {2000, Outcome::Ok, true},
      {1999, Outcome::Ok},
      {3000, Outcome::Ok, true},
      {2999, Outcome::Ok},
      {2100, Outcome::Ok}}},
    {"AKeyThatNeverServed",
     {{999, Outcome::Ok, true}, {2000, Outcome::BadTag}, {1999, Outcome::Ok, true}, {2000, Outcome::Ok, true}}},
    {"NoneOfTheFirstKey", {{1000, Outcome::BadTag}, {0, Outcome::Ok, true}, {1000, Outcome::Ok, true}}},
};
INSTANTIATE_TEST_SUITE_P(Table, KeyChange, ::testing::ValuesIn(kKeyCases),
                         [](const auto& test) { return std::string(test.param.name); });

TEST(KeyChanges, AreMarkedByThePhase) {
  OneWay way({.datagramsOfAKey = 1000});
  way.send(2001);
  for (const auto& [number, phase] :
       {std::pair{0U, false}, {999U, false}, {1000U, true}, {1999U, true}, {2000U, false}}) {
    EXPECT_EQ(parseDatagram(way.sent(number))->header.phase, phase) << number;
  }
}

TEST(KeyChanges, AreNotMadeByForgeries) {
  OneWay way({.datagramsOfAKey = 1000});
  way.send(1002);
  ASSERT_EQ(way.outcomeOf(498), Outcome::Ok);
  ASSERT_EQ(way.outcomeOf(500), Outcome::Ok);
  for (const std::size_t number : {400U, 499U, 501U, 999U}) {
    Bytes forged = way.sent(number);
    forged[kPhaseAt] ^= 0x80;
    EXPECT_EQ(way.open(forged).outcome, Outcome::BadTag);
  }
  Bytes forged = way.sent(1000);
  forged[kPhaseAt] ^= 0x80;
  EXPECT_EQ(way.open(forged).outcome, Outcome::BadTag);
  play(way, {{400, Outcome::Ok},
             {499, Outcome::Ok},
             {999, Outcome::Ok, true},
             {1000, Outcome::Ok, true},
             {501, Outcome::Ok},
             {1001, Outcome::Ok, true}});
  EXPECT_EQ(way.opener().forgeries(), 3U) << "400 and 499 can be of no other key, and were not tried";
}

}  // namespace
}  // namespace rtm::net::test
