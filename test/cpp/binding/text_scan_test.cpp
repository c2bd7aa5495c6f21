#include "binding/mailbox/text_scan.hpp"

#include <gtest/gtest.h>

#include <string>

#include "base/identifiers.hpp"

namespace rtm::binding {
namespace {

TEST(TextScan, CountsUtf16UnitsOfEachLength) {
  EXPECT_EQ(scanText("").units, 0U);
  EXPECT_EQ(scanText("abcdefghijk").units, 11U);
  EXPECT_TRUE(scanText("abcdefghijk").ascii);
  const TextScan mixed = scanText("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80z");  // a é € 😀 z
  EXPECT_TRUE(mixed.valid);
  EXPECT_FALSE(mixed.ascii);
  EXPECT_EQ(mixed.units, 6U);
}

TEST(TextScan, FindsAByteAboveAsciiAtEveryPosition) {
  for (std::size_t at = 0; at < 40; ++at) {
    std::string text(40, 'x');
    text.replace(at, 1, "\xC3\xA9");
    const TextScan scan = scanText(text);
    EXPECT_FALSE(scan.ascii) << at;
    EXPECT_TRUE(scan.valid) << at;
    EXPECT_EQ(scan.units, 40U) << at;
  }
}

TEST(TextScan, AgreesWithTheCheckOfTheWireOnEveryShortSequence) {
  for (unsigned first = 0; first < 256; ++first) {
    for (unsigned second = 0; second < 256; second += 3) {
      for (const char* rest : {"", "\x80", "\xBF\x80", "\xBF\xBF", "a"}) {
        const std::string text = std::string{static_cast<char>(first), static_cast<char>(second)} + rest;
        EXPECT_EQ(scanText(text).valid, isValidUtf8(text)) << first << ' ' << second << ' ' << rest;
      }
    }
  }
}

TEST(TextScan, RepairedTextIsValidAndKeepsWhatWasWellFormed) {
  const std::string repaired = repairText("ok \xFF \xE2\x82 \xED\xA0\x80 \xE2\x82\xAC");
  EXPECT_TRUE(scanText(repaired).valid);
  EXPECT_EQ(repaired.substr(0, 3), "ok ");
  EXPECT_EQ(repaired.substr(repaired.size() - 3), "\xE2\x82\xAC");
}

}  // namespace
}  // namespace rtm::binding
