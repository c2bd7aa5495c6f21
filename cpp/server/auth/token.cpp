#include "server/auth/token.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <exception>
#include <new>

#include "server/auth/token_formats.hpp"

namespace rtm::server {
namespace token {

Signature hmac(ByteView key, ByteView data) {
  Signature out{};
  unsigned int size = 0;
  const unsigned char* done =
      HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), data.data(), data.size(), out.data(), &size);
  if (done == nullptr || size != out.size()) throw std::bad_alloc();
  return out;
}

bool sameSignature(const Signature& expected, std::string_view received) {
  return received.size() == expected.size() && CRYPTO_memcmp(expected.data(), received.data(), expected.size()) == 0;
}

TokenVerdict refuse(TokenError error, std::string_view reason) {
  return {error, {}, reason, 0};
}

TokenVerdict refuseEarly(std::string_view reason, std::uint64_t aheadSeconds) {
  return {TokenError::InvalidToken, {}, reason, aheadSeconds};
}

TokenVerdict acceptUntil(std::uint64_t expiresAtSeconds) {
  return {TokenError::None, {expiresAtSeconds}, {}, 0};
}

}  // namespace token

namespace {

constexpr std::size_t kVersionBytes = 3;

/// A project without a certificate asks for no token. The official demos pass the App ID instead; a real token is
/// refused, because the server could not check it (the original once let tokens of other projects through here).
TokenVerdict verifyStatic(const TokenPolicy& policy, std::string_view text) {
  if (text.empty() || text == policy.appId) return token::acceptUntil(0);
  return token::refuse(TokenError::InvalidToken, "the project has no certificate and takes no token but its App ID");
}

TokenVerdict verifyDynamic(const TokenPolicy& policy, std::string_view text, const token::Claim& claim) {
  if (text.empty()) return token::refuse(TokenError::InvalidToken, "no token, although the project has a certificate");
  if (text == policy.appId) {
    return token::refuse(TokenError::InvalidToken,
                         "the App ID instead of a token, although the project has a certificate");
  }
  if (text.size() > kMaxTokenBytes) return token::refuse(TokenError::InvalidToken, "longer than 2048 characters");
  const std::string_view body = text.substr(std::min(text.size(), kVersionBytes));
  if (text.starts_with("007")) return token::verify007(policy, body, claim);
  if (text.starts_with("006")) return token::verify006(policy, body, claim);
  return token::refuse(TokenError::InvalidToken, "neither version 006 nor 007");
}

}  // namespace

TokenVerdict verifyToken(const TokenPolicy& policy, std::string_view token, std::string_view userId,
                         std::uint64_t nowSeconds) noexcept {
  if (policy.certificates.empty()) return verifyStatic(policy, token);
  try {
    return verifyDynamic(policy, token, {userId, nowSeconds});
  } catch (const std::exception&) {
    // Nothing but a failed allocation throws below; the token was not checked, so it does not pass.
    return token::refuse(TokenError::InvalidToken, "out of memory during verification");
  }
}

}  // namespace rtm::server
