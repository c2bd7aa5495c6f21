#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

#include "base/log.hpp"
#include "server/store/message_store.hpp"
#include "server/store/store_stats.hpp"

namespace rtm::server {

/// Counts and times the work of another store. Logs its failures, at most one line in ten seconds. Any thread, as the
/// other store.
class MeasuredStore final : public MessageStore {
 public:
  explicit MeasuredStore(std::shared_ptr<MessageStore> store, LogSink log = {})
      : store_(std::move(store)), log_(std::move(log)) {}

  void appendOffline(LoopHost& home, const ScopedName& receiver, OfflineMessage message,
                     MoveFunction<void(bool)> done) override;
  void loadOffline(LoopHost& home, const ScopedName& receiver, std::uint64_t nowMs,
                   MoveFunction<void(OfflinePage)> done) override;
  void removeOffline(LoopHost& home, const ScopedName& receiver, std::uint64_t first, std::uint64_t last,
                     MoveFunction<void(bool)> done) override;
  void appendHistory(LoopHost& home, AppNumber app, HistoryRecord record, MoveFunction<void(bool)> done) override;
  void queryHistory(LoopHost& home, HistoryFilter filter, MoveFunction<void(HistoryPage)> done) override;
  bool outlivesServer() const override { return store_->outlivesServer(); }
  std::uint64_t offlineHeld() const override { return store_->offlineHeld(); }
  void tick(std::uint64_t nowMs) override { store_->tick(nowMs); }
  void close() override { store_->close(); }

  /// Any thread.
  StoreStats stats() const;

 private:
  MoveFunction<void(bool)> timed(MoveFunction<void(bool)> done);
  void count(bool ok);

  // Several loops count here, so these cannot be Counters.
  std::atomic<std::uint64_t> failures_{0};
  std::atomic<std::uint64_t> appendUs_{0};
  std::array<std::atomic<std::uint64_t>, kAppendBoundsUs.size() + 1> appendTimes_{};
  std::atomic<std::uint64_t> toldFailures_{0};  ///< failures that the log has told
  std::atomic<std::int64_t> tellAgainMs_{0};    ///< monotonic: no line of the log before this time
  const std::shared_ptr<MessageStore> store_;
  const LogSink log_;
};

}  // namespace rtm::server
