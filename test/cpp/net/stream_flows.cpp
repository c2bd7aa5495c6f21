#include "stream_flows.hpp"

namespace rtm::net::test {

Bytes MessageFlow::message(std::uint64_t index) const {
  Bytes bytes(size_);
  for (std::size_t i = 0; i < size_; ++i) bytes[i] = static_cast<std::uint8_t>(index >> (i % 4 * 8));
  return bytes;
}

void MessageFlow::send(Micros from, Micros every, std::size_t count) {
  for (std::size_t i = 0; i < count; ++i) {
    time_.at(from + i * every, [this] {
      sentAt_.push_back(time_.now());
      from_.write(message(sentAt_.size() - 1));
    });
  }
}

void MessageFlow::came(ByteView bytes) {
  partial_.insert(partial_.end(), bytes.begin(), bytes.end());
  for (; partial_.size() >= size_;
       partial_.erase(partial_.begin(), partial_.begin() + static_cast<std::ptrdiff_t>(size_))) {
    const std::size_t index = delays_.size();
    inOrder_ =
        inOrder_ && index < sentAt_.size() &&
        std::equal(partial_.begin(), partial_.begin() + static_cast<std::ptrdiff_t>(size_), message(index).begin());
    if (!inOrder_) return;
    delays_.push_back(static_cast<double>(time_.now() - sentAt_[index]) / kMillisecond);
  }
}

double MessageFlow::percentile(double share) const {
  if (delays_.empty()) return 0;
  std::vector<double> sorted = delays_;
  std::sort(sorted.begin(), sorted.end());
  return sorted[std::min(sorted.size() - 1, static_cast<std::size_t>(static_cast<double>(sorted.size()) * share))];
}

void BulkFlow::start() {
  constexpr std::size_t kMostHeld = 3 * 1024 * 1024;
  static const Bytes kPiece(16 * 1024);
  while (from_.stream.unacknowledged() < kMostHeld) from_.write(kPiece);
  time_.at(time_.now() + 5 * kMillisecond, [this] { start(); });
}

}  // namespace rtm::net::test
