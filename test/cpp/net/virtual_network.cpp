#include "virtual_network.hpp"

#include <algorithm>

namespace rtm::net::test {

void VirtualTime::runUntil(Micros end) {
  while (!events_.empty() && events_.top().at <= end) {
    const Event next = events_.top();
    events_.pop();
    now_ = next.at;
    next.run();
  }
  now_ = end;
}

bool VirtualPath::lost() {
  if (dark_) return true;
  if (options_.burst == 0) return chance(options_.loss);
  while (phaseEnd_ <= time_.now()) {
    badPhase_ = !badPhase_;
    const double mean = static_cast<double>(options_.burst) * (badPhase_ ? 1 : (1 - options_.loss) / options_.loss);
    // Bad times have one length; good times have one at random, so that both stand in the wanted proportion.
    const double length = badPhase_ ? mean : std::exponential_distribution<>(1 / mean)(random_);
    phaseEnd_ = std::max(phaseEnd_, time_.now()) + static_cast<Micros>(length) + 1;
  }
  return badPhase_;
}

void VirtualPath::send(std::size_t bytes, const std::function<void()>& deliver) {
  sentBytes_ += bytes;
  ++sentPackets_;
  Micros leavesAt = time_.now();
  if (options_.bytesPerMicro > 0) {
    const Micros start = std::max(freeAt_, time_.now());
    if (static_cast<double>(start - time_.now()) * options_.bytesPerMicro > static_cast<double>(options_.queueBytes))
      return;
    freeAt_ = start + static_cast<Micros>(static_cast<double>(bytes) / options_.bytesPerMicro);
    leavesAt = freeAt_;
  }
  if (lost()) return;
  const int times = chance(options_.duplicates) ? 2 : 1;
  for (int i = 0; i < times; ++i) {
    const Micros more = options_.jitter == 0 ? 0 : std::uniform_int_distribution<Micros>(0, options_.jitter)(random_);
    time_.at(leavesAt + options_.delay + more, deliver);
  }
}

}  // namespace rtm::net::test
