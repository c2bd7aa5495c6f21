#include "server/bridge/bridge_store.hpp"

#include <utility>

#include "server/bridge/bridge_records.hpp"

namespace rtm::server {
namespace {

OfflineEntry readOfflineEntry(RecordReader& in) {
  OfflineEntry entry;
  entry.id = in.number();
  OfflineMessage message;
  message.senderId = in.text();
  message.timeMs = in.number();
  message.requiredCapabilities = in.number();
  const ByteView content = in.bytes();
  message.content.assign(content.begin(), content.end());
  entry.message = std::make_shared<const OfflineMessage>(std::move(message));
  return entry;
}

HistoryRecord readHistoryRecord(RecordReader& in) {
  HistoryRecord record;
  record.source = in.text();
  record.destination = in.text();
  record.channel = in.flag();
  record.timeMs = in.number();
  record.text = in.text();
  return record;
}

}  // namespace

void writeHistoryFilter(RecordWriter& out, const HistoryFilter& filter) {
  out.word(placeOf(filter.app)).text(filter.source).text(filter.destination).flag(filter.peers).flag(filter.channels);
  out.number(filter.startMs).number(filter.endMs).number(filter.nowMs).word(filter.offset).word(filter.limit);
  out.number(filter.bytes).flag(filter.descending);
}

HistoryPage readHistoryPage(RecordReader* in) {
  HistoryPage page;
  if (in == nullptr) return page;
  page.total = in->word();
  in->list([&page](RecordReader& item) {
    page.records.push_back(std::make_shared<const HistoryRecord>(readHistoryRecord(item)));
  });
  page.ok = in->complete();
  if (!page.ok) page = {};
  return page;
}

Bridge::Answered BridgeStore::plain(MoveFunction<void(bool)> finish) {
  return [this, done = std::move(finish)](RecordReader* in) mutable {
    if (!closed_) done(in != nullptr && in->complete());
  };
}

void BridgeStore::appendOffline(LoopHost& home, const ScopedName& receiver, OfflineMessage message,
                                MoveFunction<void(bool)> done) {
  const auto fill = [&](RecordWriter& out) {
    out.word(placeOf(receiver.app)).text(receiver.name).text(message.senderId).number(message.timeMs);
    out.number(message.requiredCapabilities).bytes(message.content);
  };
  bridge_->ask(home, Operation::AppendOffline, fill, plain(std::move(done)));
}

void BridgeStore::loadOffline(LoopHost& home, const ScopedName& receiver, std::uint64_t nowMs,
                              MoveFunction<void(OfflinePage)> done) {
  const auto fill = [&](RecordWriter& out) { out.word(placeOf(receiver.app)).text(receiver.name).number(nowMs); };
  bridge_->ask(home, Operation::LoadOffline, fill, [this, finish = std::move(done)](RecordReader* in) mutable {
    if (closed_) return;
    OfflinePage page;
    if (in != nullptr) {
      in->list([&page](RecordReader& item) { page.entries.push_back(readOfflineEntry(item)); });
      page.ok = in->complete();
      if (!page.ok) page.entries.clear();
    }
    finish(std::move(page));
  });
}

void BridgeStore::removeOffline(LoopHost& home, const ScopedName& receiver, std::uint64_t first, std::uint64_t last,
                                MoveFunction<void(bool)> done) {
  const auto fill = [&](RecordWriter& out) {
    out.word(placeOf(receiver.app)).text(receiver.name).number(first).number(last);
  };
  bridge_->ask(home, Operation::RemoveOffline, fill, plain(std::move(done)));
}

void BridgeStore::appendHistory(LoopHost& home, AppNumber app, HistoryRecord record, MoveFunction<void(bool)> done) {
  const auto fill = [&](RecordWriter& out) {
    out.word(placeOf(app)).text(record.source).text(record.destination).flag(record.channel).number(record.timeMs);
    out.text(record.text);
  };
  bridge_->ask(home, Operation::AppendHistory, fill, plain(std::move(done)));
}

void BridgeStore::queryHistory(LoopHost& home, HistoryFilter filter, MoveFunction<void(HistoryPage)> done) {
  const auto fill = [&filter](RecordWriter& out) { writeHistoryFilter(out, filter); };
  bridge_->ask(home, Operation::QueryHistory, fill, [this, finish = std::move(done)](RecordReader* in) mutable {
    if (!closed_) finish(readHistoryPage(in));
  });
}

}  // namespace rtm::server
