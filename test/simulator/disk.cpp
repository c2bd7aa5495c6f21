#include "simulator/disk.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "simulated/loops.hpp"

namespace rtm::simulator {

using simulated::Loops;

void DiskStore::later(MoveFunction<void(bool answers)> work) {
  lastMs_ = std::max(lastMs_, Loops::now() + simulated::nextRandom() % (disk_.mostMs + 1));
  submitted_->push_back(std::move(work));
  Loops::at(lastMs_, [submitted = submitted_] {
    if (submitted->empty()) return;  // the process has ended
    auto next = std::move(submitted->front());
    submitted->pop_front();
    next(true);
  });
}

void DiskStore::appendOffline(server::LoopHost& home, const server::ScopedName& receiver,
                              server::OfflineMessage message, MoveFunction<void(bool)> done) {
  later([disk = &disk_, refused = onRefused_, &home, app = receiver.app, name = std::string(receiver.name),
         kept = std::move(message), then = std::move(done)](bool answers) mutable {
    bool ok = false;
    if (!disk->fails) disk->kept.appendOffline(home, {app, name}, std::move(kept), [&ok](bool taken) { ok = taken; });
    if (!ok) refused();
    if (answers) home.post([ok, tell = std::move(then)]() mutable { tell(ok); });
  });
}

void DiskStore::loadOffline(server::LoopHost& home, const server::ScopedName& receiver, std::uint64_t nowMs,
                            MoveFunction<void(server::OfflinePage)> done) {
  later([disk = &disk_, &home, app = receiver.app, name = std::string(receiver.name), nowMs,
         then = std::move(done)](bool answers) mutable {
    server::OfflinePage page;
    if (!disk->unreadable) {
      disk->kept.loadOffline(home, {app, name}, nowMs, [&page](server::OfflinePage all) { page = std::move(all); });
    }
    if (answers) home.post([page, tell = std::move(then)]() mutable { tell(std::move(page)); });
  });
}

void DiskStore::removeOffline(server::LoopHost& home, const server::ScopedName& receiver, std::uint64_t first,
                              std::uint64_t last, MoveFunction<void(bool)> done) {
  later([disk = &disk_, &home, app = receiver.app, name = std::string(receiver.name), first, last,
         then = std::move(done)](bool answers) mutable {
    bool ok = false;
    disk->kept.removeOffline(home, {app, name}, first, last, [&ok](bool removed) { ok = removed; });
    if (answers) home.post([ok, tell = std::move(then)]() mutable { tell(ok); });
  });
}

void DiskStore::appendHistory(server::LoopHost& home, server::AppNumber app, server::HistoryRecord record,
                              MoveFunction<void(bool)> done) {
  later([disk = &disk_, &home, app, kept = std::move(record), then = std::move(done)](bool answers) mutable {
    bool ok = false;
    if (!disk->fails) disk->kept.appendHistory(home, app, std::move(kept), [&ok](bool taken) { ok = taken; });
    if (answers) home.post([ok, tell = std::move(then)]() mutable { tell(ok); });
  });
}

void DiskStore::queryHistory(server::LoopHost& home, server::HistoryFilter filter,
                             MoveFunction<void(server::HistoryPage)> done) {
  later([disk = &disk_, &home, asked = std::move(filter), then = std::move(done)](bool answers) mutable {
    server::HistoryPage page;
    disk->kept.queryHistory(home, std::move(asked), [&page](server::HistoryPage found) { page = std::move(found); });
    if (answers) home.post([page, tell = std::move(then)]() mutable { tell(std::move(page)); });
  });
}

void DiskStore::close() {
  Submitted rest = std::exchange(*submitted_, {});
  for (auto& work : rest) work(false);
}

}  // namespace rtm::simulator
