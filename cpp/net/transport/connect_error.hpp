#pragma once

#include <string>

namespace rtm::net {

/// Why connecting failed: tells the owner whether another try can help.
enum class ConnectError {
  NoEndpoint,   ///< the list is empty (or none of its endpoints is in the allowed areas)
  Unresolved,   ///< no name resolved
  Unreachable,  ///< refused, timed out, no route, or closed before the handshake was done
  Untrusted,    ///< a server answered, but its certificate is wrong: trying again will not help
  NotTls,       ///< the server answered with bytes that are not our TLS
};

/// Why one connection never became ready to carry frames.
struct OpenFailure {
  ConnectError code;
  std::string detail;  ///< for the log
  bool connected;      ///< the other side had answered; the handshake failed
};

}  // namespace rtm::net
