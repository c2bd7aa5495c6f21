#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <vector>

#include "server/model/stored_messages.hpp"
#include "server/settings.hpp"

namespace rtm::server {

/// The offline queue of each receiver, in memory: messages that wait for the receiver's next login. Any thread; one
/// lock, held for as long as it takes to move pointers.
class MemoryOfflineQueues {
 public:
  explicit MemoryOfflineQueues(const Retention& retention) : retention_(retention) {}

  /// Puts the message at the end of the receiver's queue; a full queue drops its oldest message. False: there is no
  /// room in Retention::offlineBytes, and nothing has been kept.
  bool append(const ScopedName& receiver, OfflineMessage message);
  /// The whole queue without messages that have expired at `nowMs` (wall clock), oldest first.
  std::vector<OfflineEntry> load(const ScopedName& receiver, std::uint64_t nowMs);
  /// Removes the entries with ids from `first` to `last`.
  void remove(const ScopedName& receiver, std::uint64_t first, std::uint64_t last);
  /// Expires the messages of a few queues; the next call goes on with the queues behind them.
  void tick(std::uint64_t nowMs);

  /// By the measure of Retention::offlineBytes.
  std::size_t bytes() const;
  std::uint64_t messages() const;

 private:
  using Queue = std::deque<OfflineEntry>;
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
  std::uint64_t messages_ = 0;  ///< of all queues
  /// One for all queues: no id is used twice, even if a queue runs empty and comes back.
  std::uint64_t lastId_ = 0;
  ScopedKey cursor_{ScopedName{}};  ///< the sweep goes on behind this receiver
};

}  // namespace rtm::server
