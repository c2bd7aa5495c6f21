#pragma once

#include <cstdint>

#include "base/bytes.hpp"

namespace rtm::net {

/// What the first bytes of a TLS client are.
enum class ClientHello : std::uint8_t { Partial, Whole, TooLong };

/// Whether the first record is there, and holds the whole ClientHello. What is not TLS counts as whole: OpenSSL refuses
/// it at once, and says why. A server waits for the whole: OpenSSL takes memory for the length that the first bytes
/// announce, and a client that sends nothing more would hold it.
ClientHello lookAtClientHello(ByteView bytes);

}  // namespace rtm::net
