#pragma once

// A store with a disk: it takes time, may fail, and outlives the processes of a server. Stands in for LMDB.

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <utility>

#include "server/store/memory_store.hpp"

namespace rtm::simulator {

/// What survives a process, and how the disk behaves now.
struct Disk {
  Disk() : kept(server::Retention{}) {}
  server::MemoryStore kept;
  std::uint64_t mostMs = 20;  ///< an operation takes at most this long
  bool fails = false;         ///< it is full: nothing can be added
  bool unreadable = false;    ///< every read fails
};

/// The store of one process of a server. Operations reach the disk in their order.
class DiskStore final : public server::MessageStore {
 public:
  /// `onRefused`: a message was not stored.
  DiskStore(Disk& disk, std::function<void()> onRefused) : disk_(disk), onRefused_(std::move(onRefused)) {}

  /// The process ends: what has not reached the disk never does, and nobody is answered.
  void die() { submitted_->clear(); }

  void appendOffline(server::LoopHost& home, const server::ScopedName& receiver, server::OfflineMessage message,
                     MoveFunction<void(bool)> done) override;
  void loadOffline(server::LoopHost& home, const server::ScopedName& receiver, std::uint64_t nowMs,
                   MoveFunction<void(server::OfflinePage)> done) override;
  void removeOffline(server::LoopHost& home, const server::ScopedName& receiver, std::uint64_t first,
                     std::uint64_t last, MoveFunction<void(bool)> done) override;
  void appendHistory(server::LoopHost& home, server::AppNumber app, server::HistoryRecord record,
                     MoveFunction<void(bool)> done) override;
  void queryHistory(server::LoopHost& home, server::HistoryFilter filter,
                    MoveFunction<void(server::HistoryPage)> done) override;
  std::uint64_t offlineHeld() const override { return disk_.kept.offlineHeld(); }
  /// What was submitted reaches the disk now, before the next process can open it; nobody is answered.
  void close() override;

 private:
  /// What the disk has yet to do. The argument: whether the server waits for an answer.
  using Submitted = std::deque<MoveFunction<void(bool answers)>>;

  void later(MoveFunction<void(bool answers)> work);

  Disk& disk_;
  std::function<void()> onRefused_;
  std::shared_ptr<Submitted> submitted_ = std::make_shared<Submitted>();  ///< the oldest first
  std::uint64_t lastMs_ = 0;
};

}  // namespace rtm::simulator
