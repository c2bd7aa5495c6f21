#pragma once

// What the program around the clients decides for all of them, and what it may ask of their common I/O thread.

#include <cstdint>
#include <memory>
#include <string>

#include "base/log.hpp"

namespace rtm::client {

/// CAs to trust besides the system's, for all clients created later (Node hands over its own list). PEM.
void setExtraCertificateAuthorities(std::string pem);
std::string extraCertificateAuthorities();

/// A copy of every line that goes to a client's log, for the debug log of the host. Null: none.
void setLogObserver(LogSink sink);
LogSink logObserver();

/// Regions of servers that clients may use: RTM_AREA_CODE bits; all, if nobody says otherwise. False while a client
/// lives: nothing has changed.
bool setAreaMask(std::uint32_t areas);
std::uint32_t areaMask();

/// Counts the clients that live, for setAreaMask().
void clientBegins();
void clientEnds();

/// Returns when the goodbyes of all clients released so far have left this process, or at once when the I/O thread
/// never ran or has ended. Not on the I/O thread. For the end of a process, which would cut them short.
void awaitGoodbyes();

/// Something to be done once when the I/O thread has handled everything that it found at its last look at its sockets.
class TurnEnd {
 public:
  virtual void onTurnEnd() = 0;

 protected:
  ~TurnEnd() = default;
};
/// Calls `todo` at the end of the present turn of the I/O thread, and holds it until then; to be given once a turn.
/// False, and nothing happens, on any other thread.
bool callAtTurnEnd(std::shared_ptr<TurnEnd> todo);

}  // namespace rtm::client
