#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

#include "net/datagram/micros.hpp"
#include "net/datagram/pace.hpp"
#include "net/datagram/stream_items.hpp"

namespace rtm::net {

/// A packet that carried segments.
struct SentPacket {
  static constexpr std::size_t kMostSegments = 12;
  enum class Fate : std::uint8_t {
    Open,
    Arrived,
    Late,  ///< its time is over; acknowledgements may still tell whether it was lost
    Lost,  ///< an acknowledgement left it out; it may still arrive
  };

  std::uint64_t number = 0;
  Micros sentAt = 0;
  Pace::Mark mark;
  std::array<std::uint64_t, kMostSegments> segments{};
  std::uint16_t bytes = 0;
  std::uint8_t count = 0;
  Fate fate = Fate::Open;
};

/// What became of the packets of one stream. Finds those that arrived, those that acknowledgements leave out, and those
/// whose time is over. Pure.
class PacketLog {
 public:
  /// Packets whose fate is not open: more are forgotten, the oldest first. A receiver that acknowledges nothing could
  /// make the log grow for ever.
  static constexpr std::size_t kMostSettled = 1024;

  void add(const SentPacket& packet);
  Micros lastSentAt() const { return lastSentAt_; }
  std::size_t size() const { return packets_.size(); }
  /// Bytes in packets whose fate is open.
  std::size_t openBytes() const { return openBytes_; }
  /// The oldest packet whose fate is open.
  const SentPacket* oldestOpen() const;

  /// Calls `arrived(packet)` for each packet that `acknowledgement` tells of for the first time; its fate is still the
  /// old one.
  template <typename Arrived>
  void settle(const Acknowledgement& acknowledgement, Arrived arrived) {
    const std::uint64_t oldest = acknowledgement.largest - std::min(acknowledgement.largest, Acknowledgement::kEarlier);
    auto at = std::lower_bound(packets_.begin(), packets_.end(), oldest, numberIsBelow);
    for (; at != packets_.end() && at->number <= acknowledgement.largest; ++at) {
      SentPacket& packet = *at;
      if (packet.fate == SentPacket::Fate::Arrived || !tellsOf(acknowledgement, packet.number)) continue;
      if (packet.sentAt > newestArrived_) newestArrived_ = packet.sentAt;
      arrived(static_cast<const SentPacket&>(packet));
      change(packet, SentPacket::Fate::Arrived);
    }
  }
  /// Calls `lost(packet, counts)` for each packet that was sent `tolerance` or more before one that has arrived; its
  /// fate is still the old one. `counts` is false if it is too old for acknowledgements to tell.
  template <typename Lost>
  void findGaps(const Acknowledgement& acknowledgement, Micros tolerance, Lost lost) {
    for (SentPacket& packet : packets_) {
      if (packet.number >= acknowledgement.largest || packet.sentAt + tolerance > newestArrived_) break;
      if (packet.fate != SentPacket::Fate::Open && packet.fate != SentPacket::Fate::Late) continue;
      lost(static_cast<const SentPacket&>(packet),
           acknowledgement.largest - packet.number <= Acknowledgement::kEarlier);
      change(packet, SentPacket::Fate::Lost);
    }
    forget(acknowledgement.largest);
  }
  /// Calls `late(packet)` for each open packet that was sent `patience` or more ago.
  template <typename Late>
  void expire(Micros now, Micros patience, Late late) {
    for (SentPacket& packet : packets_) {
      if (packet.sentAt + patience > now) break;
      if (packet.fate != SentPacket::Fate::Open) continue;
      late(static_cast<const SentPacket&>(packet));
      change(packet, SentPacket::Fate::Late);
    }
    forgetOldest(now);
  }

 private:
  static bool tellsOf(const Acknowledgement& acknowledgement, std::uint64_t number);
  void change(SentPacket& packet, SentPacket::Fate fate);
  static bool numberIsBelow(const SentPacket& packet, std::uint64_t number) { return packet.number < number; }
  void forget(std::uint64_t largest);
  void forgetOldest(Micros now);

  std::deque<SentPacket> packets_;  ///< by number and time
  std::size_t openBytes_ = 0;
  std::size_t open_ = 0;  ///< packets whose fate is open
  Micros lastSentAt_ = 0;
  Micros newestArrived_ = 0;  ///< when the latest packet that arrived was sent
};

}  // namespace rtm::net
