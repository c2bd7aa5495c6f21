#pragma once

// Messages that are kept beyond their delivery: for receivers who are offline, and for the history.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "server/model/names.hpp"
#include "server/model/store_constants.hpp"

namespace rtm::server {

/// A peer message for a receiver who was offline (docs/spec/semantics.md §2).
struct OfflineMessage {
  std::string senderId;
  std::uint64_t timeMs = 0;  ///< wall clock, when it was stored
  std::uint64_t requiredCapabilities = 0;
  Bytes content;
};

/// The same with its number in the receiver's queue.
struct OfflineEntry {
  std::uint64_t id = 0;
  std::shared_ptr<const OfflineMessage> message;
};

struct OfflinePage {
  bool ok = false;                    ///< false: the store failed, and `entries` says nothing
  std::vector<OfflineEntry> entries;  ///< in the order stored, ids rising
};

/// A text message that was sent with the history flag.
struct HistoryRecord {
  std::string source;
  std::string destination;  ///< a user or a channel
  bool channel = false;
  std::uint64_t timeMs = 0;  ///< wall clock, when the server took it
  std::string text;
};

struct HistoryFilter {
  AppNumber app{};
  std::string source;       ///< empty: any sender. Source or destination, or both, are given
  std::string destination;  ///< empty: any receiver or channel
  bool peers = true;        ///< peer messages count
  bool channels = true;     ///< channel messages count
  std::uint64_t startMs = 0;
  std::uint64_t endMs = 0;  ///< inclusive
  std::uint64_t nowMs = 0;  ///< wall clock: a record that has expired by now is not found
  std::uint32_t offset = 0;
  std::uint32_t limit = 0;  ///< 0: only the total
  std::size_t bytes = 0;    ///< of records in the answer, counted by historyBytes(); the first one always fits
  bool descending = false;
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
