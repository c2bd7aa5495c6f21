#include "server/store/memory_history.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>

#include "server/model/store_constants.hpp"

namespace rtm::server {
namespace {

/// Cost of a line besides its name.
constexpr std::size_t kLineBytes = 128;
/// Most records that expire in one sweep.
constexpr std::size_t kSweptRecords = 1000;

std::size_t costOf(const HistoryRecord& record) {
  return kHistoryEntryBytes + record.source.size() + record.destination.size() + record.text.size();
}

/// No name has a NUL, so that no two lines share a name. An empty name stands for anybody.
std::string lineName(bool channel, std::string_view source, std::string_view destination) {
  std::string name;
  name.reserve(source.size() + destination.size() + 2);
  name += channel ? 'c' : 'p';
  name += source;
  name += '\0';
  name += destination;
  return name;
}

std::array<std::string, 3> linesOf(const HistoryRecord& record) {
  return {lineName(record.channel, record.source, {}), lineName(record.channel, {}, record.destination),
          lineName(record.channel, record.source, record.destination)};
}

}  // namespace

bool MemoryHistory::append(AppNumber number, HistoryRecord record) {
  const auto names = linesOf(record);
  const std::size_t cost = costOf(record);
  // The cost if the record begins all of its lines.
  std::size_t most = cost;
  for (const std::string& name : names) most += kLineBytes + name.size();
  if (most > bound_) return false;
  const std::lock_guard lock(mutex_);
  App& app = apps_[number];
  while (app.bytes + most > bound_) dropOldest(app);
  const NumberedRecord entry{std::make_shared<const HistoryRecord>(std::move(record)), ++app.lastNumber};
  app.all.insert(entry);
  app.bytes += cost;
  for (const std::string& name : names) {
    const auto [line, begun] = app.lines.try_emplace(name);
    line->second.insert(entry);
    if (begun) app.bytes += kLineBytes + name.size();
  }
  return true;
}

HistoryRange MemoryHistory::rangeOf(const App& app, const HistoryFilter& filter, bool channels) const {
  const auto found = app.lines.find(lineName(channels, filter.source, filter.destination));
  if (found == app.lines.end()) return {};
  const HistoryLine& line = found->second;
  // Older records may still wait for a sweep.
  const std::uint64_t alive = filter.nowMs < keepMs_ ? 0 : filter.nowMs - keepMs_ + 1;
  const std::size_t begin = line.rankOf(std::max(filter.startMs, alive));
  const std::size_t end = filter.endMs + 1 == 0 ? line.size() : line.rankOf(filter.endMs + 1);
  return {&line, begin, std::max(begin, end)};
}

HistoryPage MemoryHistory::query(const HistoryFilter& filter) const {
  HistoryPage page{.ok = true, .total = 0, .records = {}};
  if (filter.source.empty() && filter.destination.empty()) return page;
  const std::lock_guard lock(mutex_);
  const auto app = apps_.find(filter.app);
  if (app == apps_.end()) return page;
  const HistoryRange peers = filter.peers ? rangeOf(app->second, filter, false) : HistoryRange{};
  const HistoryRange channels = filter.channels ? rangeOf(app->second, filter, true) : HistoryRange{};
  const std::size_t total = peers.size() + channels.size();
  page.total = static_cast<std::uint32_t>(total);
  if (filter.limit == 0 || filter.offset >= total) return page;

  std::size_t fromPeers = shareOfFirst(peers, channels, filter.offset, filter.descending);
  std::size_t fromChannels = filter.offset - fromPeers;
  std::size_t room = filter.bytes;
  while (page.records.size() < filter.limit && fromPeers + fromChannels < total) {
    bool peer = fromChannels == channels.size();
    if (!peer && fromPeers < peers.size()) {
      const NumberedRecord& ofPeer = peers.at(fromPeers, filter.descending);
      const NumberedRecord& ofChannel = channels.at(fromChannels, filter.descending);
      peer = filter.descending ? ofChannel < ofPeer : ofPeer < ofChannel;
    }
    const auto& next = (peer ? peers.at(fromPeers, filter.descending) : channels.at(fromChannels, filter.descending));
    const std::size_t size = historyBytes(*next.record);
    // Pages have no holes: the records that follow wait for the next query.
    if (size > room && !page.records.empty()) break;
    room -= std::min(room, size);
    page.records.push_back(next.record);
    ++(peer ? fromPeers : fromChannels);
  }
  return page;
}

void MemoryHistory::tick(std::uint64_t nowMs) {
  const std::lock_guard lock(mutex_);
  for (auto& [number, app] : apps_) {
    for (std::size_t swept = 0; swept < kSweptRecords && app.all.size() != 0; ++swept) {
      const std::uint64_t time = app.all[0].timeMs();
      if (nowMs < time || nowMs - time < keepMs_) break;
      dropOldest(app);
    }
  }
}

/// All lines have the same order, so the oldest record is the first one of each of its lines.
void MemoryHistory::dropOldest(App& app) {
  const NumberedRecord oldest = app.all[0];
  app.all.popFirst();
  app.bytes -= costOf(*oldest.record);
  for (const std::string& name : linesOf(*oldest.record)) {
    const auto found = app.lines.find(name);
    found->second.popFirst();
    if (found->second.size() != 0) continue;
    app.bytes -= kLineBytes + name.size();
    app.lines.erase(found);
  }
}

}  // namespace rtm::server
