#include "server/store/memory_history.hpp"

#include <algorithm>
#include <utility>

namespace rtm::server {
namespace {

/// Cost of a record besides its texts: three pointers to it, numbers, allocations.
constexpr std::size_t kRecordBytes = 240;
/// Most records that expire in one sweep.
constexpr std::size_t kSweptRecords = 1000;

std::size_t costOf(const HistoryRecord& record) {
  return kRecordBytes + record.source.size() + record.destination.size() + record.text.size();
}

/// Keeps a list in the order of time. The place is nearly always the end, because the clocks of two loops differ by
/// milliseconds; after a clock was set back, the search walks.
template <typename Line, typename Entry>
void insertByTime(Line& line, const Entry& entry) {
  const auto after = std::upper_bound(line.begin(), line.end(), entry->timeMs,
                                      [](std::uint64_t time, const Entry& other) { return time < other->timeMs; });
  line.insert(after, entry);
}

/// All lists have the same order, so the oldest record is the first one of each of its lists.
template <typename Lines>
void dropFirst(Lines& lines, const std::string& name) {
  const auto found = lines.find(name);
  found->second.pop_front();
  if (found->second.empty()) lines.erase(found);
}

}  // namespace

bool MemoryHistory::append(AppNumber number, HistoryRecord record) {
  const std::size_t cost = costOf(record);
  if (cost > bound_) return false;
  const auto entry = std::make_shared<const HistoryRecord>(std::move(record));
  const std::lock_guard lock(mutex_);
  App& app = apps_[number];
  while (app.bytes + cost > bound_) dropOldest(app);
  insertByTime(app.all, entry);
  insertByTime(app.bySource[entry->source], entry);
  insertByTime(app.byDestination[entry->destination], entry);
  app.bytes += cost;
  return true;
}

HistoryPage MemoryHistory::query(const HistoryFilter& filter) const {
  HistoryPage page{.ok = true, .total = 0, .records = {}};
  const std::lock_guard lock(mutex_);
  const auto app = apps_.find(filter.app);
  if (app == apps_.end()) return page;
  const auto lineOf = [](const TextMap<Line>& lines, const std::string& name) -> const Line* {
    const auto found = lines.find(name);
    return found == lines.end() ? nullptr : &found->second;
  };
  const Line* from = filter.source.empty() ? nullptr : lineOf(app->second.bySource, filter.source);
  const Line* to = filter.destination.empty() ? nullptr : lineOf(app->second.byDestination, filter.destination);
  if ((from == nullptr && !filter.source.empty()) || (to == nullptr && !filter.destination.empty())) return page;
  const Line* line = from == nullptr || (to != nullptr && to->size() < from->size()) ? to : from;
  if (line == nullptr) return page;

  const std::uint64_t alive =
      filter.nowMs - std::min(filter.nowMs, keepMs_);  // older records may still wait for a sweep
  const std::uint64_t start = std::max(filter.startMs, filter.nowMs < keepMs_ ? 0 : alive + 1);
  const auto begin = std::lower_bound(line->begin(), line->end(), start,
                                      [](const Entry& entry, std::uint64_t time) { return entry->timeMs < time; });
  const auto end = std::upper_bound(begin, line->end(), filter.endMs,
                                    [](std::uint64_t time, const Entry& entry) { return time < entry->timeMs; });
  std::size_t room = filter.bytes;
  bool full = false;
  const auto look = [&](const Entry& entry) {
    if (entry->channel ? !filter.channels : !filter.peers) return;
    if (!filter.source.empty() && entry->source != filter.source) return;
    if (!filter.destination.empty() && entry->destination != filter.destination) return;
    const std::uint32_t position = page.total++;
    full = full || page.records.size() >= filter.limit;
    if (position < filter.offset || full) return;
    const std::size_t size = historyBytes(*entry);
    full = size > room && !page.records.empty();
    if (full) return;  // pages have no holes: the records that follow wait for the next query too
    room -= std::min(room, size);
    page.records.push_back(entry);
  };
  if (filter.descending) {
    std::for_each(std::make_reverse_iterator(end), std::make_reverse_iterator(begin), look);
  } else {
    std::for_each(begin, end, look);
  }
  return page;
}

void MemoryHistory::tick(std::uint64_t nowMs) {
  const std::lock_guard lock(mutex_);
  for (auto& [number, app] : apps_) {
    for (std::size_t swept = 0; swept < kSweptRecords && !app.all.empty(); ++swept) {
      const std::uint64_t time = app.all.front()->timeMs;
      if (nowMs < time || nowMs - time < keepMs_) break;
      dropOldest(app);
    }
  }
}

void MemoryHistory::dropOldest(App& app) {
  const Entry oldest = std::move(app.all.front());
  app.all.pop_front();
  dropFirst(app.bySource, oldest->source);
  dropFirst(app.byDestination, oldest->destination);
  app.bytes -= costOf(*oldest);
}

}  // namespace rtm::server
