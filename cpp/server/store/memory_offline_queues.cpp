#include "server/store/memory_offline_queues.hpp"

#include <algorithm>
#include <iterator>
#include <memory>
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

bool MemoryOfflineQueues::append(const ScopedName& receiver, OfflineMessage message) {
  const std::uint64_t nowMs = message.timeMs;
  const std::size_t cost = costOf(message);
  auto kept = std::make_shared<const OfflineMessage>(std::move(message));
  const std::lock_guard lock(mutex_);
  auto at = queues_.find(receiver);
  if (at != queues_.end()) expire(at->second, nowMs);
  // The message that a full queue drops makes room for the new one.
  const bool full = at != queues_.end() && at->second.size() >= retention_.offlineMessages;
  const std::size_t freed = full ? costOf(*at->second.front().message) : 0;
  if (retention_.offlineMessages == 0 || bytes_ - freed + cost > retention_.offlineBytes) {
    if (at != queues_.end()) removeIfEmpty(at);
    return false;
  }
  if (at == queues_.end()) at = queues_.emplace(ScopedKey(receiver), Queue{}).first;
  if (full) dropFront(at->second);
  at->second.push_back({++lastId_, std::move(kept)});
  bytes_ += cost;
  ++messages_;
  return true;
}

std::vector<OfflineEntry> MemoryOfflineQueues::load(const ScopedName& receiver, std::uint64_t nowMs) {
  const std::lock_guard lock(mutex_);
  const auto at = queues_.find(receiver);
  if (at == queues_.end()) return {};
  expire(at->second, nowMs);
  std::vector<OfflineEntry> entries(at->second.begin(), at->second.end());
  removeIfEmpty(at);
  return entries;
}

void MemoryOfflineQueues::remove(const ScopedName& receiver, std::uint64_t first, std::uint64_t last) {
  const std::lock_guard lock(mutex_);
  const auto at = queues_.find(receiver);
  if (at == queues_.end()) return;
  std::erase_if(at->second, [&](const OfflineEntry& entry) {
    if (entry.id < first || entry.id > last) return false;
    bytes_ -= costOf(*entry.message);
    --messages_;
    return true;
  });
  removeIfEmpty(at);
}

void MemoryOfflineQueues::tick(std::uint64_t nowMs) {
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

std::size_t MemoryOfflineQueues::bytes() const {
  const std::lock_guard lock(mutex_);
  return bytes_;
}

std::uint64_t MemoryOfflineQueues::messages() const {
  const std::lock_guard lock(mutex_);
  return messages_;
}

void MemoryOfflineQueues::dropFront(Queue& queue) {
  bytes_ -= costOf(*queue.front().message);
  queue.pop_front();
  --messages_;
}

void MemoryOfflineQueues::expire(Queue& queue, std::uint64_t nowMs) {
  while (!queue.empty()) {
    const std::uint64_t stored = queue.front().message->timeMs;
    if (nowMs < stored || nowMs - stored < retention_.offlineMs) return;
    dropFront(queue);
  }
}

void MemoryOfflineQueues::removeIfEmpty(Queues::iterator at) {
  if (at->second.empty()) queues_.erase(at);
}

}  // namespace rtm::server
