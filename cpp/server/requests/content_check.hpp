#pragma once

#include <cstdint>

#include "base/bytes.hpp"
#include "server/limits.hpp"

namespace rtm::server {

/// What the server makes of an encoded Content before it relays it unchanged.
struct ContentCheck {
  enum class Verdict : std::uint8_t {
    Fine,
    Malformed,  ///< no Content at all
    Invalid,    ///< an unknown kind, or over a size limit: the sender gets INVALID_MESSAGE
  };
  Verdict verdict = Verdict::Malformed;
  std::uint64_t requiredCapabilities = 0;  ///< bit set of wire::Capability that a receiver needs
  bool call = false;                       ///< a call signal: for peers only
  bool text = false;
};

/// Of `limits` counts: messageBytes, for the text, the raw bytes, the file name and the thumbnail together (0: none),
/// and calls.
ContentCheck checkContent(ByteView content, const Limits& limits);

}  // namespace rtm::server
