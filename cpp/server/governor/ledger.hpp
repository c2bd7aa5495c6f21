#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "server/model/names.hpp"
#include "server/stats.hpp"
#include "server/usage.hpp"

namespace rtm::server {

/// How short memory is (docs/decisions/017-memory.md).
enum class MemoryLevel : std::uint8_t {
  Enough,
  Soft,  ///< 75 %: accounts above their share may not grow
  Hard,  ///< 90 %: nothing that a client can do without may grow
  Full,  ///< 100 %: messages to users who are there fail, too
};

struct LedgerBounds {
  std::uint64_t memory = 0;  ///< of the whole process; 0: none
  /// Of one user; 0: none. Three quarters of them are for what a user makes at will, or has others keep for it. The
  /// rest is for what the server cannot refuse: its link and what waits there, a small inbox, the buffers of its
  /// transfers.
  std::uint64_t user = 0;
  std::size_t apps = 1;  ///< several: each has at most half of `memory`
};

/// Who takes how much memory: accounts of users, their sums for each App and for the process, and the bounds of all
/// three. Charged where a capacity changes, never for each message. Any thread: sums are atomic, accounts lie in shards
/// with a lock each. An account without bytes does not exist.
class Ledger {
 public:
  explicit Ledger(const LedgerBounds& bounds) : bounds_(bounds), apps_(bounds.apps) {}
  Ledger(const Ledger&) = delete;
  Ledger& operator=(const Ledger&) = delete;
  ~Ledger() = default;

  /// Whether so many bytes more of a user's would be within all bounds.
  bool mayGrow(const ScopedName& user, std::uint64_t bytes) const;
  /// Bytes that a user takes from now on, or no longer takes (negative). Queues of links are measured by their loops: a
  /// charge only says whose they are.
  void charge(const ScopedName& user, MemoryCategory category, std::int64_t bytes);
  /// Bytes that belong to no user.
  void measure(MemoryCategory category, std::int64_t bytes);

  /// What the process takes beyond what it took at its start, as the system sees it: the larger of this and the sum
  /// counts.
  void setResident(std::uint64_t bytes) {
    resident_.store(bytes, std::memory_order_relaxed);
    judge();
  }
  /// Cheap enough to ask for each message.
  MemoryLevel level() const { return level_.load(std::memory_order_relaxed); }
  std::uint64_t used() const;
  std::uint64_t most() const { return bounds_.memory; }

  std::uint64_t bytesOf(MemoryCategory category) const;
  std::uint64_t bytesOf(AppNumber app) const;
  std::uint64_t bytesOf(const ScopedName& user) const;
  /// The users with the most bytes, the largest first.
  std::vector<UserUsage> largest(std::size_t most) const;

 private:
  static constexpr std::size_t kShards = 16;
  struct Account {
    std::int64_t bytes = 0;
    std::array<std::int64_t, kMemoryCategories> categories{};
  };
  struct Shard {
    mutable std::mutex mutex;
    ScopedMap<Account> accounts;  ///< guarded by mutex
  };

  void judge();
  Shard& shardOf(const ScopedName& user) { return shards_[hashName(user, hashSeed()) % kShards]; }
  const Shard& shardOf(const ScopedName& user) const { return shards_[hashName(user, hashSeed()) % kShards]; }

  const LedgerBounds bounds_;
  std::array<Shard, kShards> shards_;
  std::array<std::atomic<std::int64_t>, kMemoryCategories> categories_{};
  std::vector<std::atomic<std::int64_t>> apps_;
  std::atomic<std::int64_t> sum_{0};
  std::atomic<std::int64_t> accounts_{0};
  std::atomic<std::uint64_t> resident_{0};
  std::atomic<MemoryLevel> level_{MemoryLevel::Enough};
};

/// Somebody who pays for one category. Without a ledger everything is granted and nothing is counted.
struct Payer {
  Ledger* ledger = nullptr;
  AppNumber app{};
  MemoryCategory category{};

  bool mayGrow(std::string_view user, std::int64_t bytes) const {
    return ledger == nullptr || bytes <= 0 || ledger->mayGrow({app, user}, static_cast<std::uint64_t>(bytes));
  }
  void charge(std::string_view user, std::int64_t bytes) const {
    if (ledger != nullptr && bytes != 0) ledger->charge({app, user}, category, bytes);
  }
};

/// Bytes that one user pays for while this exists.
class MemoryCharge {
 public:
  MemoryCharge() = default;
  MemoryCharge(Ledger* ledger, const ScopedName& user, MemoryCategory category)
      : ledger_(ledger), user_(user), category_(category) {}
  ~MemoryCharge() { set(0); }
  MemoryCharge(const MemoryCharge&) = delete;
  MemoryCharge& operator=(const MemoryCharge&) = delete;

  void set(std::size_t bytes) {
    if (bytes == bytes_) return;
    if (ledger_ != nullptr) {
      ledger_->charge(user_.view(), category_, static_cast<std::int64_t>(bytes) - static_cast<std::int64_t>(bytes_));
    }
    bytes_ = bytes;
  }
  bool mayGrow(std::size_t bytes) const { return ledger_ == nullptr || ledger_->mayGrow(user_.view(), bytes); }
  std::size_t bytes() const { return bytes_; }

 private:
  Ledger* ledger_ = nullptr;
  ScopedKey user_{ScopedName{}};
  MemoryCategory category_{};
  std::size_t bytes_ = 0;
};

}  // namespace rtm::server
