#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>

namespace rtm::wire {

/// Bytes that `value` takes as a base-128 varint: 1 to 10.
constexpr std::size_t varintSize(std::uint64_t value) {
  return (static_cast<std::size_t>(std::bit_width(value | 1)) + 6) / 7;
}

inline std::uint8_t* writeVarint(std::uint8_t* out, std::uint64_t value) {
  while (value >= 0x80) {
    *out++ = static_cast<std::uint8_t>(value | 0x80);
    value >>= 7;
  }
  *out++ = static_cast<std::uint8_t>(value);
  return out;
}

/// Reads a varint from [in, end); returns the byte after it, or null if it is cut off or longer than 10 bytes.
inline const std::uint8_t* readVarint(const std::uint8_t* in, const std::uint8_t* end, std::uint64_t& value) {
  if (in != end && *in < 0x80) {  // most fields of most messages
    value = *in;
    return in + 1;
  }
  std::uint64_t result = 0;
  for (unsigned shift = 0; shift < 70 && in != end; shift += 7) {
    const std::uint8_t byte = *in++;
    result |= static_cast<std::uint64_t>(byte & 0x7f) << (shift & 63);
    if (byte < 0x80) {
      if (shift == 63 && byte > 1) return nullptr;  // more than 64 bits
      value = result;
      return in;
    }
  }
  return nullptr;
}

}  // namespace rtm::wire
