#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/move_function.hpp"
#include "base/result.hpp"
#include "net/connect/connect_attempt.hpp"
#include "net/link/link.hpp"
#include "net/resolve/endpoint.hpp"
#include "net/resolve/socket_address.hpp"
#include "net/transport/connect_error.hpp"
#include "net/transport/tls/tls_context.hpp"

namespace rtm::net {

struct ConnectOptions {
  std::vector<Endpoint> endpoints;  ///< in order of preference
  /// The address of all endpoints, used instead of a lookup of their names: another connection to a server that was
  /// found before. Certificates are still checked against the names.
  std::optional<SocketAddress> address;
  std::uint64_t attemptDelayMs = 250;     ///< RFC 8305 connection attempt delay
  bool datagrams = true;                  ///< false: UDP is not tried, and an endpoint of UDP alone is none
  bool datagramsFirst = false;            ///< UDP begins at once, and not after the delay: TCP did not help last time
  std::uint64_t attemptTimeoutMs = 5000;  ///< for one address: TCP and TLS handshake
  std::uint64_t resolveTimeoutMs = 5000;  ///< for one name and family
  /// Called for each attempt without a link, at the moment of its end: it failed, or it was given up because another
  /// attempt was faster or the search ended. On the loop, also from the connector's destructor; must not call the
  /// connector. May be empty.
  std::function<void(const ConnectAttempt&, const std::string& result)> onLost;
};

/// The server that won a race.
struct Found {
  Endpoint endpoint;
  SocketAddress address;
};

/// Endpoints that take UDP are tried by UDP, too, a delay later. Races all addresses of all endpoints (RFC 8305: both
/// families at once, IPv6 first, families alternate, the next attempt after 250 ms, 2 s once an address has answered,
/// or at once on a failure; the winner of the TLS handshake cancels the rest). Loop thread only. Destroying the
/// connector cancels everything; the callback is then not called.
class Connector {
 public:
  /// `Failure::code` is a ConnectError; its message names each attempt on one line.
  using Callback = MoveFunction<void(Result<LinkHandle>)>;

  Connector(IoLoop& loop, std::shared_ptr<TlsClientContext> tls, ConnectOptions options, Callback callback);
  ~Connector();
  Connector(const Connector&) = delete;
  Connector& operator=(const Connector&) = delete;

  void start();
  /// The attempt that made the link. Valid inside a successful callback and after it.
  const ConnectAttempt& winner() const;

  /// The server at the other end of the link. Valid inside a successful callback and after it.
  const Found& found() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace rtm::net
