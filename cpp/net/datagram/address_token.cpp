#include "net/datagram/address_token.hpp"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>

namespace rtm::net {
namespace {

constexpr std::size_t kTimeBytes = 6;
constexpr std::size_t kSignedBytes = 1 + kTimeBytes;

template <std::size_t size>
void putNumber(std::uint64_t number, std::uint8_t* into) {
  for (std::size_t i = size; i > 0; number >>= 8) into[--i] = static_cast<std::uint8_t>(number);
}

evp_mac_ctx_st* newContext() {
  static EVP_MAC* const kSipHash = EVP_MAC_fetch(nullptr, "SIPHASH", nullptr);
  return kSipHash == nullptr ? nullptr : EVP_MAC_CTX_new(kSipHash);
}

}  // namespace

void AddressTokens::Free::operator()(evp_mac_ctx_st* context) const {
  EVP_MAC_CTX_free(context);
}

AddressTokens::AddressTokens(const Key& key) : key_(key), context_(newContext()) {}

AddressTokens::AddressTokens(const AddressTokens& other) : AddressTokens(other.key_) {}

AddressTokens& AddressTokens::operator=(const AddressTokens& other) {
  key_ = other.key_;  // the context has no key between two calls
  return *this;
}

AddressTokens::~AddressTokens() {
  OPENSSL_cleanse(key_.data(), key_.size());
}

std::optional<AddressTokens> AddressTokens::create() {
  Key key{};
  if (RAND_bytes(key.data(), static_cast<int>(key.size())) != 1) {
    ERR_clear_error();
    return std::nullopt;
  }
  auto tokens = withKey(key);
  OPENSSL_cleanse(key.data(), key.size());
  return tokens;
}

std::optional<AddressTokens> AddressTokens::withKey(const Key& key) {
  AddressTokens tokens(key);
  if (!tokens.hashOf({}, {})) {
    ERR_clear_error();
    return std::nullopt;
  }
  return tokens;
}

std::optional<AddressTokens::Hash> AddressTokens::hashOf(ByteView signedPart, const AddressPrefix& prefix) const {
  std::array<std::uint8_t, 1 + sizeof(prefix.bits)> place{static_cast<std::uint8_t>(prefix.kind)};
  putNumber<sizeof(prefix.bits)>(prefix.bits, place.data() + 1);
  EVP_MAC_CTX* context = context_.get();
  Hash hash{};
  std::size_t size = 0;
  const bool good = context != nullptr && EVP_MAC_init(context, key_.data(), key_.size(), nullptr) == 1 &&
                    EVP_MAC_update(context, signedPart.data(), signedPart.size()) == 1 &&
                    EVP_MAC_update(context, place.data(), place.size()) == 1 &&
                    EVP_MAC_final(context, hash.data(), &size, hash.size()) == 1 && size == hash.size();
  if (!good) return std::nullopt;
  return hash;
}

std::optional<AddressTokens::Token> AddressTokens::make(Purpose purpose, const AddressPrefix& prefix,
                                                        std::uint64_t nowMs) const {
  Token token{static_cast<std::uint8_t>(purpose)};
  putNumber<kTimeBytes>(nowMs, token.data() + 1);
  const auto hash = hashOf(ByteView(token).first(kSignedBytes), prefix);
  if (!hash) return std::nullopt;
  std::copy(hash->begin(), hash->end(), token.begin() + kSignedBytes);
  return token;
}

AddressTokens::Verdict AddressTokens::check(ByteView token, const AddressPrefix& prefix, std::uint64_t nowMs) const {
  if (token.size() != sizeof(Token)) return Verdict::Malformed;
  const auto purpose = static_cast<Purpose>(token[0]);
  if (purpose != Purpose::Retry && purpose != Purpose::Returning) return Verdict::Malformed;
  std::uint64_t madeMs = 0;
  for (const std::uint8_t byte : token.subspan(1, kTimeBytes)) madeMs = madeMs << 8 | byte;
  const std::uint64_t lifeMs = purpose == Purpose::Retry ? kRetryMs : kReturningMs;
  if (madeMs > nowMs || nowMs - madeMs > lifeMs) return Verdict::Expired;
  const auto hash = hashOf(token.first(kSignedBytes), prefix);
  if (!hash || CRYPTO_memcmp(hash->data(), token.data() + kSignedBytes, hash->size()) != 0) return Verdict::Foreign;
  return Verdict::Good;
}

}  // namespace rtm::net
