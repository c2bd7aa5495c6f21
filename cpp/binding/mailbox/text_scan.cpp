#include "binding/mailbox/text_scan.hpp"

#include <cstdint>

#include "base/ascii.hpp"

namespace rtm::binding {
namespace {

/// Length of the well-formed sequence at the front of `text`; 0 if there is none.
std::size_t sequenceLength(std::string_view text) {
  const auto at = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  const auto continues = [&](std::size_t i, std::uint8_t low, std::uint8_t high) {
    return i < text.size() && at(i) >= low && at(i) <= high;
  };
  const std::uint8_t lead = at(0);
  if (lead < 0x80) {
    return 1;
  }
  if (lead >= 0xC2 && lead <= 0xDF) {
    return continues(1, 0x80, 0xBF) ? 2 : 0;
  }
  if (lead >= 0xE0 && lead <= 0xEF) {
    // E0 would allow a longer form than needed, ED the surrogates.
    const std::uint8_t low = lead == 0xE0 ? 0xA0 : 0x80;
    const std::uint8_t high = lead == 0xED ? 0x9F : 0xBF;
    return continues(1, low, high) && continues(2, 0x80, 0xBF) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    // F0 would allow a longer form than needed, F4 values above U+10FFFF.
    const std::uint8_t low = lead == 0xF0 ? 0x90 : 0x80;
    const std::uint8_t high = lead == 0xF4 ? 0x8F : 0xBF;
    return continues(1, low, high) && continues(2, 0x80, 0xBF) && continues(3, 0x80, 0xBF) ? 4 : 0;
  }
  return 0;
}

}  // namespace

TextScan scanText(std::string_view utf8) {
  TextScan scan;
  while (!utf8.empty()) {
    const std::size_t plain = asciiPrefix(utf8);
    scan.units += plain;
    utf8.remove_prefix(plain);
    if (utf8.empty()) {
      break;
    }
    scan.ascii = false;
    const std::size_t length = sequenceLength(utf8);
    if (length == 0) {
      scan.valid = false;
      return scan;
    }
    scan.units += length == 4 ? 2 : 1;
    utf8.remove_prefix(length);
  }
  return scan;
}

std::string repairText(std::string_view text) {
  std::string repaired;
  repaired.reserve(text.size() + 16);
  while (!text.empty()) {
    const std::size_t length = sequenceLength(text);
    repaired.append(length == 0 ? std::string_view("\xEF\xBF\xBD") : text.substr(0, length));
    text.remove_prefix(length == 0 ? 1 : length);
  }
  return repaired;
}

}  // namespace rtm::binding
