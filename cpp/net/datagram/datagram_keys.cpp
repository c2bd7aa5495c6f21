#include "net/datagram/datagram_keys.hpp"

#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>
#include <openssl/params.h>

#include <algorithm>
#include <string_view>

#include "net/transport/tls/tls_layer.hpp"

namespace rtm::net {
namespace {

constexpr std::string_view kExporterLabel = "EXPORTER-rtm-udp-1";

constexpr std::uint16_t kTlsAes128Gcm = 0x1301;
constexpr std::uint16_t kTlsAes256Gcm = 0x1302;
constexpr std::uint16_t kTlsChaCha20Poly1305 = 0x1303;

struct Cipher {
  EVP_CIPHER* native;
  std::size_t keyBytes;
};

/// Fetched once: a context that fetches its cipher itself takes a lock and memory of its own.
const Cipher& cipherOf(Aead aead) {
  static const std::array<Cipher, 3> kCiphers{{
      {EVP_CIPHER_fetch(nullptr, "AES-128-GCM", nullptr), 16},
      {EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr), 32},
      {EVP_CIPHER_fetch(nullptr, "ChaCha20-Poly1305", nullptr), 32},
  }};
  return kCiphers[static_cast<std::size_t>(aead)];
}

std::optional<Aead> aeadOf(std::uint16_t cipherSuite) {
  switch (cipherSuite) {
    case kTlsAes128Gcm:
      return Aead::Aes128Gcm;
    case kTlsAes256Gcm:
      return Aead::Aes256Gcm;
    case kTlsChaCha20Poly1305:
      return Aead::ChaCha20Poly1305;
    default:
      return std::nullopt;
  }
}

/// HKDF-Expand-Label of RFC 8446 §7.1 with SHA-256 and no context. `label` includes "tls13 ".
bool expandLabel(const Secret& secret, std::string_view label, MutableByteView out) {
  static EVP_KDF* const kHkdf = EVP_KDF_fetch(nullptr, "HKDF", nullptr);
  if (kHkdf == nullptr) return false;
  const std::unique_ptr<EVP_KDF_CTX, decltype(&EVP_KDF_CTX_free)> context(EVP_KDF_CTX_new(kHkdf), EVP_KDF_CTX_free);
  if (context == nullptr) return false;
  Bytes info{0, static_cast<std::uint8_t>(out.size()), static_cast<std::uint8_t>(label.size())};
  info.insert(info.end(), label.begin(), label.end());
  info.push_back(0);
  Secret key = secret;  // OpenSSL takes no const pointers, although it only reads
  char digest[] = "SHA256";
  int mode = EVP_KDF_HKDF_MODE_EXPAND_ONLY;
  const OSSL_PARAM parameters[] = {
      OSSL_PARAM_construct_int(OSSL_KDF_PARAM_MODE, &mode),
      OSSL_PARAM_construct_utf8_string(OSSL_KDF_PARAM_DIGEST, digest, 0),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_KEY, key.bytes.data(), key.bytes.size()),
      OSSL_PARAM_construct_octet_string(OSSL_KDF_PARAM_INFO, info.data(), info.size()),
      OSSL_PARAM_construct_end(),
  };
  return EVP_KDF_derive(context.get(), out.data(), out.size(), parameters) == 1;
}

int sizeOf(ByteView bytes) {
  return static_cast<int>(bytes.size());
}

}  // namespace

Secret::~Secret() {
  OPENSSL_cleanse(bytes.data(), bytes.size());
}

std::optional<DatagramSecrets> DatagramSecrets::of(const TlsLayer& layer) {
  const auto aead = aeadOf(layer.cipherSuite());
  std::array<std::uint8_t, 2 * sizeof(Secret::bytes)> both{};
  if (!aead || !layer.exportKeys(kExporterLabel, both)) return std::nullopt;
  DatagramSecrets secrets;
  secrets.aead = *aead;
  std::copy_n(both.begin(), sizeof(Secret::bytes), secrets.ofClient.bytes.begin());
  std::copy_n(both.begin() + sizeof(Secret::bytes), sizeof(Secret::bytes), secrets.ofServer.bytes.begin());
  OPENSSL_cleanse(both.data(), both.size());
  return secrets;
}

void DatagramKey::Free::operator()(evp_cipher_ctx_st* context) const {
  EVP_CIPHER_CTX_free(context);
}

std::optional<DatagramKey> DatagramKey::make(Aead aead, const Secret& secret, Use use) {
  const Cipher& cipher = cipherOf(aead);
  DatagramKey made;
  made.aead_ = aead;
  made.use_ = use;
  made.secret_ = secret;
  made.context_.reset(EVP_CIPHER_CTX_new());
  Secret key;
  const bool good =
      cipher.native != nullptr && made.context_ != nullptr && expandLabel(secret, "tls13 rtm iv", made.iv_) &&
      expandLabel(secret, "tls13 rtm key", MutableByteView(key.bytes).first(cipher.keyBytes)) &&
      EVP_CipherInit_ex(made.context_.get(), cipher.native, nullptr, key.bytes.data(), nullptr, use == Use::Seal) == 1;
  if (!good) {
    ERR_clear_error();
    return std::nullopt;
  }
  return made;
}

std::optional<DatagramKey> DatagramKey::next() const {
  Secret following;
  if (!expandLabel(secret_, "tls13 rtm ku", following.bytes)) return std::nullopt;
  return make(aead_, following, use_);
}

DatagramKey::Iv DatagramKey::nonceOf(std::uint64_t number) const {
  Iv nonce = iv_;
  for (std::size_t i = kIvBytes; number != 0; number >>= 8) nonce[--i] ^= static_cast<std::uint8_t>(number);
  return nonce;
}

bool DatagramKey::seal(std::uint64_t number, ByteView header, MutableByteView bytes, std::uint8_t* tag) {
  EVP_CIPHER_CTX* context = context_.get();
  const Iv nonce = nonceOf(number);
  int size = 0;
  return EVP_EncryptInit_ex(context, nullptr, nullptr, nullptr, nonce.data()) == 1 &&
         EVP_EncryptUpdate(context, nullptr, &size, header.data(), sizeOf(header)) == 1 &&
         (bytes.empty() || EVP_EncryptUpdate(context, bytes.data(), &size, bytes.data(), sizeOf(bytes)) == 1) &&
         EVP_EncryptFinal_ex(context, bytes.data() + bytes.size(), &size) == 1 &&
         EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_GET_TAG, kTagBytes, tag) == 1;
}

bool DatagramKey::open(std::uint64_t number, ByteView header, ByteView sealed, std::uint8_t* into) {
  EVP_CIPHER_CTX* context = context_.get();
  const Iv nonce = nonceOf(number);
  const ByteView bytes = sealed.first(sealed.size() - kTagBytes);
  std::array<std::uint8_t, kTagBytes> tag{};
  std::copy_n(sealed.end() - kTagBytes, kTagBytes, tag.begin());
  int size = 0;
  const bool good = EVP_DecryptInit_ex(context, nullptr, nullptr, nullptr, nonce.data()) == 1 &&
                    EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_AEAD_SET_TAG, kTagBytes, tag.data()) == 1 &&
                    EVP_DecryptUpdate(context, nullptr, &size, header.data(), sizeOf(header)) == 1 &&
                    (bytes.empty() || EVP_DecryptUpdate(context, into, &size, bytes.data(), sizeOf(bytes)) == 1) &&
                    EVP_DecryptFinal_ex(context, into + bytes.size(), &size) == 1;
  if (!good) ERR_clear_error();
  return good;
}

}  // namespace rtm::net
