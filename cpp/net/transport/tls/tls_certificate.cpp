#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include <memory>

#include "net/resolve/socket_address.hpp"
#include "net/transport/tls/tls_context.hpp"
#include "net/transport/tls/tls_error.hpp"

namespace rtm::net {
namespace {

constexpr int kMaxDays = 36500;
constexpr long kBackdateSeconds = 3600;  // a client whose clock is a little behind must not refuse a new certificate

using CertificatePtr = std::unique_ptr<X509, decltype(&X509_free)>;
using KeyPtr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using BioPtr = std::unique_ptr<BIO, decltype(&BIO_free)>;

bool addExtension(X509* certificate, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, certificate, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  const bool added = extension != nullptr && X509_add_ext(certificate, extension, -1) == 1;
  X509_EXTENSION_free(extension);
  return added;
}

bool setRandomSerial(X509* certificate) {
  unsigned char bytes[16];
  if (RAND_bytes(bytes, sizeof(bytes)) != 1) return false;
  bytes[0] = (bytes[0] & 0x7f) | 0x40;  // positive, and always 16 bytes
  BIGNUM* number = BN_bin2bn(bytes, sizeof(bytes), nullptr);
  const bool set = number != nullptr && BN_to_ASN1_INTEGER(number, X509_get_serialNumber(certificate)) != nullptr;
  BN_free(number);
  return set;
}

bool setName(X509* certificate, const std::string& commonName) {
  X509_NAME* name = X509_get_subject_name(certificate);
  const auto* text = reinterpret_cast<const unsigned char*>(commonName.data());
  // At most 64 bytes by the standard; the names that count stand in subjectAltName.
  const int size = static_cast<int>(commonName.size() > 64 ? 64 : commonName.size());
  return X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, text, size, -1, 0) == 1 &&
         X509_set_issuer_name(certificate, name) == 1;
}

bool fill(X509* certificate, EVP_PKEY* key, const std::vector<std::string>& hosts, const std::string& alternatives,
          int days) {
  return X509_set_version(certificate, 2) == 1 && setRandomSerial(certificate) &&
         X509_gmtime_adj(X509_getm_notBefore(certificate), -kBackdateSeconds) != nullptr &&
         X509_time_adj_ex(X509_getm_notAfter(certificate), days, 0, nullptr) != nullptr &&
         setName(certificate, hosts.front()) && X509_set_pubkey(certificate, key) == 1 &&
         addExtension(certificate, NID_basic_constraints, "critical,CA:FALSE") &&
         addExtension(certificate, NID_key_usage, "critical,digitalSignature") &&
         addExtension(certificate, NID_ext_key_usage, "serverAuth") &&
         addExtension(certificate, NID_subject_key_identifier, "hash") &&
         addExtension(certificate, NID_subject_alt_name, alternatives) &&
         X509_sign(certificate, key, EVP_sha256()) != 0;
}

std::string contentOf(BIO* bio) {
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio, &text);
  return {text, static_cast<std::size_t>(size)};
}

}  // namespace

Result<SelfSignedCertificate> makeSelfSignedCertificate(const std::vector<std::string>& hosts, int days) {
  if (hosts.empty()) return Failure{0, "a certificate needs at least one host name or address"};
  if (days < 1 || days > kMaxDays) {
    return Failure{0, "days: " + std::to_string(days) + ", expected 1 to " + std::to_string(kMaxDays)};
  }
  std::string alternatives;
  for (const std::string& host : hosts) {
    // The list is parsed by OpenSSL's configuration reader: a comma would begin another entry.
    if (host.empty() || host.find_first_of(", \t\r\n") != std::string::npos) {
      return Failure{0, "host \"" + host + "\" cannot stand in a certificate"};
    }
    if (!alternatives.empty()) alternatives += ',';
    alternatives += (SocketAddress::parse(host, 0) ? "IP:" : "DNS:") + host;
  }

  ERR_clear_error();
  const KeyPtr key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const CertificatePtr certificate(X509_new(), X509_free);
  if (!key || !certificate || !fill(certificate.get(), key.get(), hosts, alternatives, days)) {
    return Failure{0, "cannot make a certificate: " + takeTlsError()};
  }
  const BioPtr certificateText(BIO_new(BIO_s_mem()), BIO_free);
  const BioPtr keyText(BIO_new(BIO_s_mem()), BIO_free);
  if (PEM_write_bio_X509(certificateText.get(), certificate.get()) != 1 ||
      PEM_write_bio_PrivateKey(keyText.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr) != 1) {
    return Failure{0, "cannot write the certificate: " + takeTlsError()};
  }
  return SelfSignedCertificate{contentOf(certificateText.get()), contentOf(keyText.get())};
}

}  // namespace rtm::net
