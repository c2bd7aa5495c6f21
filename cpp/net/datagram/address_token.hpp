#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>

#include "base/bytes.hpp"
#include "net/admission/address_prefix.hpp"
#include "net/datagram/datagram_header.hpp"

struct evp_mac_ctx_st;

namespace rtm::net {

/// Makes tokens that prove that a client can receive at its address, and keeps nothing about them. The proof is for a
/// prefix (an IPv4 address, an IPv6 /64), whose owner could have asked from any of its addresses, and for no port,
/// which NATs change. One thread at a time; each loop has a copy, and all copies know each other's tokens.
class AddressTokens {
 public:
  enum class Purpose : std::uint8_t {
    Retry = 1,      ///< asked for a moment ago: 10 s
    Returning = 2,  ///< of a session before: 24 h
  };
  enum class Verdict {
    Good,
    Malformed,
    Expired,  ///< too old, or of a time that has not come
    Foreign,  ///< changed, of another prefix, or of another process
  };
  static constexpr std::uint64_t kRetryMs = 10'000;
  static constexpr std::uint64_t kReturningMs = 24 * 3'600'000;

  /// Purpose 1, time in ms 6, SipHash 16.
  using Token = std::array<std::uint8_t, 23>;
  static_assert(sizeof(Token) <= kMaxAddressTokenBytes);
  using Key = std::array<std::uint8_t, 16>;

  /// With a key that nobody knows: tokens end with the process. Nothing if OpenSSL has no random bytes or no SipHash.
  static std::optional<AddressTokens> create();
  static std::optional<AddressTokens> withKey(const Key& key);
  AddressTokens(const AddressTokens& other);
  AddressTokens& operator=(const AddressTokens& other);
  AddressTokens(AddressTokens&&) noexcept = default;
  AddressTokens& operator=(AddressTokens&&) noexcept = default;
  ~AddressTokens();

  /// `nowMs` is the time of the wall clock, here and below. Nothing if there is no memory.
  std::optional<Token> make(Purpose purpose, const AddressPrefix& prefix, std::uint64_t nowMs) const;
  /// Takes tokens of either purpose, each for its time.
  Verdict check(ByteView token, const AddressPrefix& prefix, std::uint64_t nowMs) const;

 private:
  using Hash = std::array<std::uint8_t, 16>;
  struct Free {
    void operator()(evp_mac_ctx_st* context) const;
  };

  explicit AddressTokens(const Key& key);
  std::optional<Hash> hashOf(ByteView signedPart, const AddressPrefix& prefix) const;

  Key key_;
  std::unique_ptr<evp_mac_ctx_st, Free> context_;
};

}  // namespace rtm::net
