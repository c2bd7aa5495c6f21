#pragma once

#include <cstddef>
#include <cstdint>

#include "server/engine/seam/engine_constants.hpp"
#include "wire/size_limits.hpp"

namespace rtm::server {

class Ledger;

/// Bounds of the peer messages of one session that its client has not acknowledged.
struct InboxBounds {
  std::size_t messages = kInboxMessages;
  std::size_t bytes = kInboxBytes;
  /// Bytes handed to the receiver's link and not acknowledged. The rest waits in the inbox, so that a receiver that
  /// reads slowly fills its inbox (and its senders hear of it) and not the queue of its connection.
  std::size_t window = kInboxWindowBytes;
};

/// The newest messages of a channel, for members whose link was away (docs/spec/semantics.md §3).
struct ReplayBounds {
  std::uint32_t messages = kReplayMessages;  ///< at least 1
  std::uint64_t maxAgeMs = kReplayAgeMs;
};

/// What a server's options set for its engine, whichever engine it is. A new parameter is a field here and a use in the
/// engine: ServerOptions hold the whole struct, and everything between passes it on.
struct EngineParameters {
  std::uint32_t loops = 1;
  std::uint32_t noticeLimit = 512;  ///< most members of a channel whose joins and leaves are told; 0: always
  InboxBounds inbox;
  ReplayBounds replay;
  wire::AttributeLimits userAttributes = wire::kSdkUserAttributes;
  wire::AttributeLimits channelAttributes = wire::kSdkChannelAttributes;
  std::uint64_t attributeAfterlifeMs =
      kAttributeAfterlifeMs;  ///< how long a channel's attributes outlive its last member
  /// How long after its start a server expects users of its last life back, once one of them has come.
  std::uint64_t returnMs = kReturnMs;
  Ledger* ledger = nullptr;  ///< counts what users take; null: nobody does. Outlives the engine
};

}  // namespace rtm::server
