#pragma once

#include <array>
#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"
#include "server/auth/token.hpp"

// Shared by token.cpp and the two formats; no other file includes this.
namespace rtm::server::token {

using Signature = std::array<std::uint8_t, 32>;

/// HMAC-SHA256. Throws std::bad_alloc when OpenSSL fails, so that a failure can never pass for a signature.
Signature hmac(ByteView key, ByteView data);

/// True when `received` is exactly the 32 bytes of `expected`; the time taken does not depend on where they differ.
bool sameSignature(const Signature& expected, std::string_view received);

/// A claim as it was made at login.
struct Claim {
  std::string_view userId;
  std::uint64_t nowSeconds = 0;
};

/// True when `time` is more than `limit` seconds after `now`; no sum that could overflow.
constexpr bool isBeyond(std::uint64_t time, std::uint64_t now, std::uint64_t limit) {
  return time > now && time - now > limit;
}

TokenVerdict refuse(TokenError error, std::string_view reason);
TokenVerdict refuseEarly(std::string_view reason, std::uint64_t aheadSeconds);
TokenVerdict acceptUntil(std::uint64_t expiresAtSeconds);

/// `body` is the token without its three version characters. Only for policies with at least one certificate.
TokenVerdict verify006(const TokenPolicy& policy, std::string_view body, const Claim& claim);
TokenVerdict verify007(const TokenPolicy& policy, std::string_view body, const Claim& claim);

}  // namespace rtm::server::token
