#include "client/why_no_id.hpp"

#include <array>
#include <cstdio>

#include "base/identifiers.hpp"

namespace rtm::client {

namespace {

std::string bytes(std::size_t count) {
  return std::to_string(count) + (count == 1 ? " byte" : " bytes");
}

/// The byte at `index`, visible in a log line whatever it is.
std::string shown(std::string_view id, std::size_t index) {
  const auto value = static_cast<unsigned char>(id[index]);
  std::array<char, 8> text{};
  std::snprintf(text.data(), text.size(), value > 0x20 && value < 0x7f ? "'%c'" : "0x%02x", value);
  return text.data() + (" at byte " + std::to_string(index));
}

}  // namespace

std::string whyNoId(std::string_view id) {
  if (id.empty()) return "is empty or null, expected 1 to " + bytes(kMaxIdBytes);
  for (std::size_t i = 0; i < id.size(); ++i) {
    // A single character is an id if it is allowed in ids.
    if (isValidUserId(id.substr(i, 1))) continue;
    return shown(id, i) + " is not allowed, expected letters A-Z a-z, digits, space and !#$%&()+-:;<=.>?@[]^_{}|~,";
  }
  if (id.size() > kMaxIdBytes) return bytes(id.size()) + ", at most " + std::to_string(kMaxIdBytes);
  return "the word null is no id";
}

std::string whyNoAppId(std::string_view id) {
  const std::string expected = ", expected " + std::to_string(kAppIdBytes) + " hexadecimal characters";
  if (id.empty()) return "is empty or null" + expected;
  for (std::size_t i = 0; i < id.size(); ++i) {
    if (std::string_view("0123456789abcdefABCDEF").find(id[i]) == std::string_view::npos)
      return shown(id, i) + expected;
  }
  return bytes(id.size()) + expected;
}

}  // namespace rtm::client
