#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

#include "base/log.hpp"
#include "server/store/message_store.hpp"

namespace rtm::server {

/// Upper bounds of the classes that the times of appends are counted in, in microseconds; one class more for the rest.
inline constexpr std::array<std::uint64_t, 10> kAppendBoundsUs = {100,    500,    1'000,   2'500,     5'000,
                                                                  10'000, 25'000, 100'000, 1'000'000, 5'000'000};

/// What the store has done since the start.
struct StoreStats {
  std::uint64_t offlineMessages = 0;  ///< kept now, where the store knows it
  std::uint64_t appends = 0;          ///< messages given to it that it has answered, failures included
  std::uint64_t failures = 0;         ///< operations of any kind that failed
  std::uint64_t appendUs = 0;         ///< time of all appends together
  std::array<std::uint64_t, kAppendBoundsUs.size() + 1> appendTimes{};  ///< appends by their time
};

/// Another store, with its work counted and timed; failures are logged, at most one line in ten seconds.
class MeasuredStore final : public MessageStore {
 public:
  explicit MeasuredStore(std::shared_ptr<MessageStore> store, LogSink log = {})
      : store_(std::move(store)), log_(std::move(log)) {}

  void appendOffline(LoopHost& home, const ScopedName& receiver, OfflineMessage message,
                     MoveFunction<void(bool)> done) override;
  void loadOffline(LoopHost& home, const ScopedName& receiver, std::uint64_t nowMs,
                   MoveFunction<void(OfflinePage)> done) override;
  void removeOffline(LoopHost& home, const ScopedName& receiver, std::uint64_t first, std::uint64_t last,
                     MoveFunction<void(bool)> done) override;
  void appendHistory(LoopHost& home, AppNumber app, HistoryRecord record, MoveFunction<void(bool)> done) override;
  void queryHistory(LoopHost& home, HistoryFilter filter, MoveFunction<void(HistoryPage)> done) override;
  std::uint64_t offlineHeld() const override { return store_->offlineHeld(); }
  void tick(std::uint64_t nowMs) override { store_->tick(nowMs); }
  void close() override { store_->close(); }

  /// Any thread.
  StoreStats stats() const;

 private:
  MoveFunction<void(bool)> timed(MoveFunction<void(bool)> done);
  void count(bool ok);

  // Several loops count, so these are not the counters of one loop.
  std::atomic<std::uint64_t> failures_{0};
  std::atomic<std::uint64_t> appendUs_{0};
  std::array<std::atomic<std::uint64_t>, kAppendBoundsUs.size() + 1> appendTimes_{};
  std::atomic<std::uint64_t> toldFailures_{0};  ///< failures that a line of the log has told of
  std::atomic<std::int64_t> tellAgainMs_{0};    ///< monotonic: no line before, however many fail
  const std::shared_ptr<MessageStore> store_;
  const LogSink log_;
};

}  // namespace rtm::server
