#pragma once

// Blocking sockets that misbehave: they send single bytes or garbage, never read, never accept.
// Only loopback addresses.

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "net/transport/tls/tls_layer.hpp"

namespace rtm::net::test {

class RawSocket {
 public:
  /// Connects; fails the test if that is not possible.
  RawSocket(const std::string& host, std::uint16_t port);
  explicit RawSocket(int socket) : socket_(socket) {}
  RawSocket(RawSocket&& other) noexcept;
  ~RawSocket();
  RawSocket& operator=(const RawSocket&) = delete;

  /// False if the other side has gone.
  bool send(ByteView bytes);
  /// The next bytes; empty at the end of the stream, after a reset, or after the deadline.
  Bytes receive();
  /// Everything up to the end of the stream.
  Bytes receiveAll();
  /// A reset instead of an orderly end.
  void reset();
  void close();

 private:
  int socket_;
};

/// A TLS client that can cut its ciphertext as it likes.
class RawTlsClient {
 public:
  RawTlsClient(std::uint16_t port, std::shared_ptr<TlsClientContext> tls, const Endpoint& endpoint);
  bool handshake();
  /// The records that carry `plaintext`, not sent yet.
  Bytes encrypt(ByteView plaintext);
  RawSocket socket;
  bool holdLastFlight = false;  ///< handshake() then leaves the client's last bytes in heldBack
  Bytes heldBack;

 private:
  std::unique_ptr<TlsLayer> session_;
};

/// A listening socket whose owner accepts when asked, or never.
class RawListener {
 public:
  enum class Mode {
    Answers,    ///< accept() works
    Blackhole,  ///< the backlog is full: a SYN gets no answer at all
  };
  explicit RawListener(const std::string& host, Mode mode = Mode::Answers, std::uint16_t port = 0);
  ~RawListener();
  RawListener(const RawListener&) = delete;
  RawListener& operator=(const RawListener&) = delete;

  std::uint16_t port() const { return port_; }
  RawSocket accept();
  /// No connection arrived within `ms`.
  bool staysQuiet(int ms);

 private:
  int socket_;
  std::uint16_t port_ = 0;
  std::vector<int> fillers_;
};

}  // namespace rtm::net::test
