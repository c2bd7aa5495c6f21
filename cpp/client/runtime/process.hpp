#pragma once

#include <memory>
#include <string>

#include "base/result.hpp"
#include "client/runtime/strand.hpp"
#include "net/loop/io_loop.hpp"
#include "net/transport/tls/tls_context.hpp"

namespace rtm::client {

class TurnEnd;

/// The parts that all clients of a process share: one I/O thread, the threads for events, and TLS contexts. The first
/// client makes them, and they stay until the process ends: waiting threads cost no CPU, and a thread could otherwise
/// end while it runs an event.
class Process {
 public:
  /// Null if the I/O thread cannot be started.
  static Process* instance();
  /// The same if it exists, else null.
  static Process* existing();

  net::IoLoop& loop() { return *loop_; }
  /// Loop thread only; see process_settings.hpp.
  void callAtTurnEnd(std::shared_ptr<TurnEnd> todo);
  std::shared_ptr<StrandPool::Strand> makeStrand();

  /// The context for `options`; clients with equal options share one (loading CAs takes milliseconds and memory).
  Result<std::shared_ptr<net::TlsClientContext>> tlsContext(const net::TlsClientOptions& options);

 private:
  struct Shared;
  explicit Process(std::unique_ptr<net::IoLoop> loop);
  static Process* find(bool make);
  static void stopBeforeTlsAtExit();

  std::unique_ptr<net::IoLoop> loop_;
  std::unique_ptr<Shared> shared_;
};

}  // namespace rtm::client
