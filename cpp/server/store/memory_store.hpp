#pragma once

#include "server/settings.hpp"
#include "server/store/memory_history.hpp"
#include "server/store/memory_offline_queues.hpp"
#include "server/store/message_store.hpp"

namespace rtm::server {

/// A store in the memory of this process. Every completion comes before the call returns.
class MemoryStore final : public MessageStore {
 public:
  /// `apps`: how many share Retention::offlineBytes. `ledger`: as for the queues.
  explicit MemoryStore(const Retention& retention, std::size_t apps = 1, Ledger* ledger = nullptr)
      : queues_(retention, apps, ledger), history_(retention.historyMs, retention.historyBytes) {}

  void appendOffline(LoopHost& home, const ScopedName& receiver, OfflineMessage message,
                     MoveFunction<void(bool)> done) override;
  void loadOffline(LoopHost& home, const ScopedName& receiver, std::uint64_t nowMs,
                   MoveFunction<void(OfflinePage)> done) override;
  void removeOffline(LoopHost& home, const ScopedName& receiver, std::uint64_t first, std::uint64_t last,
                     MoveFunction<void(bool)> done) override;
  void appendHistory(LoopHost& home, AppNumber app, HistoryRecord record, MoveFunction<void(bool)> done) override;
  void queryHistory(LoopHost& home, HistoryFilter filter, MoveFunction<void(HistoryPage)> done) override;
  void tick(std::uint64_t nowMs) override;

  std::uint64_t offlineHeld() const override { return queues_.messages(); }
  /// Any thread: what the queues hold now, by the measure of Retention::offlineBytes.
  std::size_t offlineBytes() const { return queues_.bytes(); }

 private:
  MemoryOfflineQueues queues_;
  MemoryHistory history_;
};

}  // namespace rtm::server
