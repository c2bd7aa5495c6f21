#include "wire/varint.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <vector>

#include "base/bytes.hpp"

namespace rtm::wire {
namespace {

struct Case {
  std::uint64_t value;
  Bytes bytes;
};

const std::vector<Case>& canonicalForms() {
  static const std::vector<Case> kCases = {
      {0, {0x00}},
      {1, {0x01}},
      {127, {0x7f}},
      {128, {0x80, 0x01}},
      {300, {0xac, 0x02}},
      {16383, {0xff, 0x7f}},
      {16384, {0x80, 0x80, 0x01}},
      {(1ULL << 21) - 1, {0xff, 0xff, 0x7f}},
      {1ULL << 21, {0x80, 0x80, 0x80, 0x01}},
      {(1ULL << 28) - 1, {0xff, 0xff, 0xff, 0x7f}},
      {1ULL << 28, {0x80, 0x80, 0x80, 0x80, 0x01}},
      {std::numeric_limits<std::uint32_t>::max(), {0xff, 0xff, 0xff, 0xff, 0x0f}},
      {1ULL << 32, {0x80, 0x80, 0x80, 0x80, 0x10}},
      {(1ULL << 63) - 1, {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}},
      {1ULL << 63, {0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01}},
      {std::numeric_limits<std::uint64_t>::max(), {0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}},
  };
  return kCases;
}

/// The result of readVarint for `bytes`; `used` is 0 if it refused them.
struct Read {
  std::size_t used = 0;
  std::uint64_t value = 0;
};

Read read(const Bytes& bytes) {
  Read result;
  const std::uint8_t* after = readVarint(bytes.data(), bytes.data() + bytes.size(), result.value);
  if (after != nullptr) result.used = static_cast<std::size_t>(after - bytes.data());
  return result;
}

Read read32(const Bytes& bytes) {
  Read result;
  std::uint32_t value = 0;
  const std::uint8_t* after = readVarint32(bytes.data(), bytes.data() + bytes.size(), value);
  result.value = value;
  if (after != nullptr) result.used = static_cast<std::size_t>(after - bytes.data());
  return result;
}

TEST(Varint, IsWrittenInItsShortestForm) {
  for (const Case& c : canonicalForms()) {
    Bytes out(10, 0xee);
    const std::uint8_t* end = writeVarint(out.data(), c.value);
    out.resize(static_cast<std::size_t>(end - out.data()));
    EXPECT_EQ(out, c.bytes) << c.value;
    EXPECT_EQ(varintSize(c.value), c.bytes.size()) << c.value;
  }
}

TEST(Varint, ReadsWrittenNumbersAndNothingBehindThem) {
  for (const Case& c : canonicalForms()) {
    Bytes bytes = c.bytes;
    EXPECT_EQ(read(bytes).used, c.bytes.size()) << c.value;
    EXPECT_EQ(read(bytes).value, c.value);
    bytes.insert(bytes.end(), {0xff, 0xff});
    EXPECT_EQ(read(bytes).used, c.bytes.size()) << c.value;
    EXPECT_EQ(read(bytes).value, c.value);
  }
}

TEST(Varint, TheSizeStepsAtEverySeventhBit) {
  for (unsigned bit = 0; bit < 64; ++bit) {
    EXPECT_EQ(varintSize(1ULL << bit), bit / 7 + 1) << bit;
  }
}

TEST(Varint, EveryCutIsRefused) {
  for (const Case& c : canonicalForms()) {
    for (std::size_t size = 0; size < c.bytes.size(); ++size) {
      EXPECT_EQ(read(Bytes(c.bytes.begin(), c.bytes.begin() + static_cast<std::ptrdiff_t>(size))).used, 0u) << c.value;
    }
  }
}

TEST(Varint, PaddedFormsAreTakenUpToTenBytes) {
  EXPECT_EQ(read({0x80, 0x00}).used, 2u);
  EXPECT_EQ(read({0x80, 0x00}).value, 0u);
  const Read padded = read({0x85, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00});
  EXPECT_EQ(padded.used, 10u);
  EXPECT_EQ(padded.value, 5u);
}

TEST(Varint, MoreThanTenBytesOrSixtyFourBitsAreRefused) {
  EXPECT_EQ(read({0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x00}).used, 0u);
  EXPECT_EQ(read({0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01}).used, 0u);
  EXPECT_EQ(read({0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x02}).used, 0u);
  EXPECT_EQ(read({0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f}).used, 0u);
}

TEST(Varint, TagsAndLengthsAreHeldToThirtyTwoBitsInFiveBytes) {
  EXPECT_EQ(read32({0x7f}).used, 1u);
  EXPECT_EQ(read32({0xff, 0xff, 0xff, 0xff, 0x0f}).used, 5u);
  EXPECT_EQ(read32({0xff, 0xff, 0xff, 0xff, 0x0f}).value, std::numeric_limits<std::uint32_t>::max());
  EXPECT_EQ(read32({0x88, 0x80, 0x80, 0x80, 0x00, 0xff}).used, 5u);
  EXPECT_EQ(read32({0x80, 0x80, 0x80, 0x80, 0x10}).used, 0u);        // 2^32
  EXPECT_EQ(read32({0x88, 0x80, 0x80, 0x80, 0x80, 0x00}).used, 0u);  // 8, in six bytes
  EXPECT_EQ(read32({0xff, 0xff, 0xff, 0xff}).used, 0u);              // cut
  EXPECT_EQ(read32({}).used, 0u);
}

}  // namespace
}  // namespace rtm::wire
