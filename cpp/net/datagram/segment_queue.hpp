#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>

#include "base/bytes.hpp"
#include "net/datagram/micros.hpp"

namespace rtm::net {

/// What a sender knows of one piece of its stream.
struct Segment {
  std::uint64_t position = 0;  ///< of its first byte in the stream
  std::uint16_t size = 0;      ///< 0: the end of the stream
  std::uint8_t onWay = 0;      ///< packets that carry it and whose fate is open
  std::uint8_t repeats = 0;    ///< how often it was sent again because it seemed lost
  bool arrived = false;
  bool repeating = false;  ///< waits to be sent again
};

/// The bytes of a stream that have not all arrived. They are cut into numbered segments when there is a packet for
/// them, so that what was written in one turn shares packets. Holds no memory while all has arrived.
class SegmentQueue {
 public:
  void write(ByteView bytes) { bytes_.insert(bytes_.end(), bytes.begin(), bytes.end()); }
  /// The stream ends behind what was written. Idempotent.
  void finish() { finishing_ = true; }

  /// Bytes that have not been cut yet.
  std::size_t uncut() const { return bytes_.size() - static_cast<std::size_t>(cutAt_ - start_); }
  /// Whether there is something to cut: bytes, or the end of the stream.
  bool more() const { return uncut() != 0 || (finishing_ && !finished_); }
  /// The end has been cut.
  bool finished() const { return finished_; }
  /// The position behind the last segment.
  std::uint64_t cutAt() const { return cutAt_; }
  /// Cuts a segment of at most `room` bytes, at least one, or the end of the stream; only if there is more(). Returns
  /// its number.
  std::uint64_t cut(std::size_t room);

  /// Segments first() to end() - 1 are known; all before have arrived.
  std::uint64_t first() const { return first_; }
  std::uint64_t end() const { return first_ + segments_.size(); }
  bool knows(std::uint64_t number) const { return number >= first_ && number < end(); }
  Segment& at(std::uint64_t number) { return segments_[static_cast<std::size_t>(number - first_)]; }
  ByteView bytesOf(const Segment& segment) const {
    return ByteView(bytes_).subspan(static_cast<std::size_t>(segment.position - start_), segment.size);
  }
  /// Position of the first byte of segment `number`, which is known or end().
  std::uint64_t positionOf(std::uint64_t number) const;

  void arrived(std::uint64_t number);
  /// All segments below `number` have arrived.
  void arrivedBelow(std::uint64_t number);
  /// Counts everything that was written as arrived.
  void abandon();
  /// Everything that was written has arrived, also the end if there is one.
  bool empty() const { return segments_.empty() && !more(); }
  /// Bytes that have not arrived, or stand behind one that has not.
  std::size_t held() const { return segments_.empty() ? uncut() : bytes_.size() - passed(); }

 private:
  std::size_t passed() const { return static_cast<std::size_t>(segments_.front().position - start_); }
  void forget();

  Bytes bytes_;
  std::uint64_t start_ = 0;  ///< position of bytes_[0] in the stream
  std::uint64_t cutAt_ = 0;
  std::deque<Segment> segments_;
  std::uint64_t first_ = 0;
  bool finishing_ = false;
  bool finished_ = false;
};

}  // namespace rtm::net
