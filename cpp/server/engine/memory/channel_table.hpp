#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <vector>

#include "server/engine/memory/channel_attribute_table.hpp"
#include "server/engine/memory/channel_state.hpp"
#include "server/engine/memory/history_writes.hpp"
#include "server/engine/memory/returns.hpp"

namespace rtm::server {

/// The channels of all partitions of one loop. Loop thread only, but for size() and heaviest().
class ChannelTable {
 public:
  /// Most channels that heaviest() tells.
  static constexpr std::size_t kMostHeaviest = 100;

  /// `parameters` outlive the table.
  ChannelTable(Outlet& outlet, IdSource& ids, const EngineParameters& parameters, HistoryWrites& history,
               const Returns& returns)
      : outlet_(outlet),
        ids_(ids),
        parameters_(parameters),
        history_(history),
        returns_(returns),
        attributes_(parameters) {}

  void publish(const PublishOp& op);
  void join(const JoinRequest& request, Reply<JoinOutcome> reply);
  void leave(const ScopedName& channel, std::string_view userId, std::uint64_t fence, Reply<bool> reply);
  void members(const ScopedName& channel, std::string_view userId, std::uint64_t fence, std::size_t limit,
               Reply<MembersOutcome> reply);
  std::uint32_t memberCount(const ScopedName& channel) const;
  ChannelWriteOutcome writeAttributes(const AttributeWriteRequest& request);
  AttributesOutcome attributes(const ScopedName& channel, const std::vector<std::string>& keys) const;

  /// At the end of a turn: tells the members what changed.
  void flush();
  void tick();

  /// Any thread.
  std::uint64_t size() const { return size_.load(std::memory_order_relaxed); }
  /// Any thread: the channels that take most, as the last expiry of messages found them, in no order.
  std::vector<ChannelUsage> heaviest() const {
    const std::lock_guard lock(heaviestMutex_);
    return heaviest_;
  }

 private:
  ChannelState* find(const ScopedName& channel);
  void list(ChannelState& channel);
  void wait(ChannelState& channel);
  void tellAttributes(const ChannelState& channel);
  void remove(const ScopedName& channel);
  /// Drops old messages of all channels, and notes which channels take most.
  void expireReplays(std::uint64_t nowMs);

  Outlet& outlet_;
  IdSource& ids_;
  const EngineParameters& parameters_;
  HistoryWrites& history_;
  const Returns& returns_;
  ScopedMap<std::unique_ptr<ChannelState>> channels_;
  ChannelAttributeTable attributes_;
  std::vector<ChannelState*> news_;     ///< channels with news, each once (ChannelState::listed)
  std::vector<ChannelState*> waiting_;  ///< channels whose news are not due yet, each once (ChannelState::waiting)
  std::uint64_t lastExpiry_ = 0;
  std::atomic<std::uint64_t> size_{0};
  mutable std::mutex heaviestMutex_;
  std::vector<ChannelUsage> heaviest_;  ///< guarded by heaviestMutex_
};

}  // namespace rtm::server
