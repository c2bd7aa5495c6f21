#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

#include "base/bytes.hpp"
#include "net/datagram/micros.hpp"
#include "net/datagram/receive_window.hpp"
#include "net/datagram/stream_items.hpp"

namespace rtm::net {

/// Receives the bytes of a stream in their order.
class StreamSink {
 public:
  /// Valid until return. May stop the stream's reading inside.
  virtual void onStreamBytes(ByteView bytes) = 0;
  /// No more comes. Once, behind all bytes.
  virtual void onStreamEnd() = 0;

 protected:
  ~StreamSink() = default;
};

/// The receiving half of a stream: restores the order, and knows what to acknowledge when. Pure.
class ReceiveHalf {
 public:
  /// Tiny segments cost more memory than their bytes.
  static constexpr std::size_t kMostSegments = 2048;

  /// Hands over what is complete now, or keeps the segment until those before it come. False: there is no room for it.
  bool take(Micros now, const SegmentItem& segment, StreamSink& sink);
  /// After the items of a packet that asks for an acknowledgement, if all of them were taken.
  void packetCame(Micros now, std::uint64_t number);

  /// While false nothing is delivered, and the sender is told to stop. What came meanwhile is delivered by resume().
  void pause() { reading_ = false; }
  void resume(Micros now, StreamSink& sink);
  std::uint64_t awaited() const { return awaited_; }
  /// The end of the stream has been delivered.
  bool ended() const { return ended_; }

  /// When an acknowledgement must leave; empty: nothing is to be acknowledged.
  std::optional<Micros> acknowledgeAt() const { return acknowledgeAt_; }
  Acknowledgement acknowledgement(Micros now) const;
  /// An acknowledgement is on its way.
  void acknowledged();

 private:
  struct Held {
    Bytes bytes;
    bool last;
  };
  bool hasRoomFor(const SegmentItem& segment) const;
  void acknowledgeBy(Micros when);
  void hand(Micros now, ByteView bytes, bool last, StreamSink& sink);
  void deliverHeld(Micros now, StreamSink& sink);

  std::map<std::uint64_t, Held> held_;  ///< from awaited_ on
  std::size_t heldBytes_ = 0;
  ReceiveWindow window_;
  std::uint64_t awaited_ = 0;
  std::uint64_t largest_ = 0;
  std::uint64_t earlier_ = 0;  ///< bit i: packet largest_ - 1 - i came
  Micros largestAt_ = 0;
  std::optional<Micros> acknowledgeAt_;
  int owed_ = 0;  ///< packets since the last acknowledgement
  bool any_ = false;
  bool news_ = false;  ///< the packet brought something that had not come before
  bool reading_ = true;
  bool ended_ = false;
};

}  // namespace rtm::net
