#pragma once

#include <cstdint>

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
  OutboxKind kind{};
  bool done = false;
  bool accepted = false;   ///< the server has it, or may have: not to be sent again
  bool sent = false;       ///< was handed to a link of this session
  bool abandoned = false;  ///< its caller waits no longer: not to be sent again
};

}  // namespace rtm::client
