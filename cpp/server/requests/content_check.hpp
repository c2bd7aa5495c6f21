#pragma once

#include <cstdint>

#include "base/bytes.hpp"
#include "server/limits.hpp"
#include "wire/kinds.hpp"

namespace rtm::server {

/// What the server finds in an encoded Content before it relays the bytes unchanged.
struct ContentCheck {
  enum class Verdict : std::uint8_t {
    Fine,
    Malformed,  ///< the bytes are no Content
    Invalid,    ///< an unknown type, or over a size limit: the sender gets INVALID_MESSAGE
  };
  Verdict verdict = Verdict::Malformed;
  std::uint64_t requiredCapabilities = 0;  ///< bit set of wire::Capability that a receiver needs
  bool invitation = false;                 ///< a signal of an invitation: only peer messages may carry it
  bool invites = false;                    ///< the signal that begins one
  wire::InvitationAction action = wire::InvitationAction::None;  ///< of such a signal
  std::uint64_t invitationId = 0;                                ///< of such a signal
  bool text = false;
};

/// Uses two of the `limits`: messageBytes for the text, the raw bytes, the file name and the thumbnail together (0: no
/// limit), and calls. Pure.
ContentCheck checkContent(ByteView content, const Limits& limits);

}  // namespace rtm::server
