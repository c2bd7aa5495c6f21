#include "net/datagram/receive_half.hpp"

#include <algorithm>
#include <utility>

namespace rtm::net {
namespace {

constexpr Micros kAcknowledgeWithin = 10 * kMillisecond;
/// Copies are half of what a weak path carries: their acknowledgements wait for company.
constexpr Micros kAcknowledgeCopiesWithin = 20 * kMillisecond;
/// Half of what an acknowledgement can tell apart.
constexpr int kMostOwed = 32;

}  // namespace

bool ReceiveHalf::hasRoomFor(const SegmentItem& segment) const {
  return heldBytes_ + segment.bytes.size() <= window_.bytes() && held_.size() < kMostSegments;
}

bool ReceiveHalf::take(Micros now, const SegmentItem& segment, StreamSink& sink) {
  if (segment.number < awaited_ || ended_ || held_.contains(segment.number)) return true;
  if (segment.number == awaited_ && reading_) {
    // It needs no room: it makes room.
    news_ = true;
    hand(now, segment.bytes, segment.last, sink);
    deliverHeld(now, sink);
    return true;
  }
  if (!hasRoomFor(segment)) return false;
  news_ = true;
  held_.emplace(segment.number, Held{Bytes(segment.bytes.begin(), segment.bytes.end()), segment.last});
  heldBytes_ += segment.bytes.size();
  return true;
}

void ReceiveHalf::packetCame(Micros now, std::uint64_t number) {
  if (!any_ || number > largest_) {
    const std::uint64_t step = any_ ? number - largest_ : Acknowledgement::kEarlier + 1;
    earlier_ = step > Acknowledgement::kEarlier
                   ? 0
                   : (step == Acknowledgement::kEarlier ? 0 : earlier_ << step) | std::uint64_t{1} << (step - 1);
    largest_ = number;
    largestAt_ = now;
    any_ = true;
  } else if (number < largest_ && largest_ - number <= Acknowledgement::kEarlier) {
    earlier_ |= std::uint64_t{1} << (largest_ - number - 1);
  }
  ++owed_;
  acknowledgeBy(
      owed_ >= kMostOwed ? now : now + (std::exchange(news_, false) ? kAcknowledgeWithin : kAcknowledgeCopiesWithin));
}

void ReceiveHalf::hand(Micros now, ByteView bytes, bool last, StreamSink& sink) {
  ++awaited_;
  window_.delivered(now, bytes.size());
  if (!last) return sink.onStreamBytes(bytes);
  ended_ = true;
  held_.clear();
  heldBytes_ = 0;
  sink.onStreamEnd();
}

void ReceiveHalf::deliverHeld(Micros now, StreamSink& sink) {
  while (reading_ && !held_.empty() && held_.begin()->first == awaited_) {
    const Held next = std::move(held_.begin()->second);
    held_.erase(held_.begin());
    heldBytes_ -= next.bytes.size();
    hand(now, next.bytes, next.last, sink);
  }
}

void ReceiveHalf::resume(Micros now, StreamSink& sink) {
  if (reading_) return;
  reading_ = true;
  // The sender that was told to stop goes on at once.
  if (any_) acknowledgeBy(now);
  deliverHeld(now, sink);
}

Acknowledgement ReceiveHalf::acknowledgement(Micros now) const {
  return {largest_, earlier_, awaited_, reading_ ? window_.bytes() : 0, now - largestAt_};
}

void ReceiveHalf::acknowledged() {
  acknowledgeAt_.reset();
  owed_ = 0;
}

void ReceiveHalf::acknowledgeBy(Micros when) {
  acknowledgeAt_ = std::min(acknowledgeAt_.value_or(when), when);
}

}  // namespace rtm::net
