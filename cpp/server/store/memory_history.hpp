#pragma once

#include <map>
#include <mutex>

#include "server/model/names.hpp"
#include "server/store/history_line.hpp"

namespace rtm::server {

/// The history of each App ID in memory. Each record is in three lines: of its source, of its destination, and of both
/// together, peer messages and channel messages apart. So a query reads two lines at most: it counts by ranks and reads
/// the records of its page, and its cost does not grow with the history. Any thread.
class MemoryHistory {
 public:
  MemoryHistory(std::uint64_t keepMs, std::size_t bytes) : keepMs_(keepMs), bound_(bytes) {}

  /// False: it alone is larger than the bound.
  bool append(AppNumber app, HistoryRecord record);
  HistoryPage query(const HistoryFilter& filter) const;
  void tick(std::uint64_t nowMs);

 private:
  struct App {
    HistoryLine all;
    TextMap<HistoryLine> lines;
    std::size_t bytes = 0;
    std::uint64_t lastNumber = 0;
  };

  HistoryRange rangeOf(const App& app, const HistoryFilter& filter, bool channels) const;
  void dropOldest(App& app);

  const std::uint64_t keepMs_;
  const std::size_t bound_;
  mutable std::mutex mutex_;
  std::map<AppNumber, App> apps_;
};

}  // namespace rtm::server
