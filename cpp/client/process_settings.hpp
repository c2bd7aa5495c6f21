#pragma once

// Settings of the program for all its clients, and calls to their common I/O thread.

#include <memory>
#include <string>

#include "base/log.hpp"

namespace rtm::client {

/// CAs to trust in addition to the system's, for all clients that are created later. PEM. Node passes its own list.
void setExtraCertificateAuthorities(std::string pem);
std::string extraCertificateAuthorities();

/// Gets a copy of every line of a client's log, for the debug log of the host. Null: no observer.
void setLogObserver(LogSink sink);
LogSink logObserver();

/// Returns when the goodbyes of all released clients have left this process, or at once if the I/O thread never ran or
/// has ended. Not on the I/O thread. For the end of a process, which would otherwise cut the goodbyes off.
void awaitGoodbyes();

/// Work at the end of a turn of the I/O thread, when it has handled everything that its sockets had.
class TurnEnd {
 public:
  virtual void onTurnEnd() = 0;

 protected:
  ~TurnEnd() = default;
};
/// Calls `todo` at the end of the present turn of the I/O thread, and owns it until then. Call it at most once in a
/// turn. On any other thread it returns false and does nothing.
bool callAtTurnEnd(std::shared_ptr<TurnEnd> todo);

}  // namespace rtm::client
