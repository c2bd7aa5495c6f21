#include "server/store/memory_store.hpp"

#include <algorithm>
#include <utility>

namespace rtm::server {
namespace {

/// Cost of an entry besides its texts: pointers, numbers, the control blocks of allocations.
constexpr std::size_t kEntryBytes = 160;
/// Receivers looked at in one sweep.
constexpr std::size_t kSweptQueues = 64;

std::size_t costOf(const OfflineMessage& message) {
  return kEntryBytes + message.senderId.size() + message.content.size();
}

}  // namespace

void MemoryStore::appendOffline(LoopHost& /*home*/, const ScopedName& receiver, OfflineMessage message,
                                MoveFunction<void(bool)> done) {
  const std::uint64_t nowMs = message.timeMs;
  const std::size_t cost = costOf(message);
  const auto kept = std::make_shared<const OfflineMessage>(std::move(message));
  bool taken = false;
  {
    const std::lock_guard lock(mutex_);
    auto at = queues_.find(receiver);
    if (at != queues_.end()) expire(at->second, nowMs);
    // The message that it pushes out makes room for it.
    const bool full = at != queues_.end() && at->second.entries.size() >= retention_.offlineMessages;
    const std::size_t freed = full ? costOf(*at->second.entries.front().message) : 0;
    taken = retention_.offlineMessages != 0 && bytes_ - freed + cost <= retention_.offlineBytes;
    if (taken) {
      if (at == queues_.end()) at = queues_.emplace(ScopedKey(receiver), Queue{}).first;
      if (full) dropFront(at->second);
      at->second.entries.push_back({++lastId_, kept});
      bytes_ += cost;
      ++held_;
    } else if (at != queues_.end()) {
      removeIfEmpty(at);
    }
  }
  done(taken);
}

void MemoryStore::loadOffline(LoopHost& /*home*/, const ScopedName& receiver, std::uint64_t nowMs,
                              MoveFunction<void(OfflinePage)> done) {
  OfflinePage page{.ok = true, .entries = {}};
  {
    const std::lock_guard lock(mutex_);
    if (const auto at = queues_.find(receiver); at != queues_.end()) {
      expire(at->second, nowMs);
      page.entries.assign(at->second.entries.begin(), at->second.entries.end());
      removeIfEmpty(at);
    }
  }
  done(std::move(page));
}

void MemoryStore::removeOffline(LoopHost& /*home*/, const ScopedName& receiver, std::uint64_t first, std::uint64_t last,
                                MoveFunction<void(bool)> done) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto at = queues_.find(receiver); at != queues_.end()) {
      std::erase_if(at->second.entries, [&](const OfflineEntry& entry) {
        if (entry.id < first || entry.id > last) return false;
        bytes_ -= costOf(*entry.message);
        --held_;
        return true;
      });
      removeIfEmpty(at);
    }
  }
  done(true);
}

void MemoryStore::appendHistory(LoopHost& /*home*/, AppNumber app, HistoryRecord record,
                                MoveFunction<void(bool)> done) {
  done(history_.append(app, std::move(record)));
}

void MemoryStore::queryHistory(LoopHost& /*home*/, HistoryFilter filter, MoveFunction<void(HistoryPage)> done) {
  done(history_.query(filter));
}

void MemoryStore::tick(std::uint64_t nowMs) {
  {
    const std::lock_guard lock(mutex_);
    auto at = queues_.upper_bound(cursor_);
    for (std::size_t swept = 0; swept < kSweptQueues && at != queues_.end(); ++swept) {
      cursor_ = at->first;
      const auto next = std::next(at);
      expire(at->second, nowMs);
      removeIfEmpty(at);
      at = next;
    }
    if (at == queues_.end()) cursor_ = ScopedKey{ScopedName{}};  // before all receivers, because names are never empty
  }
  history_.tick(nowMs);
}

std::size_t MemoryStore::offlineBytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

std::uint64_t MemoryStore::offlineHeld() const {
  const std::lock_guard lock(mutex_);
  return held_;
}

void MemoryStore::dropFront(Queue& queue) {
  bytes_ -= costOf(*queue.entries.front().message);
  queue.entries.pop_front();
  --held_;
}

void MemoryStore::expire(Queue& queue, std::uint64_t nowMs) {
  while (!queue.entries.empty()) {
    const std::uint64_t stored = queue.entries.front().message->timeMs;
    if (nowMs < stored || nowMs - stored < retention_.offlineMs) return;
    dropFront(queue);
  }
}

void MemoryStore::removeIfEmpty(Queues::iterator at) {
  if (at->second.entries.empty()) queues_.erase(at);
}

}  // namespace rtm::server
