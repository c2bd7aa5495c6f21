#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

#include "base/bytes.hpp"
#include "net/datagram/copy_plan.hpp"
#include "net/datagram/loss_meter.hpp"
#include "net/datagram/micros.hpp"
#include "net/datagram/pace.hpp"
#include "net/datagram/packet_log.hpp"
#include "net/datagram/round_trip.hpp"
#include "net/datagram/segment_queue.hpp"
#include "net/datagram/stream_items.hpp"

namespace rtm::net {

/// Counts since a stream began.
struct SendCounts {
  std::uint64_t repeated = 0;  ///< segments sent again because they seemed lost
  std::uint64_t copies = 0;    ///< segments sent again before anything was known of them
  std::uint64_t lost = 0;      ///< packets that acknowledgements left out
  std::uint64_t spurious = 0;  ///< of these, packets that arrived after all
};

/// The sending half of a stream: chooses the segments of each packet, and repeats them until they have arrived. Pure.
///
/// A segment is repeated when packets that were sent later have arrived, or when its time is over. This time does not
/// grow with each loss: on a weak path most losses are no sign of congestion, and waits that double are what makes
/// others slow.
class SendHalf {
 public:
  struct Options {
    Micros assumedRoundTrip = 100 * kMillisecond;
    std::optional<CopyPlan::Fixed> copies{};  ///< empty: as the measured loss asks for
  };

  explicit SendHalf(const Options& options) : roundTrip_(options.assumedRoundTrip), copies_(options.copies) {}

  SegmentQueue& queue() { return queue_; }
  const SegmentQueue& queue() const { return queue_; }
  const RoundTrip& roundTrip() const { return roundTrip_; }
  double loss() const { return loss_.share(); }
  const SendCounts& counts() const { return counts_; }
  /// Takes over what another stream has learned of the same path.
  void inherit(const SendHalf& other);
  /// Nothing that was written is needed any more.
  void abandon() { queue_.abandon(); }
  /// The other side's address has changed, and with it the path.
  void newPath();

  /// Only of packets and segments that were sent. `newest`: no later word has come, so its window counts.
  void acknowledged(Micros now, const Acknowledgement& acknowledgement, bool newest);
  /// Appends the segments of one packet, `room` bytes at most; none if nothing may leave now. A call that has appended
  /// is followed by sent().
  void fill(Micros now, std::size_t room, Bytes& payload);
  void sent(Micros now, std::uint64_t number, std::size_t bytes);
  /// When to call fill() again if nothing comes and nothing is written; empty: never.
  std::optional<Micros> dueAt(Micros now) const;
  /// The receiver takes no more for now, and nothing is on its way whose acknowledgement could change that.
  bool blocked() const;

 private:
  bool dark(Micros now) const;
  Micros probeAt() const;
  bool windowOpen() const;
  Micros patience() const;
  void letGo(const SentPacket& packet);
  bool add(std::uint64_t number, std::size_t& room, Bytes& payload);
  void addRepeats(std::size_t& room, Bytes& payload);
  void addNew(std::size_t& room, Bytes& payload);
  void addCopies(Micros now, std::size_t& room, Bytes& payload);
  CopyPlan::Conditions conditions(unsigned repeats) const;

  SegmentQueue queue_;
  PacketLog packets_;
  std::deque<std::uint64_t> repeats_;  ///< segments to be sent again
  SentPacket next_;                    ///< what fill() has put together
  std::size_t fresh_ = 0;              ///< of the segments in next_; the rest are copies
  RoundTrip roundTrip_;
  Pace pace_;
  LossMeter loss_;
  CopyPlan copies_;
  SendCounts counts_;
  Micros heardAt_ = 0;               ///< the last acknowledgement; while nothing awaits one, now
  std::uint64_t limit_ = 64 * 1024;  ///< position in the stream up to which the receiver takes bytes
  bool patientGaps_ = false;         ///< packets overtake each other: a gap is taken for a loss later
};

}  // namespace rtm::net
