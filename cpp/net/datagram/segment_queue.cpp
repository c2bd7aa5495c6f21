#include "net/datagram/segment_queue.hpp"

#include <algorithm>

namespace rtm::net {
namespace {

/// Bytes that have arrived are dropped from the front once there are so many, or all: each drop moves what is behind.
constexpr std::size_t kDropFrom = 16 * 1024;

}  // namespace

std::uint64_t SegmentQueue::cut(std::size_t room) {
  Segment segment;
  segment.position = cutAt_;
  segment.size = static_cast<std::uint16_t>(std::min({uncut(), room, std::size_t{0xffff}}));
  if (segment.size == 0) finished_ = true;
  cutAt_ += segment.size;
  segments_.push_back(segment);
  return end() - 1;
}

std::uint64_t SegmentQueue::positionOf(std::uint64_t number) const {
  return number < end() ? segments_[static_cast<std::size_t>(number - first_)].position : cutAt_;
}

void SegmentQueue::arrived(std::uint64_t number) {
  if (!knows(number)) return;
  at(number).arrived = true;
  if (number == first_) forget();
}

void SegmentQueue::arrivedBelow(std::uint64_t number) {
  if (number <= first_) return;
  for (std::uint64_t each = first_; each < std::min(number, end()); ++each) at(each).arrived = true;
  forget();
}

void SegmentQueue::abandon() {
  while (more()) cut(bytes_.size());
  arrivedBelow(end());
}

void SegmentQueue::forget() {
  while (!segments_.empty() && segments_.front().arrived) {
    segments_.pop_front();
    ++first_;
  }
  const std::uint64_t needed = segments_.empty() ? cutAt_ : segments_.front().position;
  const auto passed = static_cast<std::size_t>(needed - start_);
  if (passed == bytes_.size()) {
    // An idle stream keeps no memory.
    Bytes().swap(bytes_);
    if (segments_.empty()) std::deque<Segment>().swap(segments_);
  } else if (passed >= kDropFrom && passed >= bytes_.size() / 2) {
    bytes_.erase(bytes_.begin(), bytes_.begin() + static_cast<std::ptrdiff_t>(passed));
  } else {
    return;
  }
  start_ = needed;
}

}  // namespace rtm::net
