#include "net/admission/handshake_queue.hpp"

#include <algorithm>
#include <ctime>
#include <utility>

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

HandshakeQueue::HandshakeQueue(IoLoop& loop, CpuClock cpuClock, std::shared_ptr<Penalties> penalties)
    : loop_(loop),
      cpuClock_(cpuClock),
      penalties_(std::move(penalties)),
      budget_({.share = kShareWithoutUsers}, loop.now()),
      refill_(loop, [this] { loop_.atTurnEnd(*this); }) {}

void HandshakeQueue::add(Step& step, AddressPrefix prefix, bool begun) {
  if (good_.has(step, prefix) || slowed_.has(step, prefix)) return;
  const bool slowed = penalties_ != nullptr && penalties_->standing(prefix, loop_.now()) != Penalties::Standing::Good;
  std::deque<Step*>& line = (slowed ? slowed_ : good_).lines[prefix];
  line.insert(begun ? line.begin() : line.end(), &step);
  if (!refill_.armed()) loop_.atTurnEnd(*this);
}

void HandshakeQueue::remove(Step& step, AddressPrefix prefix) {
  good_.remove(step, prefix);
  slowed_.remove(step, prefix);
}

bool HandshakeQueue::Round::has(const Step& step, AddressPrefix prefix) const {
  const auto line = lines.find(prefix);
  return line != lines.end() && std::find(line->second.begin(), line->second.end(), &step) != line->second.end();
}

void HandshakeQueue::Round::remove(Step& step, AddressPrefix prefix) {
  const auto line = lines.find(prefix);
  if (line == lines.end()) return;
  std::erase(line->second, &step);
  if (line->second.empty()) lines.erase(line);
}

HandshakeQueue::Step& HandshakeQueue::Round::takeNext() {
  auto line = lines.upper_bound(last);
  if (line == lines.end()) line = lines.begin();
  last = line->first;
  Step& step = *line->second.front();
  line->second.pop_front();
  if (line->second.empty()) lines.erase(line);
  return step;
}

HandshakeQueue::Round& HandshakeQueue::nextRound() {
  const bool slowed = good_.lines.empty() || (!slowed_.lines.empty() && goodTurns_ + 1 >= Penalties::kSlowedShare);
  goodTurns_ = slowed ? 0 : goodTurns_ + 1;
  return slowed ? slowed_ : good_;
}

void HandshakeQueue::keepHalfFree(bool keep) {
  budget_.setShare(keep ? kShareBesideUsers : kShareWithoutUsers);
}

void HandshakeQueue::onTurnEnd() {
  const auto self = shared_from_this();  // a step may end the owner of this
  std::int64_t used = 0;
  while (!empty() && used < kPerTurnNs) {
    if (!budget_.open(loop_.now())) {
      ++counters_.exhausted;
      refill_.arm(budget_.waitMs());
      return;
    }
    Step& step = nextRound().takeNext();
    const std::int64_t before = cpuClock_();
    step.runStep();
    const std::int64_t cost = cpuClock_() - before;
    budget_.charge(cost);
    used += cost;
    counters_.cpuNs += static_cast<std::uint64_t>(cost);
  }
  if (empty()) return;
  // By way of a task, so that the sockets are polled first: a hook that schedules itself would run in this turn again.
  loop_.post([weak = weak_from_this()] {
    if (const auto queue = weak.lock()) queue->loop_.atTurnEnd(*queue);
  });
}

}  // namespace rtm::net
