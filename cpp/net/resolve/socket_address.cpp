#include "net/resolve/socket_address.hpp"

#include <arpa/inet.h>
#include <net/if.h>

#include <cstring>

namespace rtm::net {

std::optional<SocketAddress> SocketAddress::from(const sockaddr* address) {
  SocketAddress result;
  if (address->sa_family == AF_INET6) {
    std::memcpy(&result.storage_.v6, address, sizeof(sockaddr_in6));
  } else if (address->sa_family == AF_INET) {
    std::memcpy(&result.storage_.v4, address, sizeof(sockaddr_in));
  } else {
    return std::nullopt;
  }
  return result;
}

std::optional<SocketAddress> SocketAddress::parse(std::string_view literal, std::uint16_t port) {
  SocketAddress result;
  const std::size_t percent = literal.find('%');
  const std::string host(literal.substr(0, percent));
  if (inet_pton(AF_INET6, host.c_str(), &result.storage_.v6.sin6_addr) == 1) {
    result.storage_.v6.sin6_family = AF_INET6;
    if (percent != std::string_view::npos) {
      const std::string scope(literal.substr(percent + 1));
      result.storage_.v6.sin6_scope_id = if_nametoindex(scope.c_str());
      if (result.storage_.v6.sin6_scope_id == 0) return std::nullopt;
    }
  } else if (percent == std::string_view::npos && inet_pton(AF_INET, host.c_str(), &result.storage_.v4.sin_addr) == 1) {
    result.storage_.v4.sin_family = AF_INET;
  } else {
    return std::nullopt;
  }
  result.setPort(port);
  return result;
}

std::uint16_t SocketAddress::port() const {
  return ntohs(family() == Family::V6 ? storage_.v6.sin6_port : storage_.v4.sin_port);
}

void SocketAddress::setPort(std::uint16_t port) {
  (family() == Family::V6 ? storage_.v6.sin6_port : storage_.v4.sin_port) = htons(port);
}

bool SocketAddress::sameHost(const SocketAddress& other) const {
  if (family() != other.family()) return false;
  if (family() == Family::V4) return storage_.v4.sin_addr.s_addr == other.storage_.v4.sin_addr.s_addr;
  return std::memcmp(&storage_.v6.sin6_addr, &other.storage_.v6.sin6_addr, sizeof(in6_addr)) == 0 &&
         storage_.v6.sin6_scope_id == other.storage_.v6.sin6_scope_id;
}

std::string SocketAddress::toString() const {
  char text[INET6_ADDRSTRLEN] = "";
  std::string result;
  if (family() == Family::V4) {
    inet_ntop(AF_INET, &storage_.v4.sin_addr, text, sizeof(text));
    result = text;
  } else if (IN6_IS_ADDR_V4MAPPED(&storage_.v6.sin6_addr)) {
    inet_ntop(AF_INET, &storage_.v6.sin6_addr.s6_addr[12], text, sizeof(text));
    result = text;
  } else {
    inet_ntop(AF_INET6, &storage_.v6.sin6_addr, text, sizeof(text));
    result += '[';
    result += text;
    if (storage_.v6.sin6_scope_id != 0) {
      result += '%';
      result += std::to_string(storage_.v6.sin6_scope_id);
    }
    result += ']';
  }
  result += ':';
  result += std::to_string(port());
  return result;
}

}  // namespace rtm::net
