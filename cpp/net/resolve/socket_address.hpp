#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rtm::net {

enum class Family { V6, V4 };

/// An IPv6 or IPv4 address with a port.
class SocketAddress {
 public:
  SocketAddress() = default;
  /// Empty unless `address` is of AF_INET6 or AF_INET.
  static std::optional<SocketAddress> from(const sockaddr* address);
  /// "::1", "fe80::1%eth0" or "127.0.0.1": literals only, never a lookup.
  static std::optional<SocketAddress> parse(std::string_view literal, std::uint16_t port);

  const sockaddr* get() const { return &storage_.any; }
  socklen_t size() const { return family() == Family::V6 ? sizeof(sockaddr_in6) : sizeof(sockaddr_in); }
  Family family() const { return storage_.any.sa_family == AF_INET6 ? Family::V6 : Family::V4; }
  std::uint16_t port() const;
  void setPort(std::uint16_t port);

  bool operator==(const SocketAddress& other) const { return port() == other.port() && sameHost(other); }
  /// The same address, whatever the port.
  bool sameHost(const SocketAddress& other) const;

  /// "[::1]:9136", "127.0.0.1:9136". An IPv4 client of a dual-stack listener is shown as an IPv4 address.
  std::string toString() const;

 private:
  /// The widest member stands first: `{}` sets the first member only, and bytes beyond it would be read as a scope.
  union Storage {
    sockaddr_in6 v6;
    sockaddr_in v4;
    sockaddr any;
  };
  Storage storage_{};
};

}  // namespace rtm::net
