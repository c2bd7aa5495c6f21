#include "net/datagram/send_half.hpp"

#include <algorithm>

namespace rtm::net {
namespace {

constexpr std::size_t kMostSegmentBytes = 1120;
/// A segment shorter than this is not cut only to fill a packet.
constexpr std::size_t kLeastPiece = 256;
/// How long the other side keeps an acknowledgement back, with the steps of its timers.
constexpr Micros kTheirDelay = 20 * kMillisecond;
/// After ten times its patience without an acknowledgement, within these bounds, a stream takes the path for dark, and
/// sends only probes. A path that is slower than that is not dark.
constexpr Micros kLeastDarkAfter = kSecond / 2;
constexpr Micros kMostDarkAfter = 2 * kSecond;
constexpr Micros kLeastProbe = 100 * kMillisecond;
constexpr Micros kMostProbe = 300 * kMillisecond;
constexpr Micros kLeastGap = kMillisecond;

}  // namespace

void SendHalf::inherit(const SendHalf& other) {
  if (other.roundTrip_.known()) roundTrip_ = other.roundTrip_;
  loss_ = other.loss_;
  heardAt_ = other.heardAt_;
}

void SendHalf::newPath() {
  roundTrip_.newPath();
  pace_.newPath();
}

bool SendHalf::dark(Micros now) const {
  const Micros after = std::max(std::clamp(10 * patience(), kLeastDarkAfter, kMostDarkAfter), 2 * patience());
  return packets_.openBytes() + repeats_.size() != 0 && now > heardAt_ + after;
}

Micros SendHalf::probeAt() const {
  return packets_.lastSentAt() + std::clamp(2 * patience(), kLeastProbe, kMostProbe);
}

bool SendHalf::blocked() const {
  return queue_.uncut() != 0 && limit_ <= queue_.cutAt() && packets_.openBytes() == 0 && repeats_.empty();
}

Micros SendHalf::patience() const {
  return roundTrip_.patience() + kTheirDelay;
}

bool SendHalf::windowOpen() const {
  return packets_.openBytes() < pace_.window(roundTrip_);
}

void SendHalf::acknowledged(Micros now, const Acknowledgement& acknowledgement, bool newest) {
  heardAt_ = now;
  packets_.settle(acknowledgement, [&](const SentPacket& packet) {
    if (packet.fate == SentPacket::Fate::Lost) {
      ++counts_.spurious;
      loss_.wasNotLost();
      patientGaps_ = true;
    } else {
      loss_.arrived();
    }
    if (packet.number == acknowledgement.largest && pace_.knows(packet.mark))
      roundTrip_.sample(now, now - packet.sentAt, acknowledgement.delay);
    pace_.arrived({now, packet.bytes, packet.sentAt, packet.mark}, roundTrip_);
    for (std::size_t i = 0; i < packet.count; ++i) queue_.arrived(packet.segments[i]);
  });
  queue_.arrivedBelow(acknowledgement.segments);
  if (newest && acknowledgement.segments >= queue_.first() && acknowledgement.segments <= queue_.end())
    limit_ = queue_.positionOf(acknowledgement.segments) + acknowledgement.window;
  const Micros tolerance = std::max(roundTrip_.smoothed() / (patientGaps_ ? 2 : 8), kLeastGap);
  packets_.findGaps(acknowledgement, tolerance, [&](const SentPacket& packet, bool counts) {
    if (counts) {
      ++counts_.lost;
      loss_.lost();
      pace_.lost(packet.mark);
    }
    if (packet.fate == SentPacket::Fate::Open) letGo(packet);
  });
}

/// A segment that no packet carries any more is sent again.
void SendHalf::letGo(const SentPacket& packet) {
  for (std::size_t i = 0; i < packet.count; ++i) {
    const std::uint64_t number = packet.segments[i];
    if (!queue_.knows(number)) continue;
    Segment& segment = queue_.at(number);
    --segment.onWay;
    if (segment.onWay != 0 || segment.arrived || segment.repeating) continue;
    segment.repeating = true;
    repeats_.push_back(number);
  }
}

void SendHalf::fill(Micros now, std::size_t room, Bytes& payload) {
  packets_.expire(now, patience(), [&](const SentPacket& packet) { letGo(packet); });
  next_ = {};
  fresh_ = 0;
  // The silence of a path begins with the first word into it.
  if (queue_.first() == queue_.end()) heardAt_ = now;
  if (dark(now)) {
    copies_.clear();
    if (now >= probeAt()) addRepeats(room, payload);
    return;
  }
  if (pace_.allows(now) && windowOpen()) {
    addRepeats(room, payload);
    addNew(room, payload);
    if (!queue_.more() && repeats_.empty()) pace_.ranDry(packets_.openBytes());
  }
  fresh_ = next_.count;
  addCopies(now, room, payload);
}

bool SendHalf::add(std::uint64_t number, std::size_t& room, Bytes& payload) {
  Segment& segment = queue_.at(number);
  const std::size_t size = stream_items::kSegmentHeaderSize + segment.size;
  if (size > room || next_.count == SentPacket::kMostSegments) return false;
  stream_items::append(payload, SegmentItem{number, segment.size == 0, queue_.bytesOf(segment)});
  next_.segments[next_.count++] = number;
  ++segment.onWay;
  room -= size;
  return true;
}

void SendHalf::addRepeats(std::size_t& room, Bytes& payload) {
  while (!repeats_.empty()) {
    const std::uint64_t number = repeats_.front();
    if (queue_.knows(number) && !queue_.at(number).arrived) {
      if (!add(number, room, payload)) return;
      ++counts_.repeated;
      Segment& segment = queue_.at(number);
      segment.repeating = false;
      if (segment.repeats != 0xff) ++segment.repeats;
    }
    repeats_.pop_front();
  }
}

void SendHalf::addNew(std::size_t& room, Bytes& payload) {
  while (queue_.more() && next_.count < SentPacket::kMostSegments) {
    const std::size_t least = next_.count == 0 ? 1 : std::min(queue_.uncut(), kLeastPiece);
    if (room < stream_items::kSegmentHeaderSize + least) return;
    const std::size_t allowed = limit_ - std::min(limit_, queue_.cutAt());
    if (allowed == 0 && queue_.uncut() != 0) return;
    add(queue_.cut(std::min({room - stream_items::kSegmentHeaderSize, kMostSegmentBytes, allowed})), room, payload);
  }
}

void SendHalf::addCopies(Micros now, std::size_t& room, Bytes& payload) {
  while (const auto number = copies_.next(now, next_.count != 0)) {
    const auto end = next_.segments.begin() + next_.count;
    const bool here = std::find(next_.segments.begin(), end, *number) != end;
    if (!here && queue_.knows(*number) && !queue_.at(*number).arrived && queue_.at(*number).onWay != 0) {
      const std::size_t before = room;
      if (!add(*number, room, payload)) return;
      ++counts_.copies;
      copies_.sentNext(now, before - room);
    } else {
      copies_.dropNext();
    }
  }
}

CopyPlan::Conditions SendHalf::conditions(unsigned repeats) const {
  return {loss_.share(), repeats_.size() + queue_.uncut() / kMostSegmentBytes, roundTrip_.standingQueue(), repeats};
}

void SendHalf::sent(Micros now, std::uint64_t number, std::size_t bytes) {
  next_.number = number;
  next_.sentAt = now;
  next_.bytes = static_cast<std::uint16_t>(bytes);
  next_.mark = pace_.sent(now, bytes, packets_.openBytes(), roundTrip_);
  packets_.add(next_);
  if (dark(now)) return;
  for (std::size_t i = 0; i < fresh_; ++i)
    copies_.sent(now, next_.segments[i], conditions(queue_.at(next_.segments[i]).repeats));
}

std::optional<Micros> SendHalf::dueAt(Micros now) const {
  const SentPacket* oldest = packets_.oldestOpen();
  const auto expiry = oldest == nullptr ? std::nullopt : std::optional(oldest->sentAt + patience());
  if (dark(now)) return std::max(probeAt(), repeats_.empty() && expiry ? *expiry : 0);
  std::optional<Micros> due = copies_.dueAt();
  const auto atLatest = [&](Micros at) { due = std::min(due.value_or(at), at); };
  if (expiry) atLatest(*expiry);
  const bool full = queue_.uncut() != 0 && limit_ <= queue_.cutAt();
  if ((!repeats_.empty() || (queue_.more() && !full)) && windowOpen()) atLatest(pace_.nextAt());
  return due;
}

}  // namespace rtm::net
