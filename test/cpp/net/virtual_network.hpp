#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <queue>
#include <random>
#include <vector>

#include "base/bytes.hpp"
#include "net/datagram/micros.hpp"

namespace rtm::net::test {

/// Events in virtual time: a run depends on nothing but its seed.
class VirtualTime {
 public:
  Micros now() const { return now_; }
  void at(Micros when, std::function<void()> run) { events_.push({std::max(when, now_), ++order_, std::move(run)}); }
  /// Runs all events up to `end`.
  void runUntil(Micros end);
  /// No event is left.
  bool atRest() const { return events_.empty(); }

 private:
  struct Event {
    Micros at;
    std::uint64_t order;
    std::function<void()> run;
    bool operator<(const Event& other) const { return at != other.at ? at > other.at : order > other.order; }
  };
  std::priority_queue<Event> events_;
  Micros now_ = kSecond;
  std::uint64_t order_ = 0;
};

/// One direction of a path: a queue before a link of a certain rate, then the delay; packets are lost behind the queue.
class VirtualPath {
 public:
  struct Options {
    Micros delay = 50 * kMillisecond;
    Micros jitter = 0;         ///< up to so much more, each packet for itself: packets overtake each other
    double loss = 0;           ///< share of packets
    double duplicates = 0;     ///< share of packets that come twice
    Micros burst = 0;          ///< not 0: losses come in bad times of this length, in which everything is lost
    double bytesPerMicro = 0;  ///< 0: any rate
    std::size_t queueBytes = 0;
  };

  VirtualPath(VirtualTime& time, const Options& options, std::uint64_t seed)
      : time_(time), options_(options), random_(seed) {}

  /// `bytes`: on the wire, with all headers.
  void send(std::size_t bytes, const std::function<void()>& deliver);
  /// While true everything is lost.
  void setDark(bool dark) { dark_ = dark; }
  std::uint64_t sentBytes() const { return sentBytes_; }
  std::uint64_t sentPackets() const { return sentPackets_; }

 private:
  bool chance(double share) { return std::uniform_real_distribution<>(0, 1)(random_) < share; }
  bool lost();

  VirtualTime& time_;
  Options options_;
  std::mt19937_64 random_;
  Micros freeAt_ = 0;  ///< when the link has sent all that waits in the queue
  Micros phaseEnd_ = 0;
  bool badPhase_ = false;
  bool dark_ = false;
  std::uint64_t sentBytes_ = 0;
  std::uint64_t sentPackets_ = 0;
};

}  // namespace rtm::net::test
