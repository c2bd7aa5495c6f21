#include "net/admission/prefix_list.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cstddef>

namespace rtm::net {
namespace {

constexpr unsigned kV4Bits = 32;
constexpr unsigned kV6Bits = 64;  // the counted part of an address

std::uint64_t joined(const std::uint8_t* bytes, std::size_t count) {
  std::uint64_t bits = 0;
  for (std::size_t i = 0; i < count; ++i) bits = bits << 8 | bytes[i];
  return bits;
}

Failure wrong(std::string_view text, std::string_view expected) {
  return {0, "expected " + std::string(expected) + ", got \"" + std::string(text.substr(0, 64)) + "\""};
}

/// The first `length` of `width` bits.
std::uint64_t maskOf(unsigned length, unsigned width) {
  if (length == 0) return 0;
  return ~std::uint64_t{0} << (width - length) & (~std::uint64_t{0} >> (64 - width));
}

}  // namespace

Result<PrefixList> PrefixList::parse(const std::vector<std::string>& networks) {
  PrefixList list;
  for (const std::string& text : networks) {
    const auto network = parseOne(text);
    if (!network) return network.failure();
    list.networks_.push_back(network.value());
  }
  return list;
}

Result<PrefixList::Network> PrefixList::parseOne(std::string_view text) {
  constexpr std::string_view kForm = "a network such as 192.0.2.0/24 or 2001:db8::/32";
  const std::size_t slash = text.find('/');
  const std::string host(text.substr(0, slash));
  in_addr v4{};
  in6_addr v6{};
  Network network;
  unsigned width = 0;
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) {
    network.kind = AddressPrefix::Kind::V4;
    network.bits = ntohl(v4.s_addr);
    width = kV4Bits;
  } else if (inet_pton(AF_INET6, host.c_str(), &v6) == 1) {
    if (IN6_IS_ADDR_V4MAPPED(&v6)) return wrong(text, "an IPv4 network in its own form, such as 192.0.2.0/24");
    network.kind = AddressPrefix::Kind::V6;
    network.bits = joined(v6.s6_addr, 8);
    width = kV6Bits;
  } else {
    return wrong(text, kForm);
  }
  unsigned length = width;
  if (slash != std::string_view::npos) {
    const std::string_view digits = text.substr(slash + 1);
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), length);
    if (error != std::errc{} || end != digits.data() + digits.size()) return wrong(text, kForm);
    if (length > width) {
      return wrong(text,
                   width == kV4Bits ? "at most /32" : "at most /64, because the server counts whole /64 networks");
    }
  }
  network.mask = maskOf(length, width);
  const bool whole = width == kV4Bits || slash == std::string_view::npos || joined(v6.s6_addr + 8, 8) == 0;
  if ((network.bits & ~network.mask) != 0 || !whole) {
    return wrong(text, "an address whose bits behind the length are 0");
  }
  return network;
}

bool PrefixList::contains(const AddressPrefix& prefix) const {
  return std::any_of(networks_.begin(), networks_.end(), [&prefix](const Network& network) {
    return network.kind == prefix.kind && (prefix.bits & network.mask) == network.bits;
  });
}

}  // namespace rtm::net
