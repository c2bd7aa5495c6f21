#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <mutex>
#include <string>

#include "base/result.hpp"
#include "client/api/events.hpp"
#include "client/runtime/strand.hpp"
#include "net/loop/io_loop.hpp"
#include "net/transport/tls/tls_context.hpp"

namespace rtm::client {

class TurnEnd;

/// The threads that all clients of a process share: one for I/O, and the threads for events. The first client makes
/// them, and the last that leaves ends them; in Node they stay until the process ends. A child of fork() has none and
/// makes its own. See docs/decisions/022-processes.md.
class Process : public std::enable_shared_from_this<Process> {
 public:
  /// For one more client, which leaves once. Null: a thread cannot be started, or the process has come to its end.
  static std::shared_ptr<Process> join(Dispatch dispatch);
  ~Process();
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  /// The present one, or null.
  static std::shared_ptr<Process> existing();

  /// Any thread. For the last client it ends the threads, and returns when they have ended; on the I/O thread it has
  /// another thread do that. A thread that runs an event ends after the event.
  void leave();

  net::IoLoop& loop() { return *loop_; }
  /// Loop thread only; see process_settings.hpp.
  void callAtTurnEnd(std::shared_ptr<TurnEnd> todo);
  /// Not for Dispatch::Direct.
  std::shared_ptr<StrandPool::Strand> makeStrand();

  /// The context for `options`; clients with equal options share one (loading CAs takes milliseconds and memory). Lives
  /// as long as the process.
  static Result<std::shared_ptr<net::TlsClientContext>> tlsContext(const net::TlsClientOptions& options);

 private:
  struct Kept;
  struct AtTurnEnd;
  class Parking;

  explicit Process(std::unique_ptr<net::IoLoop> loop);
  bool startStrands();
  static void watchTheProcess();
  static void onProcessEnd();
  static void beforeFork();
  static void afterForkInParent();
  static void afterForkInChild();
  void end(std::chrono::milliseconds patience);

  const std::unique_ptr<net::IoLoop> loop_;
  std::unique_ptr<StrandPool> strands_;  ///< set once, under the mutex of Kept
  const std::unique_ptr<AtTurnEnd> atTurnEnd_;
  std::size_t clients_ = 0;  ///< under the mutex of Kept
  std::mutex endMutex_;
};

}  // namespace rtm::client
