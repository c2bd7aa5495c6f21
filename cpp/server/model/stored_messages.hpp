#pragma once

// Messages that are kept beyond their delivery: for receivers who are offline, and for the history.

#include <cstdint>
#include <memory>
#include <vector>

#include "server/model/store_constants.hpp"
#include "server/model/stored_records.hpp"

namespace rtm::server {

/// A stored message with its number in the receiver's queue.
struct OfflineEntry {
  std::uint64_t id = 0;
  std::shared_ptr<const OfflineMessage> message;
};

struct OfflinePage {
  bool ok = false;                    ///< false: the store failed, and `entries` says nothing
  std::vector<OfflineEntry> entries;  ///< in the order stored, ids rising
};

struct HistoryPage {
  bool ok = false;
  std::uint32_t total = 0;  ///< matches, before offset and limit
  std::vector<std::shared_ptr<const HistoryRecord>> records;
};

/// Most bytes that a record takes in an answer.
inline std::size_t historyBytes(const HistoryRecord& record) {
  return record.source.size() + record.destination.size() + record.text.size() + kAnswerEntryBytes;
}

}  // namespace rtm::server
