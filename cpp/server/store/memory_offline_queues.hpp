#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <utility>
#include <vector>

#include "server/governor/ledger.hpp"
#include "server/model/stored_messages.hpp"
#include "server/settings.hpp"
#include "server/store/app_shares.hpp"

namespace rtm::server {

/// The offline queue of each receiver, in memory: messages that wait for the receiver's next login. Any thread; one
/// lock, held for as long as it takes to move pointers.
///
/// Whoever has most pays when there is no room (docs/decisions/017-memory.md): in a full queue the sender with the most
/// messages there, in a full App the sender with the most bytes there. What a sender has here is part of what a user
/// may take.
class MemoryOfflineQueues {
 public:
  /// `ledger`: as long as anything is appended or removed; null: nobody counts.
  explicit MemoryOfflineQueues(const Retention& retention, std::size_t apps = 1, Ledger* ledger = nullptr)
      : retention_(retention), ledger_(ledger), shares_(retention.offlineBytes, apps) {}
  ~MemoryOfflineQueues() = default;
  MemoryOfflineQueues(const MemoryOfflineQueues&) = delete;
  MemoryOfflineQueues& operator=(const MemoryOfflineQueues&) = delete;

  /// Puts the message at the end of the receiver's queue; a full queue drops the oldest message of the sender who then
  /// has most in it. False: there is no room for this sender in Retention::offlineBytes, or it may not take more
  /// memory; nothing has been kept.
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
  struct Sender;
  struct Kept {
    OfflineEntry entry;
    Sender* sender = nullptr;
  };
  struct Queue {
    std::deque<Kept> kept;
    std::map<Sender*, std::uint32_t> counts;  ///< messages of each sender in this queue
  };
  using Queues = std::map<ScopedKey, Queue, ByName>;  ///< ordered, so that a sweep can go on where it stopped
  /// Somebody whose messages are kept.
  struct Sender {
    ScopedKey key;
    std::uint64_t bytes = 0;
    std::map<std::uint64_t, Queues::iterator> messages;  ///< by id, so the oldest is the first
  };
  using BySize = std::set<std::pair<std::uint64_t, Sender*>>;

  const Sender* find(const ScopedName& name) const;
  Sender& senderOf(const ScopedName& name);
  void resize(Sender& sender, std::uint64_t bytes);
  void charge(const Sender& sender, std::int64_t bytes) const;
  /// The message that makes way in a full queue if one of `newcomer` comes; null: of somebody who has none yet.
  std::deque<Kept>::iterator payerIn(Queue& queue, const Sender* newcomer);
  bool mayAdd(const ScopedName& name, std::uint64_t cost, const Kept* payer) const;
  void makeRoom(const ScopedName& name, std::uint64_t bytes);
  /// Drops the oldest message of the sender, who stays while `sender` is used: it must have more than this one.
  void dropOldestOf(const Sender& sender);
  void drop(Queues::iterator at, const std::deque<Kept>::iterator& which);
  void forget(Queue& queue, const Kept& kept);
  void expire(Queue& queue, std::uint64_t nowMs);
  void removeIfEmpty(Queues::iterator at);
  void removeIfIdle(Sender& sender);

  const Retention retention_;
  Ledger* const ledger_;
  mutable std::mutex mutex_;
  Queues queues_;
  std::map<ScopedKey, Sender, ByName> senders_;
  std::map<AppNumber, BySize> bySize_;  ///< the senders of each App
  AppShares shares_;
  std::uint64_t messages_ = 0;  ///< of all queues
  /// One for all queues: no id is used twice, even if a queue runs empty and comes back.
  std::uint64_t lastId_ = 0;
  ScopedKey cursor_{ScopedName{}};  ///< the sweep goes on behind this receiver
};

}  // namespace rtm::server
