#include "server/store/measured_store.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

namespace rtm::server {
namespace {

constexpr std::int64_t kQuietMs = 10'000;

}  // namespace

void MeasuredStore::count(bool ok) {
  if (ok) return;
  const std::uint64_t failures = failures_.fetch_add(1, std::memory_order_relaxed) + 1;
  if (!log_) return;
  const auto sinceBoot = std::chrono::steady_clock::now().time_since_epoch();
  const std::int64_t nowMs = std::chrono::duration_cast<std::chrono::milliseconds>(sinceBoot).count();
  std::int64_t due = tellAgainMs_.load(std::memory_order_relaxed);
  if (nowMs < due || !tellAgainMs_.compare_exchange_strong(due, nowMs + kQuietMs, std::memory_order_relaxed)) return;
  const std::uint64_t told = toldFailures_.exchange(failures, std::memory_order_relaxed);
  log_(LogLevel::Error, "the store failed or is full: " + std::to_string(failures - std::min(failures, told)) +
                            " operations refused since the last such line");
}

MoveFunction<void(bool)> MeasuredStore::timed(MoveFunction<void(bool)> done) {
  const auto begun = std::chrono::steady_clock::now();
  return [this, begun, then = std::move(done)](bool ok) mutable {
    const auto took = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - begun);
    const auto us = static_cast<std::uint64_t>(took.count());
    const auto* const bound = std::lower_bound(kAppendBoundsUs.begin(), kAppendBoundsUs.end(), us);
    const auto index = static_cast<std::size_t>(bound - kAppendBoundsUs.begin());
    appendUs_.fetch_add(us, std::memory_order_relaxed);
    appendTimes_[index].fetch_add(1, std::memory_order_relaxed);
    count(ok);
    then(ok);
  };
}

void MeasuredStore::appendOffline(LoopHost& home, const ScopedName& receiver, OfflineMessage message,
                                  MoveFunction<void(bool)> done) {
  store_->appendOffline(home, receiver, std::move(message), timed(std::move(done)));
}

void MeasuredStore::loadOffline(LoopHost& home, const ScopedName& receiver, std::uint64_t nowMs,
                                MoveFunction<void(OfflinePage)> done) {
  store_->loadOffline(home, receiver, nowMs, [this, then = std::move(done)](OfflinePage page) mutable {
    count(page.ok);
    then(std::move(page));
  });
}

void MeasuredStore::removeOffline(LoopHost& home, const ScopedName& receiver, std::uint64_t first, std::uint64_t last,
                                  MoveFunction<void(bool)> done) {
  store_->removeOffline(home, receiver, first, last, [this, then = std::move(done)](bool ok) mutable {
    count(ok);
    then(ok);
  });
}

void MeasuredStore::appendHistory(LoopHost& home, AppNumber app, HistoryRecord record, MoveFunction<void(bool)> done) {
  store_->appendHistory(home, app, std::move(record), timed(std::move(done)));
}

void MeasuredStore::queryHistory(LoopHost& home, HistoryFilter filter, MoveFunction<void(HistoryPage)> done) {
  store_->queryHistory(home, std::move(filter), [this, then = std::move(done)](HistoryPage page) mutable {
    count(page.ok);
    then(std::move(page));
  });
}

StoreStats MeasuredStore::stats() const {
  StoreStats stats;
  stats.offlineMessages = store_->offlineHeld();
  stats.failures = failures_.load(std::memory_order_relaxed);
  stats.appendUs = appendUs_.load(std::memory_order_relaxed);
  for (std::size_t i = 0; i < stats.appendTimes.size(); ++i) {
    stats.appendTimes[i] = appendTimes_[i].load(std::memory_order_relaxed);
    stats.appends += stats.appendTimes[i];
  }
  return stats;
}

}  // namespace rtm::server
