#pragma once

namespace rtm::net {

/// What a failed connect was, for those who decide whether to try again.
enum class ConnectError {
  NoEndpoint,   ///< the list is empty (or nothing of it is in the allowed areas)
  Unresolved,   ///< no name resolved
  Unreachable,  ///< refused, timed out, no route, or closed before the handshake was done
  Untrusted,    ///< a server answered, but its certificate is wrong: trying again will not help
  NotTls,       ///< something answered that does not speak our TLS
};

}  // namespace rtm::net
