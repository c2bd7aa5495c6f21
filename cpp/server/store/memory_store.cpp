#include "server/store/memory_store.hpp"

#include <utility>

namespace rtm::server {

void MemoryStore::appendOffline(LoopHost& /*home*/, const ScopedName& receiver, OfflineMessage message,
                                MoveFunction<void(bool)> done) {
  done(queues_.append(receiver, std::move(message)));
}

void MemoryStore::loadOffline(LoopHost& /*home*/, const ScopedName& receiver, std::uint64_t nowMs,
                              MoveFunction<void(OfflinePage)> done) {
  done({.ok = true, .entries = queues_.load(receiver, nowMs)});
}

void MemoryStore::removeOffline(LoopHost& /*home*/, const ScopedName& receiver, std::uint64_t first, std::uint64_t last,
                                MoveFunction<void(bool)> done) {
  queues_.remove(receiver, first, last);
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
  queues_.tick(nowMs);
  history_.tick(nowMs);
}

}  // namespace rtm::server
