#pragma once

#include <string>

#include "base/bytes.hpp"

namespace rtm {

/// Two lower-case digits for each byte.
inline std::string toHex(ByteView bytes) {
  constexpr const char* kDigits = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

}  // namespace rtm
