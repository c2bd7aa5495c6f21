#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <vector>

#include "net/datagram/micros.hpp"
#include "virtual_network.hpp"

namespace rtm::net::test {

/// A download over TCP with CUBIC, as the other user of a path: slow start that ends when the delay grows, growth by
/// the cubic function or as Reno would, 0.7 of the window after a loss, selective acknowledgements, and a timer.
class CubicFlow {
 public:
  CubicFlow(VirtualTime& time, VirtualPath& out, VirtualPath& back) : time_(time), out_(out), back_(back) {}

  void start();
  std::uint64_t deliveredBytes() const { return delivered_; }

 private:
  static constexpr std::size_t kSegmentOnWire = 1500;
  static constexpr std::size_t kSegmentBytes = 1448;
  static constexpr std::size_t kAcknowledgementOnWire = 60;

  void sendAll();
  void arrived(std::uint64_t number);
  void acknowledged(std::uint64_t number, Micros sentAt);
  void grow();
  double cubicWindow() const;
  bool findLosses(std::uint64_t number, Micros sentAt);
  void slowDown();
  void watch();
  void timeout();

  VirtualTime& time_;
  VirtualPath& out_;
  VirtualPath& back_;
  double window_ = 10;  ///< in segments
  double slowStartUntil_ = 1e9;
  double windowAtLoss_ = 0;
  double secondsToPlateau_ = 0;  ///< from the loss until the cubic function is back at windowAtLoss_
  Micros lossAt_ = 0;
  std::uint64_t recoverUntil_ = 0;  ///< losses of segments below belong to the loss that was answered
  std::uint64_t next_ = 0;
  std::map<std::uint64_t, Micros> onWay_;
  std::vector<std::uint64_t> toRepeat_;
  std::set<std::uint64_t> received_;  ///< from awaited_ on
  std::uint64_t awaited_ = 0;
  std::uint64_t delivered_ = 0;
  Micros smoothed_ = 0;
  Micros least_ = ~Micros{0};
  Micros heardAt_ = 0;
};

}  // namespace rtm::net::test
