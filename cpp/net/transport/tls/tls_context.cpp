#include "net/transport/tls/tls_context.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>

#include <climits>
#include <mutex>
#include <utility>

#include "net/transport/tls/tls_error.hpp"
#include "net/transport/tls/tls_layer.hpp"
#include "net/transport/tls/tls_tickets.hpp"
#include "net/transport/tls/tls_trust.hpp"
#include "net/transport/udp_servers.hpp"

namespace rtm::net {
namespace {

// "rtm/1" with its length before it, as ALPN lists it.
constexpr unsigned char kAlpn[] = {5, 'r', 't', 'm', '/', '1'};

// The groups for the key exchange, best first. OpenSSL would also take finite fields and larger curves: a single
// replayed ClientHello that asks for ffdhe8192 then costs the loop 110 ms and the sender nothing.
constexpr const char* kKeyExchangeGroups = "X25519:P-256";

using ContextPtr = std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)>;
using BioPtr = std::unique_ptr<BIO, decltype(&BIO_free)>;
using CertificatePtr = std::unique_ptr<X509, decltype(&X509_free)>;
using KeyPtr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

Failure tlsFailure(const std::string& what) {
  return {0, what + ": " + takeTlsError()};
}

/// The settings that both sides share.
ContextPtr makeContext(const SSL_METHOD* method, bool allowTls12) {
  ERR_clear_error();
  ContextPtr context(SSL_CTX_new(method), SSL_CTX_free);
  if (!context) return context;
  if (SSL_CTX_set1_groups_list(context.get(), kKeyExchangeGroups) != 1) return {nullptr, SSL_CTX_free};
  SSL_CTX_set_min_proto_version(context.get(), allowTls12 ? TLS1_2_VERSION : TLS1_3_VERSION);
  // A key of 128 bits is as far out of reach as one of 256, and costs a third less on the hot path.
  SSL_CTX_set_ciphersuites(context.get(), "TLS_AES_128_GCM_SHA256:TLS_CHACHA20_POLY1305_SHA256:TLS_AES_256_GCM_SHA384");
  SSL_CTX_set_cipher_list(context.get(), "ECDHE+AESGCM:ECDHE+CHACHA20");
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION);
  // Without RELEASE_BUFFERS an idle connection holds 34 KiB of record buffers.
  SSL_CTX_set_mode(context.get(),
                   SSL_MODE_RELEASE_BUFFERS | SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  return context;
}

int refusePassphrase(char*, int, int, void*) {
  return -1;  // OpenSSL's own default would ask on the terminal
}

BioPtr readerOf(std::string_view pem) {
  const int size = pem.size() > INT_MAX ? 0 : static_cast<int>(pem.size());
  return {BIO_new_mem_buf(pem.data(), size), BIO_free};
}

/// Puts certificate chain and key into `context`; returns the certificate's fingerprint.
Result<std::string> useIdentity(SSL_CTX* context, std::string_view certificatePem, std::string_view keyPem) {
  const BioPtr certificates = readerOf(certificatePem);
  const CertificatePtr own(PEM_read_bio_X509_AUX(certificates.get(), nullptr, refusePassphrase, nullptr), X509_free);
  if (!own) return tlsFailure("cannot read the server's certificate, expected PEM");
  if (SSL_CTX_use_certificate(context, own.get()) != 1) return tlsFailure("cannot use the server's certificate");
  while (X509* next = PEM_read_bio_X509(certificates.get(), nullptr, refusePassphrase, nullptr)) {
    const CertificatePtr issuer(next, X509_free);
    if (SSL_CTX_add1_chain_cert(context, next) != 1) return tlsFailure("cannot use the certificate's issuers");
  }
  ERR_clear_error();  // the end of the text is an error to the reader
  const KeyPtr key(PEM_read_bio_PrivateKey(readerOf(keyPem).get(), nullptr, refusePassphrase, nullptr), EVP_PKEY_free);
  if (!key) return tlsFailure("cannot read the server's private key, expected PEM without a passphrase");
  if (SSL_CTX_use_PrivateKey(context, key.get()) != 1 || SSL_CTX_check_private_key(context) != 1) {
    return tlsFailure("the private key does not belong to the certificate");
  }
  return fingerprintOf(own.get());
}

/// A client that offers protocols must offer ours. A client that offers none is accepted (proxies often drop the list).
int chooseProtocol(SSL*, const unsigned char** out, unsigned char* outSize, const unsigned char* offered,
                   unsigned offeredSize, void*) {
  unsigned char* chosen = nullptr;
  if (SSL_select_next_proto(&chosen, outSize, kAlpn, sizeof(kAlpn), offered, offeredSize) != OPENSSL_NPN_NEGOTIATED) {
    return SSL_TLSEXT_ERR_ALERT_FATAL;
  }
  *out = chosen;
  return SSL_TLSEXT_ERR_OK;
}

struct ServerIdentity {
  ContextPtr context{nullptr, SSL_CTX_free};
  std::string fingerprint;
};

Result<ServerIdentity> makeServerIdentity(std::string_view certificatePem, std::string_view keyPem, bool allowTls12) {
  ServerIdentity identity;
  identity.context = makeContext(TLS_server_method(), allowTls12);
  SSL_CTX* context = identity.context.get();
  if (context == nullptr) return tlsFailure("cannot create a TLS context");
  auto fingerprint = useIdentity(context, certificatePem, keyPem);
  if (!fingerprint) return fingerprint.failure();
  identity.fingerprint = std::move(fingerprint.value());
  SSL_CTX_set_alpn_select_cb(context, chooseProtocol, nullptr);
  // Tickets hold the session, so the server keeps no state. All loops share the context and with it the ticket keys.
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
  SSL_CTX_set_session_id_context(context, kAlpn, sizeof(kAlpn));
  SSL_CTX_set_num_tickets(context, 1);
  return identity;
}

}  // namespace

TlsClientContext::TlsClientContext(SSL_CTX* context, bool systemCas)
    : context_(context),
      systemCas_(systemCas),
      tickets_(std::make_unique<TicketCache>()),
      udpServers_(std::make_unique<UdpServers>()) {}

TlsClientContext::~TlsClientContext() {
  SSL_CTX_free(context_);
}

Result<std::shared_ptr<TlsClientContext>> TlsClientContext::create(const TlsClientOptions& options) {
  ContextPtr context = makeContext(TLS_client_method(), options.allowTls12);
  if (!context) return tlsFailure("cannot create a TLS context");
  if (SSL_CTX_set_alpn_protos(context.get(), kAlpn, sizeof(kAlpn)) != 0) return tlsFailure("cannot set ALPN");
  if (auto loaded = loadGivenCas(context.get(), options); !loaded) return loaded.failure();
  checkServers(context.get());
  TlsLayer::keepTickets(context.get());
  return std::shared_ptr<TlsClientContext>(new TlsClientContext(context.release(), options.systemCas));
}

void TlsClientContext::needCas() {
  if (systemCas_) std::call_once(systemCasLoaded_, [this] { loadSystemCas(context_); });
}

struct TlsServerContext::State {
  mutable std::mutex mutex;
  ServerIdentity identity;
  bool allowTls12 = false;
};

TlsServerContext::TlsServerContext(std::unique_ptr<State> state) : state_(std::move(state)) {}

TlsServerContext::~TlsServerContext() = default;

Result<std::shared_ptr<TlsServerContext>> TlsServerContext::create(std::string_view certificatePem,
                                                                   std::string_view keyPem, bool allowTls12) {
  auto identity = makeServerIdentity(certificatePem, keyPem, allowTls12);
  if (!identity) return identity.failure();
  auto state = std::make_unique<State>();
  state->identity = std::move(identity.value());
  state->allowTls12 = allowTls12;
  return std::shared_ptr<TlsServerContext>(new TlsServerContext(std::move(state)));
}

Result<bool> TlsServerContext::reload(std::string_view certificatePem, std::string_view keyPem) {
  auto identity = makeServerIdentity(certificatePem, keyPem, state_->allowTls12);
  if (!identity) return identity.failure();
  const std::lock_guard lock(state_->mutex);
  state_->identity = std::move(identity.value());
  return true;
}

SSL_CTX* TlsServerContext::acquire() const {
  const std::lock_guard lock(state_->mutex);
  SSL_CTX* context = state_->identity.context.get();
  SSL_CTX_up_ref(context);
  return context;
}

std::string TlsServerContext::fingerprint() const {
  const std::lock_guard lock(state_->mutex);
  return state_->identity.fingerprint;
}

}  // namespace rtm::net
