#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <map>
#include <unordered_map>
#include <utility>

namespace rtm {

/// A map that remembers each key until a time, and never more than so many keys: a new key beyond them pushes out the
/// one whose time ends first. For notes of a server about a user who may never come back. `Hash` and `Equal` are
/// transparent: a view finds a key. Pure: time comes in.
template <typename Key, typename Value, typename Hash, typename Equal>
class ForgettingMap {
 public:
  explicit ForgettingMap(std::size_t most) : most_(most) {}
  ForgettingMap(const ForgettingMap&) = delete;
  ForgettingMap& operator=(const ForgettingMap&) = delete;
  ~ForgettingMap() = default;

  /// Null: nothing is known of the key, or its time is over.
  template <typename View>
  Value* find(const View& key, std::uint64_t nowMs) {
    forget(nowMs);
    const auto found = entries_.find(key);
    return found == entries_.end() ? nullptr : &found->second.value;
  }

  /// Replaces the value of the key. The reference lives until the next call.
  template <typename View>
  Value& put(const View& key, Value value, std::uint64_t untilMs, std::uint64_t nowMs) {
    forget(nowMs);
    erase(key);
    if (!entries_.empty() && entries_.size() >= most_) {
      ++pushedOut_;
      eraseFirst();
    }
    const auto added = entries_.emplace(Key(key), Entry{std::move(value), {}}).first;
    added->second.place = byEnd_.emplace(untilMs, &added->first);
    return added->second.value;
  }

  template <typename View>
  void erase(const View& key) {
    const auto found = entries_.find(key);
    if (found == entries_.end()) return;
    byEnd_.erase(found->second.place);
    entries_.erase(found);
  }

  /// Drops the keys whose time is over.
  void forget(std::uint64_t nowMs) {
    while (!byEnd_.empty() && byEnd_.begin()->first <= nowMs) eraseFirst();
  }

  std::size_t size() const { return entries_.size(); }
  /// How many keys went before their time.
  std::uint64_t pushedOut() const { return pushedOut_; }

 private:
  using Ends = std::multimap<std::uint64_t, const Key*>;
  struct Entry {
    Value value;
    typename Ends::iterator place;
  };

  void eraseFirst() {
    const Key* key = byEnd_.begin()->second;
    byEnd_.erase(byEnd_.begin());
    entries_.erase(*key);
  }

  const std::size_t most_;
  std::uint64_t pushedOut_ = 0;
  std::unordered_map<Key, Entry, Hash, Equal> entries_;  ///< its nodes, and so the keys in byEnd_, stay where they are
  Ends byEnd_;
};

}  // namespace rtm
