#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "net/resolve/socket_address.hpp"

namespace rtm::net {

/// How far a connection came. The user of the link sets the last two steps.
enum class ConnectStep { Lookup, Tcp, Tls, Hello, Login };  // Tcp: no answer yet, also by UDP

/// One try of one address (or of a name's lookup), for logs. Holds no user, token or pin.
struct ConnectAttempt {
  std::size_t endpoint = 0;  ///< index in the list
  std::string name;          ///< "chat.example:9136"
  std::string address;       ///< "127.0.0.1:9136"; empty while a name is looked up
  Family family = Family::V6;
  bool udp = false;
  std::uint64_t startedMs = 0;  ///< IoLoop::now()
  ConnectStep step = ConnectStep::Lookup;

  /// "chat.example:9136 at 127.0.0.1:9136", or the known part of it.
  std::string where() const;
  /// "chat.example:9136 at 127.0.0.1:9136 (IPv4), TLS, 12 ms: the reason"
  std::string line(std::uint64_t nowMs, const std::string& result) const;
};

}  // namespace rtm::net
