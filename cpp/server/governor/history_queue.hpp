#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>

#include "base/move_function.hpp"
#include "server/model/loop_host.hpp"
#include "server/model/names.hpp"

namespace rtm::server {

/// How many queries of the history run at a time, of all users of this process. The rest waits for a short time, and
/// the App IDs take turns, so that the queries of one App ID do not keep the queries of another from running. While
/// others wait, an App ID begins no query that would give it more than half of the places. When too many wait, the App
/// ID with the most gives way to an App ID with fewer. Any thread, but for attach() and detach(). Time comes in.
class HistoryQueue {
 public:
  static constexpr std::size_t kRunning = 8;
  static constexpr std::size_t kShare = kRunning / 2;  ///< of one App ID while others wait
  static constexpr std::size_t kWaiting = 64;
  static constexpr std::uint64_t kPatienceMs = 2000;

  /// True: run the query, and call leave() when it has ended. False: there are too many.
  using Answer = MoveFunction<void(bool mayRun)>;

  /// Loop `loop` asks from now on. Its answers come on its thread.
  void attach(std::uint32_t loop, LoopHost& host);
  /// No answer comes to this loop any more.
  void detach(std::uint32_t loop);

  /// `answer` is called before this returns, or later on the loop, or never after cancel(). `session`: whose query.
  void enter(std::uint32_t loop, AppNumber app, std::uint64_t session, std::uint64_t nowMs, Answer answer);
  /// A query of `app` that was allowed to run has ended.
  void leave(AppNumber app);
  /// The session is gone: its query need not run, if it has not begun.
  void cancel(std::uint64_t session);
  /// Now and then, on each loop: refuses what has waited too long there.
  void sweep(std::uint32_t loop, std::uint64_t nowMs);

  std::size_t running() const;
  std::size_t waiting() const;

 private:
  struct Waiter {
    std::uint32_t loop = 0;
    AppNumber app{};
    std::uint64_t session = 0;
    std::uint64_t sinceMs = 0;
    Answer answer;
  };

  template <typename Predicate>
  void removeIf(Predicate&& leaves);
  std::size_t runningOf(AppNumber app) const;
  /// Whose turn it is; requires that one waits.
  std::map<AppNumber, std::deque<Waiter>>::iterator findTurn();
  /// The next in turn; requires that one waits.
  Waiter takeNext();
  /// Makes place for a query of `app`; false: it has none.
  bool makePlace(AppNumber app);
  void post(Waiter waiter, bool mayRun);
  bool isAttached(std::uint32_t loop) const;

  mutable std::mutex mutex_;
  std::map<std::uint32_t, LoopHost*> hosts_;
  std::map<AppNumber, std::deque<Waiter>> waiting_;  ///< no queue is empty
  std::size_t waits_ = 0;
  std::size_t running_ = 0;
  std::map<AppNumber, std::size_t> runningOf_;  ///< no number is 0
  AppNumber served_{};                          ///< the App ID that had its turn last
};

}  // namespace rtm::server
