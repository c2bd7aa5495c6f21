#pragma once

#include <memory>
#include <string>

#include "IAgoraRtmService.h"
#include "base/log.hpp"
#include "base/result.hpp"
#include "client/runtime/strand.hpp"
#include "net/loop/io_loop.hpp"
#include "net/transport/tls/tls_context.hpp"

namespace rtm::client {

class Service;
class TurnEnd;

/// What all services of a process share: the I/O thread (design D3), the threads for callbacks, TLS contexts, the area
/// mask, and the list of services that are alive. Made at the first service, kept until the process ends: threads that
/// wait cost nothing, and a thread that may end under a running callback is a trap.
class Process {
 public:
  /// Null if the I/O thread cannot be started.
  static Process* instance();
  /// The same if there is one already, else null.
  static Process* existing();

  net::IoLoop& loop() { return *loop_; }
  /// Loop thread only; see factory.hpp.
  void callAtTurnEnd(std::shared_ptr<TurnEnd> todo);
  std::shared_ptr<StrandPool::Strand> makeStrand();

  /// The context for `options`; services with equal options share one (loading CAs takes milliseconds and memory).
  Result<std::shared_ptr<net::TlsClientContext>> tlsContext(const net::TlsClientOptions& options);

 private:
  struct Shared;
  explicit Process(std::unique_ptr<net::IoLoop> loop);
  static Process* find(bool make);
  static void stopBeforeTlsAtExit();

  std::unique_ptr<net::IoLoop> loop_;
  std::unique_ptr<Shared> shared_;
};

/// Services between creation and release. A second release of the same pointer, and a context set while services
/// exist, are told by this list.
namespace live_services {
void add(Service* service);
/// False if it is not in the list (any more).
bool remove(Service* service);
bool empty();
}  // namespace live_services

/// The area mask and proxy type in force (setRtmServiceContext).
agora::rtm::RtmServiceContext serviceContext();

/// PEM of setExtraCertificateAuthorities, and the observer of setLogObserver.
std::string extraCertificateAuthorities();
LogSink logObserver();

}  // namespace rtm::client
