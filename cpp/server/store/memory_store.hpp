#pragma once

#include <deque>
#include <map>
#include <mutex>

#include "server/settings.hpp"
#include "server/store/memory_history.hpp"
#include "server/store/message_store.hpp"

namespace rtm::server {

/// In this process' memory: every completion comes before the call returns. One lock for queues and one for history,
/// both held for as long as it takes to move a pointer, or to find a page of history.
class MemoryStore final : public MessageStore {
 public:
  explicit MemoryStore(const Retention& retention)
      : retention_(retention), history_(retention.historyMs, retention.historyBytes) {}

  void appendOffline(LoopHost& home, const ScopedName& receiver, OfflineMessage message,
                     MoveFunction<void(bool)> done) override;
  void loadOffline(LoopHost& home, const ScopedName& receiver, std::uint64_t nowMs,
                   MoveFunction<void(OfflinePage)> done) override;
  void removeOffline(LoopHost& home, const ScopedName& receiver, std::uint64_t first, std::uint64_t last,
                     MoveFunction<void(bool)> done) override;
  void appendHistory(LoopHost& home, AppNumber app, HistoryRecord record, MoveFunction<void(bool)> done) override;
  void queryHistory(LoopHost& home, HistoryFilter filter, MoveFunction<void(HistoryPage)> done) override;
  void tick(std::uint64_t nowMs) override;

  std::uint64_t offlineHeld() const override;
  /// Any thread: what the queues hold now, by the measure of Retention::offlineBytes.
  std::size_t offlineBytes() const;

 private:
  struct Queue {
    std::deque<OfflineEntry> entries;
  };
  struct ByName {
    using is_transparent = void;
    static ScopedName view(const ScopedName& name) { return name; }
    static ScopedName view(const ScopedKey& key) { return key.view(); }
    bool operator()(const auto& a, const auto& b) const {
      const ScopedName left = view(a);
      const ScopedName right = view(b);
      return left.app != right.app ? left.app < right.app : left.name < right.name;
    }
  };
  using Queues = std::map<ScopedKey, Queue, ByName>;  ///< ordered, so that a sweep can go on where it stopped

  void dropFront(Queue& queue);
  void expire(Queue& queue, std::uint64_t nowMs);
  void removeIfEmpty(Queues::iterator at);

  const Retention retention_;
  mutable std::mutex mutex_;
  Queues queues_;
  std::size_t bytes_ = 0;
  std::uint64_t held_ = 0;    ///< entries of all queues
  std::uint64_t lastId_ = 0;  ///< one for all queues: an id is never used twice, even if a queue runs empty and returns
  ScopedKey cursor_{ScopedName{}};  ///< the sweep goes on behind this receiver
  MemoryHistory history_;
};

}  // namespace rtm::server
