#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace rtm {

/// Number of ASCII bytes at the front of `text`. Nearly all text is ASCII from end to end, and several places look at
/// every message. So this takes 32 bytes at a time: with 8 it was a sixth of the cost of a message.
inline std::size_t asciiPrefix(std::string_view text) {
  constexpr std::uint64_t kHighBits = 0x8080808080808080U;
  const char* const begin = text.data();
  const auto word = [begin](std::size_t at) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, begin + at, sizeof(eight));  // `begin` is not aligned
    return eight;
  };
  std::size_t i = 0;
  for (; i + 32 <= text.size(); i += 32) {
    if (((word(i) | word(i + 8) | word(i + 16) | word(i + 24)) & kHighBits) != 0) break;
  }
  for (; i + 8 <= text.size(); i += 8) {
    if ((word(i) & kHighBits) != 0) break;
  }
  while (i < text.size() && static_cast<std::uint8_t>(begin[i]) < 0x80) ++i;
  return i;
}

}  // namespace rtm
