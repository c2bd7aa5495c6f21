#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/byte_reader.hpp"
#include "base/bytes.hpp"
#include "net/datagram/micros.hpp"

namespace rtm::net {

/// What has arrived: packet `largest`, those of the 64 packets before it whose bit is set (bit 0: largest - 1), and all
/// segments below `segments`.
struct Acknowledgement {
  static constexpr std::uint64_t kEarlier = 64;  ///< so many packets before the largest

  std::uint64_t largest = 0;
  std::uint64_t earlier = 0;
  std::uint64_t segments = 0;
  std::size_t window = 0;  ///< bytes from segment `segments` on that the receiver takes; told in steps of 1 KiB
  Micros delay = 0;        ///< since `largest` arrived; told in steps of 16 µs, at most about a second
};

/// A piece of the stream. The last one says that no more comes; it has no bytes.
struct SegmentItem {
  std::uint64_t number = 0;
  bool last = false;
  ByteView bytes;
};

/// The payload of one packet: items one behind the other. The numbers on the wire are the low 32 bits.
namespace stream_items {

inline constexpr std::size_t kAcknowledgementSize = 21;
inline constexpr std::size_t kSegmentHeaderSize = 7;

void append(Bytes& payload, const Acknowledgement& acknowledgement);
void append(Bytes& payload, const SegmentItem& segment);
/// Asks the other side for an acknowledgement.
void appendPing(Bytes& payload);

}  // namespace stream_items

/// Reads the items of one payload. At most one of them is an acknowledgement: each costs its receiver work.
class StreamItemReader {
 public:
  enum class Kind : std::uint8_t { End, Malformed, Acknowledgement, Segment, Ping };

  /// Numbers of packets are near `packet`, numbers of acknowledged segments near `sent`, and those of segments near
  /// `awaited`.
  StreamItemReader(ByteView payload, std::uint64_t packet, std::uint64_t sent, std::uint64_t awaited)
      : reader_(payload), packet_(packet), sent_(sent), awaited_(awaited) {}

  /// Reads one item; acknowledgement() or segment() holds it then.
  Kind next();
  const Acknowledgement& acknowledgement() const { return acknowledgement_; }
  const SegmentItem& segment() const { return segment_; }

 private:
  bool readAcknowledgement();
  bool readSegment(bool last);

  ByteReader reader_;
  std::uint64_t packet_;
  std::uint64_t sent_;
  std::uint64_t awaited_;
  bool acknowledged_ = false;
  Acknowledgement acknowledgement_;
  SegmentItem segment_;
};

}  // namespace rtm::net
