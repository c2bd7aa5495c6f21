#pragma once

#include "base/move_function.hpp"
#include "server/model/loop_host.hpp"
#include "server/model/stored_messages.hpp"

namespace rtm::server {

/// Most bytes of messages that one loop gives to a store ahead of its answers, for each kind (offline, history). Above
/// this, new messages fail at once: a slow store must not fill the memory.
inline constexpr std::size_t kMaxUnansweredBytes = std::size_t{32} * 1024 * 1024;

/// Keeps messages beyond their delivery: in memory, or in a database that outlives the process.
///
/// Threads. Any loop calls it, naming itself as `home`. The completion runs on that loop: before the call returns, or
/// later through home.post(). A call never blocks: a database does its work elsewhere.
///
/// Order. Operations on one receiver take effect in the order submitted; completions come in any order. Every operation
/// ends with exactly one completion, which may be a failure, unless the store has been closed.
///
/// Success means kept, as firmly as this store keeps anything: the engine tells a sender CACHED_BY_SERVER, or OK for a
/// message with the history flag, only then. After a failure of an append nothing has been kept.
class MessageStore {
 public:
  virtual ~MessageStore() = default;

  /// Adds to the receiver's queue; above the bound on its length the oldest one is dropped.
  virtual void appendOffline(LoopHost& home, const ScopedName& receiver, OfflineMessage message,
                             MoveFunction<void(bool)> done) = 0;
  /// All that is in the queue and has not expired at `nowMs` (wall clock).
  virtual void loadOffline(LoopHost& home, const ScopedName& receiver, std::uint64_t nowMs,
                           MoveFunction<void(OfflinePage)> done) = 0;
  /// The receiver has the messages with ids `first` to `last`. An id that is not in the queue is no error.
  virtual void removeOffline(LoopHost& home, const ScopedName& receiver, std::uint64_t first, std::uint64_t last,
                             MoveFunction<void(bool)> done) = 0;

  virtual void appendHistory(LoopHost& home, AppNumber app, HistoryRecord record, MoveFunction<void(bool)> done) = 0;
  /// Ordered by time; of the same millisecond, by arrival.
  virtual void queryHistory(LoopHost& home, HistoryFilter filter, MoveFunction<void(HistoryPage)> done) = 0;

  /// Whether what it keeps is there when the server starts again. Any thread.
  virtual bool outlivesServer() const { return false; }
  /// Any thread: offline messages that are kept now, of all receivers; 0 where that is not known.
  virtual std::uint64_t offlineHeld() const { return 0; }

  /// Called about every 100 ms by one of the loops: the store may remove a few expired messages.
  virtual void tick(std::uint64_t nowMs) { static_cast<void>(nowMs); }
  /// The loops are about to end: no completion comes any more once this has returned. Any thread.
  virtual void close() {}
};

}  // namespace rtm::server
