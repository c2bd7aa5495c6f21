#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"

namespace rtm {

/// Reads little-endian fields from bytes that it does not own. A read past the end makes the reader fail for good: this
/// read and every later one give zero or an empty view, so a caller reads a whole record and asks ok() once. A caller
/// that loops up to a count it has read asks ok() before the loop.
class ByteReader {
 public:
  explicit ByteReader(ByteView bytes) : rest_(bytes) {}

  /// False after the first read past the end.
  bool ok() const { return ok_; }

  /// What has not been read yet; empty once the reader has failed.
  ByteView rest() const { return rest_; }

  std::uint16_t u16() { return static_cast<std::uint16_t>(number(2)); }
  std::uint32_t u32() { return number(4); }

  /// A view into the source, valid as long as the source.
  ByteView bytes(std::size_t count) { return take(count); }

  /// A 16-bit byte length followed by the bytes.
  std::string_view string() { return asText(take(u16())); }

 private:
  ByteView take(std::size_t count) {
    if (count > rest_.size()) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    const ByteView taken = rest_.first(count);
    rest_ = rest_.subspan(count);
    return taken;
  }

  std::uint32_t number(std::size_t size) {
    std::uint32_t value = 0;
    unsigned shift = 0;
    for (const std::uint8_t byte : take(size)) {
      value |= static_cast<std::uint32_t>(byte) << shift;
      shift += 8;
    }
    return value;
  }

  ByteView rest_;
  bool ok_ = true;
};

}  // namespace rtm
