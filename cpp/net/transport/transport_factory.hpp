#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/move_function.hpp"
#include "base/result.hpp"
#include "net/transport/byte_transport.hpp"

namespace rtm::net {

class AddressTokens;
class IoLoop;
class SocketAddress;
class TlsClientContext;
class TlsServerContext;
struct Admission;
struct Endpoint;

/// Where to connect to. Valid during the call that gets it.
struct DialTarget {
  const Endpoint& endpoint;
  const SocketAddress& address;                  ///< one of the endpoint's addresses
  const std::shared_ptr<TlsClientContext>& tls;  ///< null if the client cannot speak TLS
  ByteView udpToken{};                           ///< what an earlier connection to this server brought; or empty
};

/// Where and how to listen.
struct ListenOptions {
  std::string scheme = "rtms";              ///< which factory listens: "rtms", "rtm" or a scheme that was added
  std::shared_ptr<TlsServerContext> tls{};  ///< certificate and key, for schemes with TLS
  std::string host = "::";  ///< an address; "::" listens on IPv6 and IPv4, on IPv4 alone where there is no IPv6
  std::uint16_t port = 0;   ///< 0: the system chooses
  bool reusePort = false;   ///< one listener per loop on the same port (SO_REUSEPORT)
  std::size_t sharers = 1;  ///< with reusePort: how many listeners there are; they begin one behind the other
  std::size_t sharer = 0;   ///< which of them this is
  int backlog = 1024;
  std::uint64_t handshakeTimeoutMs = 6000;
  std::shared_ptr<Admission> admission{};         ///< of the loop; null: the listener makes one with the default limits
  std::shared_ptr<const AddressTokens> tokens{};  ///< for UDP, of all loops; null: the listener makes its own
};

/// Accepts connections on one loop. Loop thread only; destroying it stops it.
class Acceptor {
 public:
  /// Takes each accepted transport, which is not open yet. May destroy the acceptor.
  using OnAccepted = MoveFunction<void(std::unique_ptr<ByteTransport>)>;
  /// Descriptors or memory have run out; `why` says which, and what to do. True: the call has freed some, so it is
  /// worth to accept again.
  using OnExhausted = MoveFunction<bool(const std::string& why)>;

  virtual ~Acceptor() = default;
  virtual std::uint16_t port() const = 0;
};

/// Makes the transports of one scheme. Any thread may call scheme() and secure(); the rest belongs to the loop given.
class TransportFactory {
 public:
  virtual ~TransportFactory() = default;

  /// "rtms" for endpoints of the form rtms://host.
  virtual std::string scheme() const = 0;
  /// Whether connections are encrypted and the server shows a certificate.
  virtual bool secure() const = 0;
  /// A transport whose open() connects. The failure's message is for the log.
  virtual Result<std::unique_ptr<ByteTransport>> dial(IoLoop& loop, const DialTarget& target) const = 0;
  /// The failure's code is an errno.
  virtual Result<std::unique_ptr<Acceptor>> listen(IoLoop& loop, const ListenOptions& options,
                                                   Acceptor::OnAccepted onAccepted,
                                                   Acceptor::OnExhausted onExhausted) const = 0;
};

}  // namespace rtm::net
