#include "net/transport/tls/tls_trust.hpp"

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>
#include <unistd.h>

#include <array>
#include <cstdlib>
#include <memory>

#include "base/hex.hpp"
#include "net/transport/tls/tls_context.hpp"
#include "net/transport/tls/tls_error.hpp"

namespace rtm::net {
namespace {

// The files in which distributions keep the CAs. The OpenSSL inside Node was built on another machine, and its own
// default path often does not exist here.
constexpr std::array kBundles = {
    "/etc/ssl/certs/ca-certificates.crt",  // Debian, Ubuntu, Alpine, Arch
    "/etc/pki/tls/certs/ca-bundle.crt",    // Fedora, RHEL
    "/etc/ssl/ca-bundle.pem",              // openSUSE
    "/etc/ssl/cert.pem",                   // Alpine without the package, macOS, BSD
};

int checkIndex() {
  static const int index = SSL_get_ex_new_index(0, nullptr, nullptr, nullptr, nullptr);
  return index;
}

std::string describe(X509* certificate, const std::string& problem) {
  return problem + " (it showed sha256=" + fingerprintOf(certificate) + ")";
}

/// Replaces OpenSSL's whole chain verification. A pin replaces all of it: a program that pins a certificate has decided
/// for exactly these bytes, whatever their dates, names and issuer.
int verifyServer(X509_STORE_CTX* store, void*) {
  const auto* ssl = static_cast<const SSL*>(X509_STORE_CTX_get_ex_data(store, SSL_get_ex_data_X509_STORE_CTX_idx()));
  auto* check = static_cast<ServerCheck*>(SSL_get_ex_data(ssl, checkIndex()));
  X509* certificate = X509_STORE_CTX_get0_cert(store);
  if (check == nullptr || certificate == nullptr) return 0;
  if (!check->pin.empty()) {
    if (fingerprintOf(certificate) == check->pin) {
      X509_STORE_CTX_set_error(store, X509_V_OK);
      return 1;
    }
    X509_STORE_CTX_set_error(store, X509_V_ERR_APPLICATION_VERIFICATION);
    check->problem = describe(certificate, "the certificate is not the pinned one, sha256=" + check->pin);
    return 0;
  }
  if (X509_verify_cert(store) == 1) return 1;
  const int error = X509_STORE_CTX_get_error(store);
  const bool wrongName = error == X509_V_ERR_HOSTNAME_MISMATCH || error == X509_V_ERR_IP_ADDRESS_MISMATCH;
  check->problem = describe(certificate, wrongName ? "the certificate is not for " + check->host
                                                   : std::string(X509_verify_cert_error_string(error)));
  return 0;
}

bool loadPem(X509_STORE* store, const std::string& pem) {
  const std::unique_ptr<BIO, decltype(&BIO_free)> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())),
                                                      BIO_free);
  bool any = false;
  while (X509* certificate = PEM_read_bio_X509_AUX(bio.get(), nullptr, nullptr, nullptr)) {
    any = X509_STORE_add_cert(store, certificate) == 1 || any;
    X509_free(certificate);
  }
  ERR_clear_error();  // the end of the text is an error to the reader
  return any;
}

}  // namespace

std::string fingerprintOf(X509* certificate) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (X509_digest(certificate, EVP_sha256(), digest.data(), &size) != 1) return {};
  return toHex(ByteView(digest).first(size));
}

Result<bool> loadGivenCas(SSL_CTX* context, const TlsClientOptions& options) {
  if (!options.caPem.empty() && !loadPem(SSL_CTX_get_cert_store(context), options.caPem)) {
    return Failure{0, "the given CA text holds no certificate, expected PEM"};
  }
  if (!options.caFile.empty() && SSL_CTX_load_verify_locations(context, options.caFile.c_str(), nullptr) != 1) {
    return Failure{0, "cannot read CA certificates from " + options.caFile + ": " + takeTlsError()};
  }
  return true;
}

void loadSystemCas(SSL_CTX* context) {
  const bool chosen =
      getenv(X509_get_default_cert_file_env()) != nullptr || getenv(X509_get_default_cert_dir_env()) != nullptr;
  if (!chosen && access(X509_get_default_cert_file(), R_OK) != 0) {
    for (const char* bundle : kBundles) {
      if (access(bundle, R_OK) == 0 && SSL_CTX_load_verify_locations(context, bundle, nullptr) == 1) return;
    }
  }
  SSL_CTX_set_default_verify_paths(context);
  ERR_clear_error();  // each of these files is optional
}

void checkServers(SSL_CTX* context) {
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, nullptr);
  SSL_CTX_set_cert_verify_callback(context, verifyServer, nullptr);
}

bool expectServer(SSL* ssl, ServerCheck* check) {
  if (check->host.empty()) return false;  // OpenSSL takes an empty name for "any name"
  if (SSL_set_ex_data(ssl, checkIndex(), check) != 1) return false;
  if (!check->pin.empty()) return true;
  X509_VERIFY_PARAM* parameters = SSL_get0_param(ssl);
  // Only subjectAltName names hosts. A CA that checks these names may let any text stand as common name (RFC 9525 §2).
  X509_VERIFY_PARAM_set_hostflags(parameters,
                                  X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS | X509_CHECK_FLAG_NEVER_CHECK_SUBJECT);
  if (X509_VERIFY_PARAM_set1_ip_asc(parameters, check->host.c_str()) == 1) return true;
  ERR_clear_error();  // it is a name
  return X509_VERIFY_PARAM_set1_host(parameters, check->host.data(), check->host.size()) == 1;
}

bool isTrusted(SSL* ssl, ServerCheck& check) {
  const std::unique_ptr<X509, decltype(&X509_free)> certificate(SSL_get1_peer_certificate(ssl), X509_free);
  if (certificate == nullptr) {
    check.problem = "the server showed no certificate";
  } else if (!check.pin.empty()) {
    if (fingerprintOf(certificate.get()) != check.pin) {
      check.problem = describe(certificate.get(), "the certificate is not the pinned one, sha256=" + check.pin);
    }
  } else if (const long verdict = SSL_get_verify_result(ssl); verdict != X509_V_OK) {
    check.problem = describe(certificate.get(), X509_verify_cert_error_string(verdict));
  } else if (X509_cmp_current_time(X509_get0_notAfter(certificate.get())) < 0) {
    check.problem = describe(certificate.get(), "the certificate has expired since the last full handshake");
  }
  return check.problem.empty();
}

}  // namespace rtm::net
