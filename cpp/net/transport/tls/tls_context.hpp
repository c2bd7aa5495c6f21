#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

// OpenSSL's types, forward-declared: only tls_*.cpp include its headers.
typedef struct ssl_ctx_st SSL_CTX;

namespace rtm::net {

class TicketCache;
class UdpServers;

struct TlsClientOptions {
  bool allowTls12 = false;  ///< default: TLS 1.3 only
  std::string caPem;        ///< CAs to trust besides (or, with systemCas = false, instead of) the system's
  std::string caFile;       ///< the same, from a file
  bool systemCas = true;    ///< OpenSSL's default path, else the distributions' known bundle files
};

/// Verification settings, session tickets and what servers have said about UDP, shared by all links of a process. Any
/// thread.
class TlsClientContext {
 public:
  static Result<std::shared_ptr<TlsClientContext>> create(const TlsClientOptions& options);
  ~TlsClientContext();
  TlsClientContext(const TlsClientContext&) = delete;
  TlsClientContext& operator=(const TlsClientContext&) = delete;
  SSL_CTX* native() const { return context_; }
  TicketCache& tickets() const { return *tickets_; }
  UdpServers& udpServers() const { return *udpServers_; }
  /// Loads the system's CAs if they are wanted and not loaded yet: before a handshake with a server without a pin.
  void needCas();

 private:
  TlsClientContext(SSL_CTX* context, bool systemCas);
  SSL_CTX* context_;
  bool systemCas_;
  std::once_flag systemCasLoaded_;
  std::unique_ptr<TicketCache> tickets_;
  std::unique_ptr<UdpServers> udpServers_;
};

/// The server's certificate and key. reload() takes effect for handshakes that begin later, and ends the tickets given
/// out before: a client that returns then sees the new certificate. Any thread.
class TlsServerContext {
 public:
  /// `certificatePem`: the server's certificate, then its issuers up to the CA. Keys with a passphrase are refused.
  static Result<std::shared_ptr<TlsServerContext>> create(std::string_view certificatePem, std::string_view keyPem,
                                                          bool allowTls12 = false);
  ~TlsServerContext();
  Result<bool> reload(std::string_view certificatePem, std::string_view keyPem);
  /// The context for one new handshake; the caller returns it with SSL_CTX_free.
  SSL_CTX* acquire() const;
  /// Lower-case hex SHA-256 of the certificate (DER): what a pin holds.
  std::string fingerprint() const;

 private:
  struct State;
  explicit TlsServerContext(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

struct SelfSignedCertificate {
  std::string certificatePem;
  std::string keyPem;
};

/// A new P-256 key and a certificate for `hosts` (names and addresses), valid for `days`: for development servers.
Result<SelfSignedCertificate> makeSelfSignedCertificate(const std::vector<std::string>& hosts, int days);

}  // namespace rtm::net
