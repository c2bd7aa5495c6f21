#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "net/transport/connect_error.hpp"
#include "net/transport/tls/tls_context.hpp"
#include "net/transport/tls/tls_trust.hpp"

namespace rtm::net {

struct Endpoint;

/// The TLS of one connection, without a socket: bytes in, bytes out. It reads ciphertext from the caller's
/// buffer and appends ciphertext to another of the caller's buffers, so that an idle layer owns no buffer.
class TlsLayer {
 public:
  enum class Status {
    Ok,         ///< bytes came out, or the handshake is done
    NeedsMore,  ///< all input was consumed
    Closed,     ///< the other side said that it sends no more
    Failed,     ///< error() says why; after a handshake, failureCode() says what that means
  };

  /// A layer that trusts `endpoint.pin`, or without one the context's CAs for the name `endpoint.host`.
  /// client() and server() return null only if there is no memory (or no host).
  static std::unique_ptr<TlsLayer> client(std::shared_ptr<TlsClientContext> context, const Endpoint& endpoint);
  static std::unique_ptr<TlsLayer> server(const TlsServerContext& context);
  /// Makes layers of a client's context hand the tickets they receive to its cache.
  static void keepTickets(SSL_CTX* context);
  ~TlsLayer();
  TlsLayer(const TlsLayer&) = delete;
  TlsLayer& operator=(const TlsLayer&) = delete;

  /// The ciphertext that the next calls consume. It must stay valid until one of them returns other than Ok.
  void feed(ByteView ciphertext) { input_ = ciphertext; }
  /// The part of the input that has not been consumed.
  ByteView rest() const { return input_; }

  // Each call appends the bytes that must be sent to `out`, also when it fails (an alert tells the other side why).

  Status handshake(Bytes& out);
  /// Fills `into` with the plaintext of all whole records; `count` is set in every case.
  Status read(MutableByteView into, std::size_t& count, Bytes& out);
  /// Encrypts all of `plaintext`, in as few records as possible.
  Status write(ByteView plaintext, Bytes& out);
  /// Tells the other side that no more comes.
  void close(Bytes& out);

  const std::string& error() const { return error_; }
  ConnectError failureCode() const { return failureCode_; }
  /// The handshake was shortened by a ticket of an earlier one.
  bool resumed() const;
  /// "TLSv1.3".
  std::string protocol() const;
  /// The number that TLS has for the cipher suite, 0x1301 for TLS_AES_128_GCM_SHA256; 0 before it is chosen.
  std::uint16_t cipherSuite() const;
  /// Fills `into` with bytes that only the two sides of this handshake know, for the use that `label` names (RFC 8446
  /// §7.5, without a context). False before the end of the handshake, and below TLS 1.3, where they may be those of
  /// another handshake.
  bool exportKeys(std::string_view label, MutableByteView into) const;

 private:
  struct Callbacks;
  friend struct Callbacks;
  explicit TlsLayer(SSL* ssl);
  bool attachBio();
  Status outcome(int result);

  std::shared_ptr<TlsClientContext> context_;  ///< client only: tickets go there, and it must outlive the layer
  SSL* ssl_;
  ByteView input_;
  Bytes* output_ = nullptr;  ///< during a call
  std::string ticketKey_;    ///< client only
  ServerCheck check_;        ///< client only
  std::string error_;
  ConnectError failureCode_ = ConnectError::Unreachable;
};

}  // namespace rtm::net
