#pragma once

#include <cstddef>
#include <cstdint>
#include <mutex>

#include "base/forgetting_map.hpp"
#include "base/token_bucket.hpp"
#include "net/admission/address_prefix.hpp"
#include "server/limits.hpp"
#include "server/model/names.hpp"

namespace rtm::server {

/// How often one user, and one address, may log in or resume. A client counts for itself what the SDK allows; this is
/// for clients that do not, and for many ids of one address. Somebody who is not known has never logged in, or so long
/// ago that it does not count. One for all loops of a server. Any thread; only logins and resumes ask.
class LoginRates {
 public:
  struct Rules {
    RateRule ofUser;  ///< of SDK 1.5.0: 2 in 1 s
    std::uint32_t ofAddressPerSecond = 50;
    std::uint32_t ofAddressBurst = 4096;
  };
  /// How many times the rule of a user may come at once: several devices, and calls that a stalled link delivers late.
  static constexpr std::uint64_t kUserBurst = 5;
  static constexpr std::size_t kUsersOfLoop = 16 * 1024;
  static constexpr std::size_t kAddresses = 64 * 1024;

  LoginRates(const Rules& rules, std::size_t loops)
      : rules_(rules), users_(kUsersOfLoop * loops), addresses_(kAddresses) {}

  /// Counts a login of this address and, in an IPv6 network, of its /48, which may log in half as often again. False:
  /// too often.
  bool takeAddress(const net::AddressPrefix& prefix, std::uint64_t nowMs);
  /// The last login of this address was none: a session went on.
  void giveBackAddress(const net::AddressPrefix& prefix, std::uint64_t nowMs);
  /// Counts a login of this user, whose token is good. False: too often.
  bool takeUser(const ScopedName& user, std::uint64_t nowMs);

 private:
  bool takeOf(const net::AddressPrefix& prefix, const TokenBucket& fresh, std::uint64_t nowMs);
  bool counts() const { return rules_.ofUser.count != 0 && rules_.ofUser.windowMs != 0; }

  const Rules rules_;
  std::mutex mutex_;
  ForgettingMap<ScopedKey, TokenBucket, ScopedHash, ScopedEqual> users_;  ///< guarded by mutex_, as the next
  ForgettingMap<net::AddressPrefix, TokenBucket, net::AddressPrefixHash, std::equal_to<>> addresses_;
};

}  // namespace rtm::server
