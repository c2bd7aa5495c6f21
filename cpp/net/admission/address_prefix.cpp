#include "net/admission/address_prefix.hpp"

#include <arpa/inet.h>

#include <cstddef>
#include <random>

#include "net/resolve/socket_address.hpp"

namespace rtm::net {
namespace {

constexpr std::size_t kMappedAt = 12;  ///< where an IPv4-mapped IPv6 address has its IPv4 address

std::uint64_t bitsOf(const std::uint8_t* bytes, std::size_t count) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < count; ++i) bits = bits << 8 | bytes[i];
  return bits;
}

}  // namespace

AddressPrefix AddressPrefix::of(const SocketAddress& address) {
  AddressPrefix prefix;
  if (address.get()->sa_family == AF_INET6) {
    const auto& v6 = reinterpret_cast<const sockaddr_in6*>(address.get())->sin6_addr;
    const bool mapped = IN6_IS_ADDR_V4MAPPED(&v6);
    prefix.kind = mapped ? Kind::V4 : Kind::V6;
    prefix.bits = mapped ? bitsOf(v6.s6_addr + kMappedAt, 4) : bitsOf(v6.s6_addr, 8);
  } else if (address.get()->sa_family == AF_INET) {
    prefix.kind = Kind::V4;
    prefix.bits = ntohl(reinterpret_cast<const sockaddr_in*>(address.get())->sin_addr.s_addr);
  }
  return prefix;
}

std::size_t AddressPrefixHash::operator()(const AddressPrefix& prefix) const {
  static const std::uint64_t kSecret = [] {
    std::random_device device;
    return std::uint64_t{device()} << 32 | device();
  }();
  constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15U;
  const std::uint64_t mixed = (prefix.bits ^ kSecret) + kOdd * (1 + static_cast<std::uint64_t>(prefix.kind));
  const auto product = static_cast<unsigned __int128>(mixed) * (kSecret | 1);
  return static_cast<std::size_t>(product ^ product >> 64);
}

AddressPrefix AddressPrefix::site() const {
  constexpr unsigned kSubnetBits = 16;  // of a /64 in its /48
  if (kind != Kind::V6) return *this;
  AddressPrefix site = *this;
  site.kind = Kind::V6Site;
  site.bits = bits >> kSubnetBits << kSubnetBits;
  return site;
}

}  // namespace rtm::net
