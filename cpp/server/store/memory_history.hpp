#pragma once

#include <deque>
#include <map>
#include <memory>
#include <mutex>

#include "server/model/stored_messages.hpp"

namespace rtm::server {

/// The history of each App ID in memory, indexed by source and by destination, each list in the order of time. A
/// question walks what one name has in the time asked for; one about a pair, the shorter of the two lists. Any thread.
class MemoryHistory {
 public:
  MemoryHistory(std::uint64_t keepMs, std::size_t bytes) : keepMs_(keepMs), bound_(bytes) {}

  /// False: it alone is larger than the bound.
  bool append(AppNumber app, HistoryRecord record);
  HistoryPage query(const HistoryFilter& filter) const;
  void tick(std::uint64_t nowMs);

 private:
  using Entry = std::shared_ptr<const HistoryRecord>;
  using Line = std::deque<Entry>;
  struct App {
    Line all;
    TextMap<Line> bySource;
    TextMap<Line> byDestination;
    std::size_t bytes = 0;
  };

  void dropOldest(App& app);

  const std::uint64_t keepMs_;
  const std::size_t bound_;
  mutable std::mutex mutex_;
  std::map<AppNumber, App> apps_;
};

}  // namespace rtm::server
