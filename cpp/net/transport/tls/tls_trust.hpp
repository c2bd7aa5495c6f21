#pragma once

#include <string>

#include "base/result.hpp"

typedef struct ssl_ctx_st SSL_CTX;
typedef struct ssl_st SSL;
typedef struct x509_st X509;

namespace rtm::net {

struct TlsClientOptions;

/// Lower-case hex SHA-256 of the certificate (DER): what a pin holds.
std::string fingerprintOf(X509* certificate);

/// Loads the CAs that `options` names into `context`.
Result<bool> loadGivenCas(SSL_CTX* context, const TlsClientOptions& options);
/// Loads the system's CAs. Costs about 100 ms and 1 MiB, so call it only before a handshake with a server without a
/// pin. A system without CAs is not a failure here: the handshake will say that the issuer is unknown.
void loadSystemCas(SSL_CTX* context);

/// What one TLS session expects of its server, and the problem it found.
struct ServerCheck {
  std::string host;     ///< a name or an address; must not be empty
  std::string pin;      ///< lower-case hex SHA-256, or empty: CAs and host name
  std::string problem;  ///< why the server is not trusted; empty while there is no problem
};

/// Makes `context` check every server as the session's ServerCheck says.
void checkServers(SSL_CTX* context);

/// Binds `check` to `ssl`, which it must outlive. False: no host to check, or out of memory.
bool expectServer(SSL* ssl, ServerCheck* check);

/// Whether the server of a finished handshake is the expected one; if not, `check.problem` says why. Needed besides the
/// check within the handshake: a resumed session shows no certificate, and the certificate of the first one counts.
bool isTrusted(SSL* ssl, ServerCheck& check);

}  // namespace rtm::net
