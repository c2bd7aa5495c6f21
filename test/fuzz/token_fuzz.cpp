// Untrusted token texts against a fixed policy. A signature cannot be guessed, so raw texts alone would never get
// behind it: the first byte also chooses to sign the rest as 007 services, as a 007 signing info or as a 006 message,
// which opens the walk over services and privileges to the fuzzer.
// fuzz: cpp/server/auth/token.cpp cpp/server/auth/token_006.cpp cpp/server/auth/token_007.cpp
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "../cpp/server/auth/token_builder.hpp"
#include "server/auth/token.hpp"

namespace {

using rtm::server::TokenPolicy;
using rtm::server::TokenVerdict;

void require(bool condition) {
  if (!condition) std::abort();
}

/// Four bytes of the input are the token's life, the rest is the number of services and the services themselves.
std::string signed007(std::string_view input) {
  using namespace rtm::test;
  if (input.size() < 4) return {};
  Token007 token;
  const std::string life(input.substr(0, 4));
  token.rawSigningInfo = str(token.appId) + u32(token.issuedAt) + life + u32(token.salt) + std::string(input.substr(4));
  return token.text();
}

std::string signed006(std::string_view message) {
  rtm::test::Token006 token;
  token.rawMessage = message;
  return token.text();
}

std::string tokenFrom(std::uint8_t choice, std::string_view input) {
  switch (choice % 4) {
    case 0:
      return signed007(input);
    case 1:
      return signed006(input);
    case 2:
      return rtm::test::Token007::wrap(input);
    default:
      return std::string(input);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const TokenPolicy policy{rtm::test::kAppId, {std::string(32, 'a'), rtm::test::kCertificate}};
  constexpr std::uint64_t kNow = rtm::test::kIssuedAt + 10;
  // Lengths inside a token have 16 bits; what is longer than that could not be wrapped.
  if (size == 0 || size > 60'000) return 0;

  const std::string token = tokenFrom(data[0], {reinterpret_cast<const char*>(data) + 1, size - 1});
  const TokenVerdict verdict = rtm::server::verifyToken(policy, token, rtm::test::kUser, kNow);
  require(verdict.accepted() == verdict.reason.empty());
  if (verdict.accepted()) {
    const std::uint64_t end = verdict.token.expiresAtSeconds;
    require(end > kNow && end <= kNow + rtm::server::kMaxTokenSeconds + rtm::server::kTokenClockSkewSeconds);
    require(token.size() <= rtm::server::kMaxTokenBytes);
  }
  return 0;
}
