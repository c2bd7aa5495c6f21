#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "server/engine/memory/replay_ring.hpp"
#include "server/governor/ledger.hpp"

namespace rtm::server {

/// The replay ring of a channel, and who pays for the channel: its first member for itself, each member for its place,
/// nobody for the ring, which is only measured (docs/decisions/017-memory.md).
class ChannelMemory {
 public:
  /// What a channel takes without its members, and about what each member takes.
  static constexpr std::size_t kChannelBytes = 1024;
  static constexpr std::size_t kMemberBytes = 256;

  /// `parameters` outlive this. `maker`: the first member.
  ChannelMemory(const ScopedName& channel, std::string_view maker, const EngineParameters& parameters)
      : ring(parameters.replay),
        payer_{parameters.ledger, channel.app, MemoryCategory::Channels},
        own_(parameters.ledger, {channel.app, maker}, MemoryCategory::Channels) {
    own_.set(kChannelBytes + 2 * channel.name.size());
  }
  ~ChannelMemory() { measure(0); }
  ChannelMemory(const ChannelMemory&) = delete;
  ChannelMemory& operator=(const ChannelMemory&) = delete;

  void charge(std::string_view member) const { payer_.charge(member, kMemberBytes); }
  void release(std::string_view member) const { payer_.charge(member, -static_cast<std::int64_t>(kMemberBytes)); }
  /// Drops the messages of the ring that are too old, and counts the others.
  void expire(std::uint64_t nowMs) { measure(ring.expire(nowMs)); }

  ReplayRing ring;

 private:
  void measure(std::size_t bytes) {
    const auto now = static_cast<std::int64_t>(bytes);
    if (payer_.ledger != nullptr && now != ringBytes_) payer_.ledger->measure(MemoryCategory::Rings, now - ringBytes_);
    ringBytes_ = now;
  }

  Payer payer_;
  MemoryCharge own_;
  std::int64_t ringBytes_ = 0;  ///< as counted last
};

}  // namespace rtm::server
