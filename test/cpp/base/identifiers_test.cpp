#include "base/identifiers.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <string>
#include <string_view>

namespace rtm {
namespace {

constexpr std::string_view kAllowedPunctuation = " !#$%&()+-:;<=.>?@[]^_{}|~,";

bool isAllowedInIds(unsigned char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         kAllowedPunctuation.find(static_cast<char>(c)) != std::string_view::npos;
}

TEST(Identifiers, EachByteIsAllowedInIdsExactlyWhenTheListSaysSo) {
  for (unsigned value = 0; value < 256; ++value) {
    const std::string id(1, static_cast<char>(value));
    const bool allowed = isAllowedInIds(static_cast<unsigned char>(value));
    EXPECT_EQ(isValidUserId(id), allowed) << "byte " << value;
    EXPECT_EQ(isValidChannelId("room" + id + "1"), allowed) << "byte " << value;
  }
}

TEST(Identifiers, QuotesAsteriskSlashesBackquoteAndControlsAreRefused) {
  for (const char c : std::string_view("\"'*/\\`\0\t\n\r\x7f\x80\xff", 13)) {
    EXPECT_FALSE(isValidUserId(std::string("a") + c + "b")) << static_cast<int>(c);
  }
  EXPECT_FALSE(isValidUserId("J\xc3\xbcrgen"));
}

TEST(Identifiers, AnIdHasOneToSixtyFourBytes) {
  for (auto* isValid : {&isValidUserId, &isValidChannelId}) {
    EXPECT_FALSE(isValid(""));
    EXPECT_FALSE(isValid(std::string_view()));
    EXPECT_TRUE(isValid("a"));
    EXPECT_TRUE(isValid(std::string(64, 'a')));
    EXPECT_FALSE(isValid(std::string(65, 'a')));
  }
}

TEST(Identifiers, OnlyTheExactWordNullIsRefused) {
  for (auto* isValid : {&isValidUserId, &isValidChannelId}) {
    EXPECT_FALSE(isValid("null"));
    EXPECT_TRUE(isValid("NULL"));
    EXPECT_TRUE(isValid("Null"));
    EXPECT_TRUE(isValid("null "));
    EXPECT_TRUE(isValid("nullable"));
    EXPECT_TRUE(isValid("nul"));
  }
}

TEST(Identifiers, AUserIdMayBeginWithASpace) {
  EXPECT_TRUE(isValidUserId(" alice"));
  EXPECT_TRUE(isValidUserId(" "));
}

TEST(Identifiers, AnAppIdIsThirtyTwoHexadecimalCharacters) {
  EXPECT_TRUE(isValidAppId("0123456789abcdef0123456789abcdef"));
  EXPECT_TRUE(isValidAppId("0123456789ABCDEF0123456789abcdef"));
  EXPECT_FALSE(isValidAppId(""));
  EXPECT_FALSE(isValidAppId("0123456789abcdef0123456789abcde"));
  EXPECT_FALSE(isValidAppId("0123456789abcdef0123456789abcdef0"));
  for (unsigned value = 0; value < 256; ++value) {
    std::string id(32, 'a');
    id[31] = static_cast<char>(value);
    const bool hex = (value >= '0' && value <= '9') || (value >= 'a' && value <= 'f') || (value >= 'A' && value <= 'F');
    EXPECT_EQ(isValidAppId(id), hex) << "byte " << value;
  }
}

std::string encodeUtf8(std::uint32_t codePoint) {
  const auto byte = [](std::uint32_t value) { return static_cast<char>(static_cast<unsigned char>(value)); };
  if (codePoint < 0x80) return {byte(codePoint)};
  if (codePoint < 0x800) return {byte(0xC0 | codePoint >> 6), byte(0x80 | (codePoint & 0x3F))};
  if (codePoint < 0x10000) {
    return {byte(0xE0 | codePoint >> 12), byte(0x80 | (codePoint >> 6 & 0x3F)), byte(0x80 | (codePoint & 0x3F))};
  }
  return {byte(0xF0 | codePoint >> 18), byte(0x80 | (codePoint >> 12 & 0x3F)), byte(0x80 | (codePoint >> 6 & 0x3F)),
          byte(0x80 | (codePoint & 0x3F))};
}

TEST(Utf8, EveryScalarValueIsValidAndEverySurrogateAndLargerNumberIsNot) {
  for (std::uint32_t codePoint = 0; codePoint < 0x200000; ++codePoint) {
    const bool valid = codePoint < 0xD800 || (codePoint > 0xDFFF && codePoint <= 0x10FFFF);
    ASSERT_EQ(isValidUtf8(encodeUtf8(codePoint)), valid) << "U+" << std::hex << codePoint;
  }
}

// Counting all strings of three bytes leaves no room for an accepted overlong, stray or cut sequence: there are 128
// characters of one byte, 1,920 of two and 61,440 of three (65,536 less 2,048 shorter ones and 2,048 surrogates).
TEST(Utf8, AmongAllThreeByteStringsExactlyTheWellFormedOnesAreValid) {
  std::uint32_t valid = 0;
  std::string text(3, '\0');
  for (unsigned a = 0; a < 256; ++a) {
    for (unsigned b = 0; b < 256; ++b) {
      for (unsigned c = 0; c < 256; ++c) {
        text[0] = static_cast<char>(a);
        text[1] = static_cast<char>(b);
        text[2] = static_cast<char>(c);
        if (isValidUtf8(text)) ++valid;
      }
    }
  }
  EXPECT_EQ(valid, 128U * 128 * 128 + 2U * 128 * 1920 + 61440U);
}

TEST(Utf8, FourByteFormsAreBoundedOnBothSides) {
  EXPECT_TRUE(isValidUtf8("\xF0\x90\x80\x80"));
  EXPECT_FALSE(isValidUtf8("\xF0\x8F\xBF\xBF")) << "overlong U+FFFF";
  EXPECT_TRUE(isValidUtf8("\xF4\x8F\xBF\xBF"));
  EXPECT_FALSE(isValidUtf8("\xF4\x90\x80\x80")) << "U+110000";
  EXPECT_FALSE(isValidUtf8("\xF5\x80\x80\x80"));
  EXPECT_FALSE(isValidUtf8("\xF8\x88\x80\x80\x80")) << "five bytes, the form of RFC 2279";
  EXPECT_FALSE(isValidUtf8("\xF0\x9F\x98")) << "cut";
  EXPECT_FALSE(isValidUtf8("\xF0\x9F\x41\x80"));
  EXPECT_FALSE(isValidUtf8("\xF0\x9F\x98\x41"));
}

TEST(Utf8, TheFastPathMissesNoByteAtAnyOffset) {
  for (std::size_t length = 0; length < 40; ++length) {
    const std::string ascii(length, 'x');
    EXPECT_TRUE(isValidUtf8(ascii));
    for (std::size_t at = 0; at < length; ++at) {
      std::string bad = ascii;
      bad[at] = '\x80';
      EXPECT_FALSE(isValidUtf8(bad)) << length << " bytes, bad at " << at;
      EXPECT_TRUE(isValidUtf8(ascii.substr(0, at) + "\xE2\x82\xAC" + ascii.substr(at)));
      EXPECT_FALSE(isValidUtf8(ascii.substr(0, at) + "\xE2\x82" + ascii.substr(at)));
    }
  }
}

TEST(Utf8, EmptyTextAndEmbeddedZeroAreValid) {
  EXPECT_TRUE(isValidUtf8(""));
  EXPECT_TRUE(isValidUtf8(std::string_view()));
  EXPECT_TRUE(isValidUtf8(std::string_view("a\0b", 3)));
}

}  // namespace
}  // namespace rtm
