#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <mutex>
#include <optional>
#include <string>

#include "base/bytes.hpp"

namespace rtm::net {

struct Endpoint;

/// What servers have said about UDP, for the next connection to them: the port, and a token that shows that this client
/// can receive at its address, which saves a round trip. The newest 64 servers. Any thread.
class UdpServers {
 public:
  struct Known {
    std::uint16_t port = 0;  ///< 0: the server takes no UDP
    Bytes token;
  };

  /// The server of `endpoint` has said this.
  void learn(const Endpoint& endpoint, Known known);
  /// What it has said last.
  std::optional<Known> find(const Endpoint& endpoint) const;

 private:
  static constexpr std::size_t kMostServers = 64;
  struct Entry {
    std::string server;
    Known known;
  };

  mutable std::mutex mutex_;
  std::list<Entry> newestFirst_;
};

}  // namespace rtm::net
