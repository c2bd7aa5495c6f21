#pragma once

#include <compare>
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
  };

  /// An IPv4 client of a dual-stack listener counts as IPv4.
  static AddressPrefix of(const SocketAddress& address);

  std::uint64_t bits = 0;
  Kind kind = Kind::None;

  // NOLINTNEXTLINE(modernize-use-nullptr): clang-tidy 14 takes the 0 of the comparison for a pointer
  auto operator<=>(const AddressPrefix&) const = default;
};

}  // namespace rtm::net
