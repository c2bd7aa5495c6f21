#include "server/bridge/bridge_store.hpp"

#include <memory>
#include <utility>

#include "server/bridge/bridge_records.hpp"
#include "server/bridge/history_page.hpp"

namespace rtm::server {
Bridge::Answered BridgeStore::plain(MoveFunction<void(bool)> finish) {
  return [this, done = std::move(finish)](RecordReader* in) mutable {
    if (!closed_) done(in != nullptr && in->complete());
  };
}

void BridgeStore::appendOffline(LoopHost& home, const ScopedName& receiver, OfflineMessage message,
                                MoveFunction<void(bool)> done) {
  const auto fill = [&](RecordWriter& out) { fillAppendOffline(out, receiver, message); };
  bridge_->ask(home, Operation::AppendOffline, fill, plain(std::move(done)));
}

void BridgeStore::loadOffline(LoopHost& home, const ScopedName& receiver, std::uint64_t nowMs,
                              MoveFunction<void(OfflinePage)> done) {
  const auto fill = [&](RecordWriter& out) { fillLoadOffline(out, receiver, nowMs); };
  bridge_->ask(home, Operation::LoadOffline, fill, [this, finish = std::move(done)](RecordReader* in) mutable {
    if (closed_) return;
    OfflinePage page;
    if (in != nullptr) {
      in->list([&page](RecordReader& item) {
        OfflineAnswer entry;
        read(item, entry);
        page.entries.push_back({entry.id, std::make_shared<const OfflineMessage>(std::move(entry.message))});
      });
      page.ok = in->complete();
      if (!page.ok) page.entries.clear();
    }
    finish(std::move(page));
  });
}

void BridgeStore::removeOffline(LoopHost& home, const ScopedName& receiver, std::uint64_t first, std::uint64_t last,
                                MoveFunction<void(bool)> done) {
  const auto fill = [&](RecordWriter& out) { fillRemoveOffline(out, receiver, first, last); };
  bridge_->ask(home, Operation::RemoveOffline, fill, plain(std::move(done)));
}

void BridgeStore::appendHistory(LoopHost& home, AppNumber app, HistoryRecord record, MoveFunction<void(bool)> done) {
  const auto fill = [&](RecordWriter& out) { fillAppendHistory(out, app, record); };
  bridge_->ask(home, Operation::AppendHistory, fill, plain(std::move(done)));
}

void BridgeStore::queryHistory(LoopHost& home, HistoryFilter filter, MoveFunction<void(HistoryPage)> done) {
  const auto fill = [&filter](RecordWriter& out) { fillQueryHistory(out, filter.app, filter); };
  bridge_->ask(home, Operation::QueryHistory, fill, [this, finish = std::move(done)](RecordReader* in) mutable {
    if (!closed_) finish(readHistoryPage(in));
  });
}

}  // namespace rtm::server
