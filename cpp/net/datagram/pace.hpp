#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "net/datagram/loss_meter.hpp"
#include "net/datagram/micros.hpp"

namespace rtm::net {

class RoundTrip;

/// How fast one stream may send. A model of the path (its rate and its empty round trip) sets the speed, as in BBR, and
/// a loss by itself does not: a weak radio link must not slow the stream. Losses that come with a standing queue, or
/// that grow with the stream's speed, are congestion. Then the stream takes its share as TCP does: a part of its window
/// less for each such round trip, and a packet more for each other. Pure.
class Pace {
 public:
  /// What a packet remembers of the moment at which it was sent.
  struct Mark {
    std::uint64_t delivered = 0;
    Micros deliveredAt = 0;
    Micros firstSentAt = 0;
    std::uint8_t path = 0;  ///< counts the paths
    bool thin = false;      ///< the stream had nothing more to send: the path may be faster than the sample says
    bool calm = false;      ///< sent more slowly than packets arrived: a loss is none of the stream's making
  };
  /// What a packet's arrival tells.
  struct Arrival {
    Micros now = 0;
    std::size_t bytes = 0;
    Micros sentAt = 0;
    Mark mark{};
  };

  /// Bytes that may be on their way in the first round trip, and after an idle time.
  static constexpr std::size_t kFirstWindow = 14'600;
  static constexpr std::size_t kLeastWindow = 4'800;

  /// Bytes that may be on their way.
  std::size_t window(const RoundTrip& roundTrip) const;
  /// Whether a packet may leave now; if not, at `nextAt` at the earliest (the window apart).
  bool allows(Micros now) const { return now >= nextAt_; }
  Micros nextAt() const { return nextAt_; }

  /// A packet leaves while `onWay` bytes are on their way.
  Mark sent(Micros now, std::size_t bytes, std::size_t onWay, const RoundTrip& roundTrip);
  /// Nothing waits to be sent, and the window is not full: `onWay` bytes are all there is.
  void ranDry(std::size_t onWay) { thinUntil_ = current_.delivered + onWay + 1; }
  void arrived(const Arrival& arrival, const RoundTrip& roundTrip);
  void lost(const Mark& mark);
  /// The address has changed: another path.
  void newPath();
  /// Whether the packet was sent on this path: others say nothing about it.
  bool knows(const Mark& mark) const { return mark.path == current_.path; }

 private:
  /// What became of packets during one round trip.
  struct Round {
    int lost = 0;
    int arrived = 0;
    std::size_t mostOnWay = 0;
  };
  enum class Stage : std::uint8_t { Startup, Drain, Probing };

  double gain() const;
  double rate(const RoundTrip& roundTrip) const;
  bool calm() const;
  double survival(const RoundTrip& roundTrip) const;
  double best() const;
  std::size_t floor() const;
  bool congested(const RoundTrip& roundTrip) const;
  void endRound(Micros now, const RoundTrip& roundTrip);
  void updateStage(const RoundTrip& roundTrip, bool thin);

  static constexpr std::size_t kRounds = 10;

  std::array<double, kRounds> bestOfRounds_{};  ///< bytes in each microsecond
  std::uint64_t rounds_ = 0;
  Mark current_;  ///< what a packet would remember now
  std::uint64_t roundEnd_ = 0;
  std::uint64_t thinUntil_ = 0;
  Micros nextAt_ = 0;
  double full_ = 0;        ///< the best rate when it last grew by a quarter
  std::size_t share_ = 0;  ///< the window among others after congestion; 0: the model counts
  Micros congestedAt_ = 0;
  int queuedRounds_ = 0;  ///< that have all seen a queue
  int flat_ = 0;          ///< rounds without such growth
  Round round_;
  LossMeter calmLoss_;
  Stage stage_ = Stage::Startup;
};

}  // namespace rtm::net
