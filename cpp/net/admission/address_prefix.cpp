#include "net/admission/address_prefix.hpp"

#include <arpa/inet.h>

#include <cstddef>

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

}  // namespace rtm::net
