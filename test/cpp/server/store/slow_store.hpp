#pragma once

// A store that takes effect at once and in order, and reports it when the test says so: late, out of turn, or never. It
// fails when told.

#include <functional>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "server/engine/seam/engine.hpp"
#include "server/store/memory_store.hpp"

namespace rtm::server {

class SlowStore final : public MessageStore {
 public:
  explicit SlowStore(const Retention& retention = {}) : inner(retention) {}

  void appendOffline(LoopHost& home, const ScopedName& receiver, OfflineMessage message,
                     MoveFunction<void(bool)> done) override {
    bool ok = false;
    if (!fails("append")) inner.appendOffline(home, receiver, std::move(message), [&](bool taken) { ok = taken; });
    later(home, "append", [ok, finish = std::move(done)]() mutable { finish(ok); });
  }
  void loadOffline(LoopHost& home, const ScopedName& receiver, std::uint64_t nowMs,
                   MoveFunction<void(OfflinePage)> done) override {
    OfflinePage page;
    if (!fails("load")) inner.loadOffline(home, receiver, nowMs, [&](OfflinePage loaded) { page = std::move(loaded); });
    later(home, "load", [page, finish = std::move(done)]() mutable { finish(std::move(page)); });
  }
  void removeOffline(LoopHost& home, const ScopedName& receiver, std::uint64_t first, std::uint64_t last,
                     MoveFunction<void(bool)> done) override {
    const bool ok = !fails("remove");
    if (ok) inner.removeOffline(home, receiver, first, last, [](bool) {});
    later(home, "remove", [ok, finish = std::move(done)]() mutable { finish(ok); });
  }
  void appendHistory(LoopHost& home, AppNumber app, HistoryRecord record, MoveFunction<void(bool)> done) override {
    bool ok = false;
    if (!fails("history")) inner.appendHistory(home, app, std::move(record), [&](bool taken) { ok = taken; });
    later(home, "history", [ok, finish = std::move(done)]() mutable { finish(ok); });
  }
  void queryHistory(LoopHost& home, HistoryFilter filter, MoveFunction<void(HistoryPage)> done) override {
    inner.queryHistory(home, std::move(filter), std::move(done));
  }

  /// Completes one of the operations that wait, on its loop.
  void complete(std::size_t position = 0) {
    Waiting next = std::move(waiting[position]);
    waiting.erase(waiting.begin() + static_cast<std::ptrdiff_t>(position));
    next.home->post(std::move(next.task));
  }
  void completeAll() {
    while (!waiting.empty()) complete();
  }
  /// What waits: "append", "load", "remove", "history".
  std::vector<std::string> names() const {
    std::vector<std::string> names;
    for (const Waiting& each : waiting) names.push_back(each.name);
    return names;
  }

  struct Waiting {
    std::string name;
    LoopHost* home = nullptr;
    Task task;
  };
  MemoryStore inner;
  std::vector<Waiting> waiting;
  std::function<bool(const std::string&)> fails = [](const std::string&) { return false; };
  bool slow = true;  ///< false: completes before the call returns

 private:
  void later(LoopHost& home, const std::string& name, Task task) {
    if (!slow) return task();
    waiting.push_back({name, &home, std::move(task)});
  }
};

}  // namespace rtm::server
