#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <mutex>

#include "base/forgetting_map.hpp"
#include "net/admission/address_prefix.hpp"

namespace rtm::net {

/// What address prefixes have done wrong lately. Each offence costs seconds, which pass; a prefix that owes more than
/// 30 has an eighth of the places for clients without a login, and with offences against the protocol itself none: an
/// office with stale tokens is slowed, not shut out. A prefix that owes less loses nothing. The way of OpenSSH's
/// PerSourcePenalties. One for all loops; bounded: at the bound the prefix that would be forgiven first is forgiven.
/// Any thread.
class Penalties {
 public:
  enum class Offence : std::uint8_t {
    BadToken,      ///< 1 s: a login with a token that no server of this App ID made
    BadHandshake,  ///< 1 s: bytes that are no handshake
    Malformed,     ///< 10 s: malformed bytes, or a frame that is not allowed in this state
    Flood,         ///< 10 s: a connection that was cut for its frames without effect
  };
  enum class Standing : std::uint8_t { Good, Slowed, Refused };

  static constexpr std::size_t kPrefixes = 64 * 1024;
  static constexpr std::uint64_t kToleratedMs = 30'000;
  static constexpr std::uint64_t kMostMs = 300'000;
  static constexpr std::size_t kSlowedShare = 8;  ///< a slowed prefix has this part of the places

  /// True: with this offence the standing of the prefix has become worse.
  bool add(const AddressPrefix& prefix, Offence offence, std::uint64_t nowMs);
  Standing standing(const AddressPrefix& prefix, std::uint64_t nowMs);

 private:
  /// Until when the prefix owes something.
  struct Debt {
    std::uint64_t tokensMs = 0;
    std::uint64_t faultsMs = 0;
  };

  static Standing standingOf(const Debt& debt, std::uint64_t nowMs);

  std::mutex mutex_;
  ForgettingMap<AddressPrefix, Debt, AddressPrefixHash, std::equal_to<>> debts_{kPrefixes};  ///< guarded by mutex_
};

}  // namespace rtm::net
