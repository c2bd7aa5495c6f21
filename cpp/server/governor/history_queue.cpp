#include "server/governor/history_queue.hpp"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

namespace rtm::server {

/// Removes waiters; their queues do not stay empty.
template <typename Predicate>
void HistoryQueue::removeIf(Predicate&& leaves) {
  for (auto at = waiting_.begin(); at != waiting_.end();) {
    waits_ -= std::erase_if(at->second, leaves);
    at = at->second.empty() ? waiting_.erase(at) : std::next(at);
  }
}

void HistoryQueue::attach(std::uint32_t loop, LoopHost& host) {
  const std::lock_guard lock(mutex_);
  hosts_[loop] = &host;
}

void HistoryQueue::detach(std::uint32_t loop) {
  const std::lock_guard lock(mutex_);
  hosts_.erase(loop);
  removeIf([loop](const Waiter& waiter) { return waiter.loop == loop; });
}

void HistoryQueue::enter(std::uint32_t loop, AppNumber app, std::uint64_t session, std::uint64_t nowMs, Answer answer) {
  bool may = false;
  {
    const std::lock_guard lock(mutex_);
    may = running_ < kRunning;
    if (may) {
      ++running_;
      ++runningOf_[app];
    } else if (makePlace(app)) {
      waiting_[app].push_back({loop, app, session, nowMs, std::move(answer)});
      ++waits_;
      return;
    }
  }
  answer(may);
}

void HistoryQueue::leave(AppNumber app) {
  const std::lock_guard lock(mutex_);
  const auto held = runningOf_.find(app);
  if (--held->second == 0) runningOf_.erase(held);
  if (waits_ == 0) {
    --running_;
  } else {
    post(takeNext(), true);
  }
}

void HistoryQueue::cancel(std::uint64_t session) {
  const std::lock_guard lock(mutex_);
  removeIf([session](const Waiter& waiter) { return waiter.session == session; });
}

void HistoryQueue::sweep(std::uint32_t loop, std::uint64_t nowMs) {
  std::vector<Waiter> late;
  {
    const std::lock_guard lock(mutex_);
    if (waits_ == 0) return;
    for (auto& [app, queue] : waiting_) {
      for (Waiter& waiter : queue) {
        const bool isLate = nowMs - std::min(nowMs, waiter.sinceMs) >= kPatienceMs;
        if (waiter.loop == loop && isLate) late.push_back(std::move(waiter));
      }
    }
    removeIf([](const Waiter& waiter) { return !waiter.answer; });
  }
  for (Waiter& waiter : late) waiter.answer(false);
}

std::size_t HistoryQueue::running() const {
  const std::lock_guard lock(mutex_);
  return running_;
}

std::size_t HistoryQueue::waiting() const {
  const std::lock_guard lock(mutex_);
  return waits_;
}

std::size_t HistoryQueue::runningOf(AppNumber app) const {
  const auto found = runningOf_.find(app);
  return found == runningOf_.end() ? 0 : found->second;
}

std::map<AppNumber, std::deque<HistoryQueue::Waiter>>::iterator HistoryQueue::findTurn() {
  const auto hasRoom = [this](const auto& queue) { return runningOf(queue.first) < kShare; };
  const auto next = waiting_.upper_bound(served_);
  auto turn = std::find_if(next, waiting_.end(), hasRoom);
  if (turn == waiting_.end()) turn = std::find_if(waiting_.begin(), next, hasRoom);
  // All App IDs that wait have their share: a place must not stay free.
  return turn == waiting_.end() ? waiting_.begin() : turn;
}

HistoryQueue::Waiter HistoryQueue::takeNext() {
  const auto turn = findTurn();
  served_ = turn->first;
  ++runningOf_[served_];
  Waiter next = std::move(turn->second.front());
  turn->second.pop_front();
  if (turn->second.empty()) waiting_.erase(turn);
  --waits_;
  return next;
}

bool HistoryQueue::makePlace(AppNumber app) {
  if (waits_ < kWaiting) return true;
  const auto largest = std::max_element(waiting_.begin(), waiting_.end(),
                                        [](const auto& a, const auto& b) { return a.second.size() < b.second.size(); });
  const auto own = waiting_.find(app);
  const std::size_t has = own == waiting_.end() ? 0 : own->second.size();
  if (largest->second.size() <= has + 1) return false;
  Waiter newest = std::move(largest->second.back());
  largest->second.pop_back();  // it keeps at least one
  --waits_;
  post(std::move(newest), false);
  return true;
}

/// Under the lock, so that the loop cannot detach meanwhile.
void HistoryQueue::post(Waiter waiter, bool mayRun) {
  const std::uint32_t loop = waiter.loop;
  hosts_.at(loop)->post([this, loop, app = waiter.app, answer = std::move(waiter.answer), mayRun]() mutable {
    if (isAttached(loop)) return answer(mayRun);
    if (mayRun) leave(app);  // the loop ends, and with it whoever asked
  });
}

bool HistoryQueue::isAttached(std::uint32_t loop) const {
  const std::lock_guard lock(mutex_);
  return hosts_.contains(loop);
}

}  // namespace rtm::server
