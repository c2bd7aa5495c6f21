#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rtm::server {

/// Longest token text that is looked at; a usual one has about 140 characters.
inline constexpr std::size_t kMaxTokenBytes = 2048;

/// Longest life of any token, in seconds; a 007 token that asks for more gets this much.
inline constexpr std::uint64_t kMaxTokenSeconds = 86400;

/// How far the clock of the token's issuer may run ahead of ours, in seconds.
inline constexpr std::uint64_t kTokenClockSkewSeconds = 300;

/// Maps one to one to the LOGIN_ERR_*, RENEW_TOKEN_ERR_* and HTTP codes, which the caller chooses.
enum class TokenError { None, InvalidToken, NotAuthorized, TokenExpired };

/// What the server knows about one project.
struct TokenPolicy {
  /// 32 hexadecimal characters, compared as text.
  std::string appId;
  /// The current certificate first, then previous ones that are still honoured. Empty: the project is in static mode
  /// and no token is asked for. An entry that is not 32 hexadecimal characters accepts nothing; in particular an empty
  /// entry, say from an unset variable, neither opens the project nor becomes an empty signing key.
  std::vector<std::string> certificates;
};

struct VerifiedToken {
  /// First Unix second at which the token is no longer valid; 0 = never (static mode).
  std::uint64_t expiresAtSeconds = 0;
};

struct TokenVerdict {
  TokenError error = TokenError::None;
  VerifiedToken token;
  /// Why the token was refused, for the server's log: static text that never holds a part of the token. Not for the
  /// client, which could use it to learn how far a forgery got. Empty when the token is accepted.
  std::string_view reason;
  /// How far in the future a token was issued that is refused for that alone; else 0. No forger learns from it: the
  /// signature is right.
  std::uint64_t aheadSeconds = 0;

  bool accepted() const { return error == TokenError::None; }
};

/// Decides whether `token` lets `userId` in at `nowSeconds` (Unix time). Implements the checks of the token
/// specification in their order, formats 006 and 007 and static mode. `userId` has already passed isValidUserId(); the
/// token is untrusted. A pure function: no clock, no state, no exception, callable from any thread.
TokenVerdict verifyToken(const TokenPolicy& policy, std::string_view token, std::string_view userId,
                         std::uint64_t nowSeconds) noexcept;

}  // namespace rtm::server
