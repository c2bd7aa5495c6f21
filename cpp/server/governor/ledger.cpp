#include "server/governor/ledger.hpp"

#include <algorithm>

namespace rtm::server {
namespace {

/// An account has at least this part of all memory, however few the accounts are.
constexpr std::int64_t kFewestAccounts = 8;
/// However many accounts there are, an account of this size or less is not why memory is short. A sum of small bounds
/// would stop everybody at the first level when a server has a million users.
constexpr std::uint64_t kSmallAccount = std::uint64_t{1024} * 1024;

std::uint64_t positive(std::int64_t bytes) {
  return bytes > 0 ? static_cast<std::uint64_t>(bytes) : 0;
}

}  // namespace

std::uint64_t Ledger::used() const {
  return std::max(positive(sum_.load(std::memory_order_relaxed)), resident_.load(std::memory_order_relaxed));
}

void Ledger::judge() {
  if (bounds_.memory == 0) return;
  const std::uint64_t bytes = used();
  MemoryLevel level = MemoryLevel::Enough;
  if (bytes >= bounds_.memory) {
    level = MemoryLevel::Full;
  } else if (bytes >= bounds_.memory / 10 * 9) {
    level = MemoryLevel::Hard;
  } else if (bytes >= bounds_.memory / 4 * 3) {
    level = MemoryLevel::Soft;
  }
  level_.store(level, std::memory_order_relaxed);
}

bool Ledger::mayGrow(const ScopedName& user, std::uint64_t bytes) const {
  const std::uint64_t after = bytesOf(user) + bytes;
  if (bounds_.user != 0 && after > bounds_.user - bounds_.user / 4) return false;
  if (bounds_.memory == 0) return true;
  const bool several = bounds_.apps > 1;
  if (several && bytesOf(user.app) + bytes > bounds_.memory / 2) return false;
  switch (level()) {
    case MemoryLevel::Enough:
      return true;
    case MemoryLevel::Soft: {
      const std::int64_t accounts = std::max(kFewestAccounts, accounts_.load(std::memory_order_relaxed));
      return after <= std::max(kSmallAccount, bounds_.memory / static_cast<std::uint64_t>(accounts));
    }
    case MemoryLevel::Hard:
    case MemoryLevel::Full:
      return false;
  }
  return false;
}

void Ledger::charge(const ScopedName& user, MemoryCategory category, std::int64_t bytes) {
  if (category != MemoryCategory::Queues) measure(category, bytes);
  if (static_cast<std::size_t>(user.app) < apps_.size()) {
    apps_[static_cast<std::size_t>(user.app)].fetch_add(bytes, std::memory_order_relaxed);
  }
  Shard& shard = shardOf(user);
  const std::lock_guard lock(shard.mutex);
  auto found = shard.accounts.find(user);
  if (found == shard.accounts.end()) {
    found = shard.accounts.emplace(ScopedKey(user), Account{}).first;
    accounts_.fetch_add(1, std::memory_order_relaxed);
  }
  Account& account = found->second;
  account.bytes += bytes;
  account.categories[static_cast<std::size_t>(category)] += bytes;
  if (account.bytes != 0) return;
  shard.accounts.erase(found);
  accounts_.fetch_sub(1, std::memory_order_relaxed);
}

void Ledger::measure(MemoryCategory category, std::int64_t bytes) {
  categories_[static_cast<std::size_t>(category)].fetch_add(bytes, std::memory_order_relaxed);
  sum_.fetch_add(bytes, std::memory_order_relaxed);
  judge();
}

std::uint64_t Ledger::bytesOf(MemoryCategory category) const {
  return positive(categories_[static_cast<std::size_t>(category)].load(std::memory_order_relaxed));
}

std::uint64_t Ledger::bytesOf(AppNumber app) const {
  const std::size_t index = static_cast<std::size_t>(app);
  return index < apps_.size() ? positive(apps_[index].load(std::memory_order_relaxed)) : 0;
}

std::uint64_t Ledger::bytesOf(const ScopedName& user) const {
  const Shard& shard = shardOf(user);
  const std::lock_guard lock(shard.mutex);
  const auto found = shard.accounts.find(user);
  return found == shard.accounts.end() ? 0 : positive(found->second.bytes);
}

std::vector<UserUsage> Ledger::largest(std::size_t most) const {
  std::vector<UserUsage> all;
  const auto larger = [](const UserUsage& a, const UserUsage& b) { return a.bytes > b.bytes; };
  // A heap of the largest so far, the smallest of them in front: a million accounts are not copied for ten.
  for (const Shard& shard : shards_) {
    const std::lock_guard lock(shard.mutex);
    for (const auto& [key, account] : shard.accounts) {
      const std::uint64_t bytes = positive(account.bytes);
      if (most == 0 || (all.size() == most && all.front().bytes >= bytes)) continue;
      if (all.size() == most) {
        std::pop_heap(all.begin(), all.end(), larger);
        all.pop_back();
      }
      UserUsage& usage = all.emplace_back(UserUsage{.app = key.app, .userId = key.name, .bytes = bytes, .memory = {}});
      for (std::size_t i = 0; i < kMemoryCategories; ++i) usage.memory[i] = positive(account.categories[i]);
      std::push_heap(all.begin(), all.end(), larger);
    }
  }
  std::sort_heap(all.begin(), all.end(), larger);
  return all;
}

}  // namespace rtm::server
