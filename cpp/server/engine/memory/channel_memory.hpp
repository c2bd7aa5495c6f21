#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>
#include <utility>

#include "server/engine/memory/replay_ring.hpp"
#include "server/governor/ledger.hpp"

namespace rtm::server {

/// The replay ring of a channel, and who pays for the channel: its first member for itself, each member for its place,
/// the author of a large message for its place in the ring (docs/decisions/017-memory.md).
class ChannelMemory {
 public:
  /// What a channel takes without its members, and about what each member takes.
  static constexpr std::size_t kChannelBytes = 1024;
  static constexpr std::size_t kMemberBytes = 256;
  /// A message above this size costs so much time that its author's account can be asked. Smaller ones of one author,
  /// in all channels that it may be in, are 2.5 MiB at most, and only measured.
  static constexpr std::size_t kLargeBytes = 4096;

  /// `parameters` outlive this. `maker`: the first member.
  ChannelMemory(const ScopedName& channel, std::string_view maker, const EngineParameters& parameters)
      : ring_(parameters.replay),
        payer_{parameters.ledger, channel.app, MemoryCategory::Channels},
        own_(parameters.ledger, {channel.app, maker}, MemoryCategory::Channels) {
    own_.set(kChannelBytes + 2 * channel.name.size());
  }
  ~ChannelMemory() { measure(0); }
  ChannelMemory(const ChannelMemory&) = delete;
  ChannelMemory& operator=(const ChannelMemory&) = delete;

  void charge(std::string_view member) const { payer_.charge(member, kMemberBytes); }
  void release(std::string_view member) const { payer_.charge(member, -static_cast<std::int64_t>(kMemberBytes)); }
  /// Keeps a message for members whose link is away; a large one only if its author may take more memory.
  void keep(std::uint64_t offset, std::uint64_t nowMs, const SharedFrame& frame, std::uint64_t session,
            std::string_view author) {
    if (frame.bytes().size() <= kLargeBytes) return ring_.push(offset, nowMs, frame, session);
    keepLarge(offset, nowMs, frame, session, author);
  }
  /// Drops the messages of the ring that are too old, and counts the others. Returns the bytes of all that are left.
  std::size_t expire(std::uint64_t nowMs) {
    const ReplayRing::Size size = ring_.expire(nowMs);
    measure(size.unpaid);
    return size.unpaid + size.paid;
  }
  const ReplayRing& ring() const { return ring_; }

 private:
  /// Apart, so that the way of small messages stays short.
  [[gnu::noinline]] void keepLarge(std::uint64_t offset, std::uint64_t nowMs, const SharedFrame& frame,
                                   std::uint64_t session, std::string_view author) {
    if (payer_.ledger == nullptr) return ring_.push(offset, nowMs, frame, session);
    auto paid = std::make_unique<MemoryCharge>(payer_.ledger, ScopedName{payer_.app, author}, MemoryCategory::Rings);
    const std::size_t bytes = frame.bytes().size();
    if (!paid->mayGrow(bytes)) return ring_.push(offset, nowMs, {}, session);
    paid->set(bytes);
    ring_.pushPaid(offset, nowMs, frame, session, std::move(paid));
  }
  void measure(std::size_t bytes) {
    const auto now = static_cast<std::int64_t>(bytes);
    if (payer_.ledger != nullptr && now != ringBytes_) payer_.ledger->measure(MemoryCategory::Rings, now - ringBytes_);
    ringBytes_ = now;
  }

  ReplayRing ring_;
  Payer payer_;
  MemoryCharge own_;
  std::int64_t ringBytes_ = 0;  ///< as counted last
};

}  // namespace rtm::server
