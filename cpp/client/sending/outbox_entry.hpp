#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>

#include "base/bytes.hpp"

namespace rtm::client {

/// What an entry of the outbox is: says who hears of its end.
enum class OutboxKind : std::uint8_t {
  PeerMessage,
  ChannelMessage,
  InvitationSignal,  ///< travels as a peer message; its result goes to the invitations
  Request,
};

/// The deadline of a request that nobody waits for.
inline constexpr std::uint64_t kNoDeadline = ~std::uint64_t{0};

/// An entry that got its answer, or ended without one.
struct OutboxEnd {
  OutboxKind kind;
  std::uint64_t id;       ///< message id, signal token or request id
  std::uint32_t channel;  ///< ChannelMessage: the number of the channel object
  bool sent;              ///< false: no server can have it
};

/// A frame of the outbox. `segment` and `offset` say where it lies.
struct OutboxEntry {
  std::uint64_t id = 0;
  std::uint64_t seq = 0;  ///< of a message; of a request: of the last message before it, so that seq never falls
  std::uint64_t deadline = 0;
  std::uint64_t segment = 0;  ///< absolute number
  std::uint32_t offset = 0;
  std::uint32_t size = 0;
  std::uint32_t channel = 0;
  std::int32_t expiresAfterMs = kNever;  ///< after the deadline; negative: before it
  OutboxKind kind{};
  bool done = false;
  bool accepted = false;   ///< the server has it, or may have: not to be sent again
  bool sent = false;       ///< was handed to a link of this session
  bool abandoned = false;  ///< its caller waits no longer: not to be sent again

  static constexpr std::int32_t kNever = std::numeric_limits<std::int32_t>::max();

  std::uint64_t expiresAt() const { return deadline + static_cast<std::uint64_t>(std::int64_t{expiresAfterMs}); }
  bool expires() const { return expiresAfterMs != kNever; }
  /// Nobody waits any more: the deadline is over, or the message expired before it left.
  bool isOver(std::uint64_t now) const { return deadline <= now || (!sent && expires() && expiresAt() <= now); }
};

/// Frames live in segments of about 64 KiB that are freed as a whole: no allocation per message.
struct OutboxSegment {
  static constexpr std::size_t kSize = 64 * 1024;
  Bytes bytes;
  std::size_t live = 0;
};

}  // namespace rtm::client
