#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>

namespace rtm::net {

class SocketAddress;

/// The part of an address that one owner usually holds: a whole IPv4 address, or the first 64 bits of an IPv6 address.
/// What is shared between clients that are not logged in yet is shared between prefixes, because a client can take any
/// number of ports, and any number of addresses in its own IPv6 network.
struct AddressPrefix {
  enum class Kind : std::uint8_t {
    None,  ///< the transport has no addresses: all its clients share this prefix
    V4,
    V6,
    V6Site,  ///< site() of such an address
  };

  /// An IPv4 client of a dual-stack listener counts as IPv4.
  static AddressPrefix of(const SocketAddress& address);

  /// What one site usually holds: the /48 of an IPv6 address, which has 65,536 of these prefixes; an IPv4 address
  /// itself.
  AddressPrefix site() const;
  /// Whether it is the usual address of this machine itself, 127.0.0.1 or ::1.
  bool ownMachine() const { return (kind == Kind::V4 && bits == kOwnV4) || (kind == Kind::V6 && bits == 0); }

  std::uint64_t bits = 0;
  Kind kind = Kind::None;

  // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 takes the 0 of the comparison for a pointer
  auto operator<=>(const AddressPrefix&) const = default;

 private:
  static constexpr std::uint64_t kOwnV4 = 0x7F000001;
};

/// With a secret of this process, so that nobody can choose addresses that fall into one bucket.
struct AddressPrefixHash {
  std::size_t operator()(const AddressPrefix& prefix) const;
};

}  // namespace rtm::net
