#include "net/certificates.hpp"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <memory>

#include "net/resolve/socket_address.hpp"

namespace rtm::net::test {
namespace {

using BioPtr = std::unique_ptr<BIO, decltype(&BIO_free)>;
using KeyPtr = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using CertificatePtr = std::unique_ptr<X509, decltype(&X509_free)>;

BioPtr reader(const std::string& text) {
  return {BIO_new_mem_buf(text.data(), static_cast<int>(text.size())), BIO_free};
}

BioPtr writer() {
  return {BIO_new(BIO_s_mem()), BIO_free};
}

std::string textOf(const BioPtr& bio) {
  char* text = nullptr;
  const long size = BIO_get_mem_data(bio.get(), &text);
  return {text, static_cast<std::size_t>(size)};
}

KeyPtr keyOf(const std::string& pem) {
  return {PEM_read_bio_PrivateKey(reader(pem).get(), nullptr, nullptr, nullptr), EVP_PKEY_free};
}

CertificatePtr certificateOf(const std::string& pem) {
  return {PEM_read_bio_X509(reader(pem).get(), nullptr, nullptr, nullptr), X509_free};
}

void extend(X509* certificate, X509* issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx_nodb(&context);
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  ASSERT_NE(extension, nullptr);
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

}  // namespace

SelfSignedCertificate make(const CertificateRecipe& recipe) {
  static long serial = 1;
  const KeyPtr key(EVP_EC_gen("P-256"), EVP_PKEY_free);
  const CertificatePtr certificate(X509_new(), X509_free);
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), ++serial);
  X509_time_adj_ex(X509_getm_notBefore(certificate.get()), recipe.validFromDays, 0, nullptr);
  X509_time_adj_ex(X509_getm_notAfter(certificate.get()), recipe.validToDays, 0, nullptr);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* name = X509_get_subject_name(certificate.get());
  const auto* text = reinterpret_cast<const unsigned char*>(recipe.commonName.data());
  X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_UTF8, text, static_cast<int>(recipe.commonName.size()), -1, 0);

  const CertificatePtr issuer =
      recipe.issuer != nullptr ? certificateOf(recipe.issuer->certificatePem) : CertificatePtr(nullptr, X509_free);
  X509* issuedBy = issuer ? issuer.get() : certificate.get();
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuedBy));
  extend(certificate.get(), issuedBy, NID_basic_constraints, recipe.isCa ? "critical,CA:TRUE" : "critical,CA:FALSE");
  extend(certificate.get(), issuedBy, NID_subject_key_identifier, "hash");
  if (recipe.isCa) extend(certificate.get(), issuedBy, NID_key_usage, "critical,keyCertSign,cRLSign");
  std::string names;
  for (const std::string& host : recipe.hosts) {
    names += (names.empty() ? "" : ",") + std::string(SocketAddress::parse(host, 0) ? "IP:" : "DNS:") + host;
  }
  if (!names.empty()) extend(certificate.get(), issuedBy, NID_subject_alt_name, names);
  const KeyPtr issuerKey = recipe.issuer != nullptr ? keyOf(recipe.issuer->keyPem) : KeyPtr(nullptr, EVP_PKEY_free);
  EXPECT_NE(X509_sign(certificate.get(), issuerKey ? issuerKey.get() : key.get(), EVP_sha256()), 0);

  const BioPtr certificateText = writer();
  const BioPtr keyText = writer();
  PEM_write_bio_X509(certificateText.get(), certificate.get());
  PEM_write_bio_PrivateKey(keyText.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  return {textOf(certificateText), textOf(keyText)};
}

std::string withPassphrase(const std::string& keyPem) {
  const BioPtr text = writer();
  const unsigned char secret[] = {'s', 'e', 'c', 'r', 'e', 't'};
  PEM_write_bio_PrivateKey(text.get(), keyOf(keyPem).get(), EVP_aes_128_cbc(), secret, sizeof(secret), nullptr,
                           nullptr);
  return textOf(text);
}

}  // namespace rtm::net::test
