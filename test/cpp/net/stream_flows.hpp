#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "stream_pair.hpp"

namespace rtm::net::test {

/// Messages of one size at a steady rate. Notes how long each takes, and whether each arrives once and in order.
class MessageFlow {
 public:
  MessageFlow(VirtualTime& time, StreamEnd& from, StreamEnd& to, std::size_t size = 256)
      : time_(time), from_(from), size_(size) {
    to.onBytes = [this](ByteView bytes) { came(bytes); };
  }

  void send(Micros from, Micros every, std::size_t count);
  std::size_t sent() const { return sentAt_.size(); }
  std::size_t arrived() const { return delays_.size(); }
  /// Each message that arrived was the next one.
  bool inOrder() const { return inOrder_; }
  /// In milliseconds, by the order of sending.
  const std::vector<double>& delays() const { return delays_; }
  /// The delay that `share` of the messages do not exceed, in milliseconds.
  double percentile(double share) const;
  /// When message `index` arrived.
  Micros arrivedAt(std::size_t index) const {
    return sentAt_[index] + static_cast<Micros>(delays_[index] * kMillisecond);
  }

 private:
  Bytes message(std::uint64_t index) const;
  void came(ByteView bytes);

  VirtualTime& time_;
  StreamEnd& from_;
  std::size_t size_;
  std::vector<Micros> sentAt_;
  std::vector<double> delays_;
  Bytes partial_;
  bool inOrder_ = true;
};

/// Writes as much as a stream takes.
class BulkFlow {
 public:
  BulkFlow(VirtualTime& time, StreamEnd& from, StreamEnd& to) : time_(time), from_(from) {
    to.onBytes = [this](ByteView bytes) { delivered_ += bytes.size(); };
  }
  void start();
  std::uint64_t deliveredBytes() const { return delivered_; }

 private:
  VirtualTime& time_;
  StreamEnd& from_;
  std::uint64_t delivered_ = 0;
};

}  // namespace rtm::net::test
