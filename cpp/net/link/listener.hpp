#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/move_function.hpp"
#include "base/result.hpp"
#include "net/link/link.hpp"
#include "net/transport/tls/tls_context.hpp"

namespace rtm::net {

struct ListenOptions {
  std::string host = "::";  ///< an address; "::" listens on IPv6 and IPv4, on IPv4 alone where there is no IPv6
  std::uint16_t port = 0;   ///< 0: the system chooses
  bool reusePort = false;   ///< SO_REUSEPORT: one listener per loop on the same port
  int backlog = 1024;
  std::uint64_t handshakeTimeoutMs = 6000;
  std::size_t maxHandshakes = 1024;  ///< under way at once; above it the listener stops accepting until some end
};

/// What a listener has seen. Loop thread only.
struct ListenerCounters {
  std::uint64_t accepted = 0;
  std::uint64_t ready = 0;    ///< handed over
  std::uint64_t refused = 0;  ///< TLS handshakes that failed, were cut or took too long
};

/// Accepts connections on one loop and hands over links whose TLS handshake is done. Loop thread only.
class Listener {
 public:
  using OnLink = MoveFunction<void(LinkHandle)>;
  /// For the log: whose handshake failed, and why.
  using OnRefused = MoveFunction<void(const std::string& remote, const std::string& why)>;

  /// `tls` null: plaintext (by explicit choice of the operator). The failure's code is an errno.
  static Result<std::unique_ptr<Listener>> listen(IoLoop& loop, const ListenOptions& options,
                                                  std::shared_ptr<TlsServerContext> tls, OnLink onLink,
                                                  OnRefused onRefused = nullptr);
  ~Listener();  ///< stops accepting, drops handshakes under way; links already handed over live on
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  std::uint16_t port() const;
  const ListenerCounters& counters() const;

 private:
  struct State;
  explicit Listener(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace rtm::net
