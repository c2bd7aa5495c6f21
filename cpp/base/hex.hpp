#pragma once

#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace rtm {

/// The digits by their values.
inline constexpr std::string_view kHexDigits = "0123456789abcdef";

/// Two lower-case digits for each byte.
inline std::string toHex(ByteView bytes) {
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    text += kHexDigits[byte >> 4];
    text += kHexDigits[byte & 15];
  }
  return text;
}

}  // namespace rtm
