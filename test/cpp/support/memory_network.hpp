#pragma once

// memory:// – a transport without sockets, for tests: client and server meet in one process, each on its own loop, and
// hand bytes over with IoLoop::post().

#include <cstddef>
#include <cstdint>
#include <memory>

#include "net/schemes.hpp"

namespace rtm::net::test {

/// Knows `memory://127.0.0.1:<port>` while it lives; the port is a number of this network, not of TCP. Any thread.
class MemoryNetwork {
 public:
  /// `windowBytes`: how many bytes one direction of a connection holds before the sender must wait.
  explicit MemoryNetwork(std::size_t windowBytes = std::size_t{256} * 1024);
  ~MemoryNetwork();
  MemoryNetwork(const MemoryNetwork&) = delete;
  MemoryNetwork& operator=(const MemoryNetwork&) = delete;

  /// Breaks every connection: both ends hear of a reset, and bytes on the way are lost.
  void cut();
  /// How many connections have been opened.
  std::size_t opened() const;
  /// How often a sender had to wait because its window was full.
  std::size_t stalls() const;

  struct Hub;

 private:
  std::shared_ptr<Hub> hub_;
  schemes::Added added_;
};

}  // namespace rtm::net::test
