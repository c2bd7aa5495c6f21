#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>

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

/// Reads a varint from [in, end); returns the byte after it, or null if it is cut off, longer than 10 bytes or larger
/// than 64 bits. Padded forms (0x80 0x00 for 0) are taken, as protobuf readers do; writeVarint never makes them.
inline const std::uint8_t* readVarint(const std::uint8_t* in, const std::uint8_t* end, std::uint64_t& value) {
  if (in != end && *in < 0x80) {  // most fields of most messages
    value = *in;
    return in + 1;
  }
  if (end - in >= 2 && in[1] < 0x80) {  // lengths and offsets of most of the rest
    value = static_cast<std::uint64_t>(in[0] & 0x7f) | static_cast<std::uint64_t>(in[1]) << 7;
    return in + 2;
  }
  std::uint64_t result = 0;
  for (unsigned shift = 0; shift < 70 && in != end; shift += 7) {
    const std::uint8_t byte = *in++;
    result |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) {
      if (shift == 63 && byte > 1) return nullptr;  // more than 64 bits
      value = result;
      return in;
    }
  }
  return nullptr;
}

/// The same for tags and lengths, which protobuf limits to 32 bits in at most 5 bytes.
inline const std::uint8_t* readVarint32(const std::uint8_t* in, const std::uint8_t* end, std::uint32_t& value) {
  if (in != end && *in < 0x80) {
    value = *in;
    return in + 1;
  }
  std::uint64_t wide = 0;
  in = readVarint(in, end - in > 5 ? in + 5 : end, wide);
  if (in == nullptr || wide > std::numeric_limits<std::uint32_t>::max()) return nullptr;
  value = static_cast<std::uint32_t>(wide);
  return in;
}

}  // namespace rtm::wire
