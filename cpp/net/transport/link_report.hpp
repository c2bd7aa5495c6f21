#pragma once

#include <string>

namespace rtm::net {

/// Why a link ended.
enum class LinkEndCause {
  PeerClosed,    ///< orderly end by the other side
  NetworkError,  ///< reset, unreachable, timed out by the kernel …
  TlsError,      ///< broken record or alert
  Malformed,     ///< a frame over the limit, or bytes that are no frame
  QueueFull,     ///< the other side reads too slowly: the out-queue passed its bound
};

struct LinkEnd {
  LinkEndCause cause;
  std::string detail;  ///< for the log
};

/// How a link is protected, for logs and diagnostics.
struct LinkInfo {
  bool tls = false;
  bool resumed = false;  ///< the handshake was shortened by a session ticket
  std::string protocol;  ///< "TLSv1.3", empty for plaintext
};

}  // namespace rtm::net
