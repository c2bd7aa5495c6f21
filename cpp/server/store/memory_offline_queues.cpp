#include "server/store/memory_offline_queues.hpp"

#include <algorithm>
#include <iterator>
#include <memory>
#include <utility>

#include "server/model/store_constants.hpp"

namespace rtm::server {
namespace {

/// Receivers looked at in one sweep.
constexpr std::size_t kSweptQueues = 64;

std::size_t costOf(const OfflineMessage& message) {
  return kMemoryEntryBytes + message.senderId.size() + message.content.size();
}

}  // namespace

bool MemoryOfflineQueues::append(const ScopedName& receiver, OfflineMessage message) {
  const std::uint64_t nowMs = message.timeMs;
  const std::uint64_t cost = costOf(message);
  auto kept = std::make_shared<const OfflineMessage>(std::move(message));
  const std::lock_guard lock(mutex_);
  if (retention_.offlineMessages == 0) return false;
  auto at = queues_.find(receiver);
  if (at == queues_.end()) at = queues_.emplace(ScopedKey(receiver), Queue{}).first;
  Queue& queue = at->second;
  expire(queue, nowMs);
  const ScopedName name{receiver.app, kept->senderId};
  // The message that a full queue drops makes room for the new one.
  const bool full = queue.kept.size() >= retention_.offlineMessages;
  const auto payer = full ? payerIn(queue, find(name)) : queue.kept.end();
  if (!mayAdd(name, cost, full ? &*payer : nullptr)) {
    removeIfEmpty(at);
    return false;
  }
  if (full) drop(at, payer);
  makeRoom(name, cost);
  Sender& sender = senderOf(name);
  const std::uint64_t id = ++lastId_;
  queue.kept.push_back({{id, std::move(kept)}, &sender});
  ++queue.counts[&sender];
  sender.messages.emplace(id, at);
  resize(sender, sender.bytes + cost);
  ++messages_;
  return true;
}

std::vector<OfflineEntry> MemoryOfflineQueues::load(const ScopedName& receiver, std::uint64_t nowMs) {
  const std::lock_guard lock(mutex_);
  const auto at = queues_.find(receiver);
  if (at == queues_.end()) return {};
  expire(at->second, nowMs);
  std::vector<OfflineEntry> entries;
  entries.reserve(at->second.kept.size());
  for (const Kept& kept : at->second.kept) entries.push_back(kept.entry);
  removeIfEmpty(at);
  return entries;
}

void MemoryOfflineQueues::remove(const ScopedName& receiver, std::uint64_t first, std::uint64_t last) {
  const std::lock_guard lock(mutex_);
  const auto at = queues_.find(receiver);
  if (at == queues_.end()) return;
  std::erase_if(at->second.kept, [&](const Kept& kept) {
    if (kept.entry.id < first || kept.entry.id > last) return false;
    forget(at->second, kept);
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
  return shares_.used();
}

std::uint64_t MemoryOfflineQueues::messages() const {
  const std::lock_guard lock(mutex_);
  return messages_;
}

// ---- who pays ---------------------------------------------------------------------------------------------------

std::deque<MemoryOfflineQueues::Kept>::iterator MemoryOfflineQueues::payerIn(Queue& queue, const Sender* newcomer) {
  const auto with = [newcomer](const Sender* sender, std::uint32_t count) {
    return count + (sender == newcomer ? 1U : 0U);
  };
  std::uint32_t most = 1;  // what a sender has that is new in this queue
  for (const auto& [sender, count] : queue.counts) most = std::max(most, with(sender, count));
  return std::find_if(queue.kept.begin(), queue.kept.end(),
                      [&](const Kept& kept) { return with(kept.sender, queue.counts.at(kept.sender)) == most; });
}

/// Whether so many bytes more of this sender fit, or can be made to fit, if `payer` goes anyway.
bool MemoryOfflineQueues::mayAdd(const ScopedName& name, std::uint64_t cost, const Kept* payer) const {
  const Sender* sender = find(name);
  const std::uint64_t freed = payer == nullptr ? 0 : costOf(*payer->entry.message);
  const bool ownPayer = payer != nullptr && payer->sender == sender;
  if (ledger_ != nullptr && (!ownPayer || cost > freed) && !ledger_->mayGrow(name, cost - (ownPayer ? freed : 0))) {
    return false;
  }
  const std::int64_t lacking = static_cast<std::int64_t>(cost - freed) - shares_.room(name.app);
  if (lacking <= 0) return true;
  const auto all = bySize_.find(name.app);
  const std::uint64_t senders = (all == bySize_.end() ? 0 : all->second.size()) + (sender == nullptr ? 1 : 0);
  const std::uint64_t own = (sender == nullptr ? 0 : sender->bytes) - (ownPayer ? freed : 0);
  if (own + cost > shares_.mostOf() / std::max<std::uint64_t>(kFewestShares, senders)) return false;
  const std::uint64_t others = shares_.used(name.app) - own - freed;
  return lacking <= static_cast<std::int64_t>(others);  // else it would not fit although everybody lost everything
}

/// Takes the oldest messages of the largest senders of the App, as far as `bytes` more of this sender need it.
void MemoryOfflineQueues::makeRoom(const ScopedName& name, std::uint64_t bytes) {
  const Sender* sender = find(name);
  while (static_cast<std::int64_t>(bytes) > shares_.room(name.app)) {
    auto largest = std::prev(bySize_[name.app].end());
    if (largest->second == sender) largest = std::prev(largest);  // mayAdd() has seen that there are others
    dropOldestOf(*largest->second);
  }
}

void MemoryOfflineQueues::dropOldestOf(const Sender& sender) {
  const auto [id, at] = *sender.messages.begin();
  const auto which = std::find_if(at->second.kept.begin(), at->second.kept.end(),
                                  [id = id](const Kept& kept) { return kept.entry.id == id; });
  drop(at, which);  // a queue that is empty now goes with the next sweep
}

const MemoryOfflineQueues::Sender* MemoryOfflineQueues::find(const ScopedName& name) const {
  const auto at = senders_.find(name);
  return at == senders_.end() ? nullptr : &at->second;
}

MemoryOfflineQueues::Sender& MemoryOfflineQueues::senderOf(const ScopedName& name) {
  auto at = senders_.find(name);
  if (at == senders_.end()) {
    at = senders_.emplace(ScopedKey(name), Sender{.key = ScopedKey(name), .bytes = 0, .messages = {}}).first;
    bySize_[name.app].emplace(0, &at->second);
  }
  return at->second;
}

void MemoryOfflineQueues::resize(Sender& sender, std::uint64_t bytes) {
  BySize& all = bySize_[sender.key.app];
  all.erase({sender.bytes, &sender});
  all.emplace(bytes, &sender);
  if (bytes > sender.bytes) {
    shares_.add(sender.key.app, bytes - sender.bytes);
  } else {
    shares_.remove(sender.key.app, sender.bytes - bytes);
  }
  charge(sender, static_cast<std::int64_t>(bytes) - static_cast<std::int64_t>(sender.bytes));
  sender.bytes = bytes;
}

void MemoryOfflineQueues::charge(const Sender& sender, std::int64_t bytes) const {
  if (ledger_ != nullptr && bytes != 0) ledger_->charge(sender.key.view(), MemoryCategory::Offline, bytes);
}

// ---- what goes --------------------------------------------------------------------------------------------------

void MemoryOfflineQueues::drop(Queues::iterator at, const std::deque<Kept>::iterator& which) {
  forget(at->second, *which);
  at->second.kept.erase(which);
}

/// The message is about to leave its queue.
void MemoryOfflineQueues::forget(Queue& queue, const Kept& kept) {
  Sender& sender = *kept.sender;
  if (--queue.counts[&sender] == 0) queue.counts.erase(&sender);
  sender.messages.erase(kept.entry.id);
  resize(sender, sender.bytes - costOf(*kept.entry.message));
  --messages_;
  removeIfIdle(sender);
}

void MemoryOfflineQueues::expire(Queue& queue, std::uint64_t nowMs) {
  while (!queue.kept.empty()) {
    const std::uint64_t stored = queue.kept.front().entry.message->timeMs;
    if (nowMs < stored || nowMs - stored < retention_.offlineMs) return;
    forget(queue, queue.kept.front());
    queue.kept.pop_front();
  }
}

void MemoryOfflineQueues::removeIfEmpty(Queues::iterator at) {
  if (at->second.kept.empty()) queues_.erase(at);
}

void MemoryOfflineQueues::removeIfIdle(Sender& sender) {
  if (!sender.messages.empty()) return;
  bySize_[sender.key.app].erase({sender.bytes, &sender});
  senders_.erase(sender.key);
}

}  // namespace rtm::server
