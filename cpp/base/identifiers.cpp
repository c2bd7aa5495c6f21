#include "base/identifiers.hpp"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/ascii.hpp"

namespace rtm {
namespace {

using CharSet = std::array<bool, 256>;

consteval CharSet charSet(std::string_view characters) {
  CharSet set{};
  for (const char c : characters) set[static_cast<unsigned char>(c)] = true;
  return set;
}

// Apostrophe, double quote, asterisk, slash, backslash and backquote are absent on purpose. REST additionally takes
// the apostrophe; that is a rule of the REST paths, not of ids.
constexpr CharSet kIdCharacters = charSet(
    "abcdefghijklmnopqrstuvwxyz"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    "0123456789"
    " !#$%&()+-:;<=.>?@[]^_{}|~,");
constexpr CharSet kHexCharacters = charSet("0123456789abcdefABCDEF");

bool consistsOf(std::string_view text, const CharSet& set) {
  return std::all_of(text.begin(), text.end(), [&set](char c) { return set[static_cast<unsigned char>(c)]; });
}

bool isValidId(std::string_view id) {
  return !id.empty() && id.size() <= kMaxIdBytes && id != "null" && consistsOf(id, kIdCharacters);
}

/// Number of bytes of the well-formed sequence that starts at `p` (RFC 3629 section 4), 0 when there is none.
std::size_t sequenceLength(const unsigned char* p, std::size_t left) {
  const unsigned char lead = p[0];
  if (lead < 0x80) return 1;
  if (lead < 0xC2) return 0;  // a continuation byte, or the overlong leads C0 and C1
  const std::size_t length = lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
  if (lead > 0xF4 || left < length) return 0;

  // The second byte carries all the special cases: overlong forms, surrogates, and the end of Unicode.
  unsigned char low = 0x80;
  unsigned char high = 0xBF;
  if (lead == 0xE0) low = 0xA0;
  if (lead == 0xED) high = 0x9F;
  if (lead == 0xF0) low = 0x90;
  if (lead == 0xF4) high = 0x8F;
  if (p[1] < low || p[1] > high) return 0;

  for (std::size_t i = 2; i < length; ++i) {
    if ((p[i] & 0xC0) != 0x80) return 0;
  }
  return length;
}

}  // namespace

bool isValidUserId(std::string_view id) {
  return isValidId(id);
}

bool isValidChannelId(std::string_view id) {
  return isValidId(id);
}

bool isValidAppId(std::string_view id) {
  return id.size() == kAppIdBytes && consistsOf(id, kHexCharacters);
}

bool isValidUtf8(std::string_view text) {
  for (;;) {
    text.remove_prefix(asciiPrefix(text));
    if (text.empty()) return true;
    const std::size_t length = sequenceLength(reinterpret_cast<const unsigned char*>(text.data()), text.size());
    if (length == 0) return false;
    text.remove_prefix(length);
  }
}

bool isVisibleText(std::string_view text) {
  unsigned char before = 0;
  for (const char each : text) {
    const auto c = static_cast<unsigned char>(each);
    // C0, DEL, and C1, which UTF-8 writes as C2 80 to C2 9F.
    if (c < 0x20 || c == 0x7f || (before == 0xC2 && c < 0xA0)) return false;
    before = c;
  }
  return isValidUtf8(text);
}

}  // namespace rtm
