#pragma once

#include <atomic>
#include <memory>

#include "server/bridge/bridge.hpp"
#include "server/store/message_store.hpp"

namespace rtm::server {

/// A store behind the bridge (lib/server/storage/message-store.ts). Any loop. Operations on one receiver come from one
/// loop, and so cross in order. JavaScript removes expired messages.
class BridgeStore final : public MessageStore {
 public:
  explicit BridgeStore(std::shared_ptr<Bridge> bridge) : bridge_(std::move(bridge)) {}

  void appendOffline(LoopHost& home, const ScopedName& receiver, OfflineMessage message,
                     MoveFunction<void(bool)> done) override;
  void loadOffline(LoopHost& home, const ScopedName& receiver, std::uint64_t nowMs,
                   MoveFunction<void(OfflinePage)> done) override;
  void removeOffline(LoopHost& home, const ScopedName& receiver, std::uint64_t first, std::uint64_t last,
                     MoveFunction<void(bool)> done) override;
  void appendHistory(LoopHost& home, AppNumber app, HistoryRecord record, MoveFunction<void(bool)> done) override;
  void queryHistory(LoopHost& home, HistoryFilter filter, MoveFunction<void(HistoryPage)> done) override;
  bool outlivesServer() const override { return true; }
  void close() override { closed_ = true; }

 private:
  /// Calls `finish` with the answer of an operation without fields, unless the store is closed by then.
  Bridge::Answered plain(MoveFunction<void(bool)> finish);

  const std::shared_ptr<Bridge> bridge_;
  std::atomic<bool> closed_{false};  ///< answers run on the loops, which end before this does
};

}  // namespace rtm::server
