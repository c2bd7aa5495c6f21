#include "net/admission/handshake_queue.hpp"

#include <algorithm>
#include <ctime>

namespace rtm::net {
namespace {

constexpr double kShareBesideUsers = 0.5;
/// Without users nobody suffers; the rest is for accepting and for what follows a handshake.
constexpr double kShareWithoutUsers = 0.9;
/// After so much work the sockets are polled: the messages of users come between.
constexpr std::int64_t kPerTurnNs = 2'000'000;

}  // namespace

std::int64_t HandshakeQueue::threadCpuNs() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<std::int64_t>(time.tv_sec) * 1'000'000'000 + time.tv_nsec;
}

HandshakeQueue::HandshakeQueue(IoLoop& loop, CpuClock cpuClock)
    : loop_(loop),
      cpuClock_(cpuClock),
      budget_({.share = kShareWithoutUsers}, loop.now()),
      refill_(loop, [this] { loop_.atTurnEnd(*this); }) {}

void HandshakeQueue::add(Step& step, AddressPrefix prefix, bool begun) {
  std::deque<Step*>& line = lines_[prefix];
  if (std::find(line.begin(), line.end(), &step) != line.end()) return;
  line.insert(begun ? line.begin() : line.end(), &step);
  if (!refill_.armed()) loop_.atTurnEnd(*this);
}

void HandshakeQueue::remove(Step& step, AddressPrefix prefix) {
  const auto line = lines_.find(prefix);
  if (line == lines_.end()) return;
  std::erase(line->second, &step);
  if (line->second.empty()) lines_.erase(line);
}

void HandshakeQueue::keepHalfFree(bool keep) {
  budget_.setShare(keep ? kShareBesideUsers : kShareWithoutUsers);
}

void HandshakeQueue::onTurnEnd() {
  const auto self = shared_from_this();  // a step may end whoever owns this
  std::int64_t used = 0;
  while (!lines_.empty() && used < kPerTurnNs) {
    if (!budget_.open(loop_.now())) {
      ++counters_.exhausted;
      refill_.arm(budget_.waitMs());
      return;
    }
    auto line = lines_.upper_bound(last_);
    if (line == lines_.end()) line = lines_.begin();
    last_ = line->first;
    Step& step = *line->second.front();
    line->second.pop_front();
    if (line->second.empty()) lines_.erase(line);
    const std::int64_t before = cpuClock_();
    step.runStep();
    const std::int64_t cost = cpuClock_() - before;
    budget_.charge(cost);
    used += cost;
    counters_.cpuNs += static_cast<std::uint64_t>(cost);
  }
  if (lines_.empty()) return;
  // By way of a task, so that the sockets are polled first: a hook that schedules itself would run in this turn again.
  loop_.post([weak = weak_from_this()] {
    if (const auto queue = weak.lock()) queue->loop_.atTurnEnd(*queue);
  });
}

}  // namespace rtm::net
