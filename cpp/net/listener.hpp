#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/move_function.hpp"
#include "base/result.hpp"
#include "net/link.hpp"
#include "net/tls_context.hpp"

namespace rtm::net {

struct ListenOptions {
  std::string host = "::";  ///< "::" listens on IPv6 and, where the system has it, IPv4 as well
  std::uint16_t port = 0;   ///< 0: the system chooses
  bool reusePort = false;   ///< SO_REUSEPORT: one listener per loop on the same port
  int backlog = 1024;
  std::uint64_t handshakeTimeoutMs = 6000;
  std::size_t maxHandshakes = 1024;  ///< under way at once; above it the listener stops accepting until some end
};

/// Accepts connections on one loop and hands over links whose TLS handshake is done. Loop thread only.
class Listener {
 public:
  using OnLink = MoveFunction<void(LinkHandle)>;

  /// `tls` null: plaintext (by explicit choice of the operator).
  static Result<std::unique_ptr<Listener>> listen(IoLoop& loop, const ListenOptions& options,
                                                  std::shared_ptr<TlsServerContext> tls, OnLink onLink);
  ~Listener();  ///< stops accepting, drops handshakes under way; links already handed over live on
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  std::uint16_t port() const;

 private:
  struct State;
  explicit Listener(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace rtm::net
