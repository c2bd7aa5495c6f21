#pragma once

#include <memory>
#include <utility>

#include "server/bridge/bridge_records.hpp"

namespace rtm::server {

/// Of an answer, or of a failure (null).
inline HistoryPage readHistoryPage(RecordReader* in) {
  HistoryPage page;
  std::optional<HistoryAnswer> answer = readAnswer<HistoryAnswer>(in);
  if (!answer) return page;
  page.ok = true;
  page.total = answer->total;
  page.records.reserve(answer->records.size());
  for (HistoryRecord& record : answer->records) {
    page.records.push_back(std::make_shared<const HistoryRecord>(std::move(record)));
  }
  return page;
}

}  // namespace rtm::server
