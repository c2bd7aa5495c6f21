#include "stream_pair.hpp"

#include <algorithm>
#include <utility>

namespace rtm::net::test {

void StreamEnd::pump() {
  Bytes payload;
  while (stream.fill(time_.now(), payload)) {
    const std::uint64_t number = ++numbers_;
    const std::size_t onWire = payload.size() + kOverhead;
    stream.sent(time_.now(), number, onWire);
    onPacket(payload);
    out_.send(onWire, [this, number, packet = std::exchange(payload, {})] {
      if (!other_->stream.packetCame(time_.now(), number, packet, *other_)) ++other_->malformed;
      other_->pump();
    });
  }
  const auto due = stream.dueAt(time_.now());
  if (!due) return;
  if (*due <= time_.now()) ++overdue;
  const Micros at = (std::max(*due, time_.now() + 1) + timerStep_ - 1) / timerStep_ * timerStep_;
  if (wakeAt_ > time_.now() && wakeAt_ <= at) return;
  wakeAt_ = at;
  time_.at(at, [this, at] {
    if (wakeAt_ != at) return;  // an earlier moment took its place
    wakeAt_ = 0;
    pump();
  });
}

}  // namespace rtm::net::test
