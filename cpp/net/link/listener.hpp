#pragma once

#include <cstdint>
#include <string>

#include "base/move_function.hpp"
#include "net/link/link.hpp"
#include "net/transport/transport_factory.hpp"

namespace rtm::net {

/// Counts of one listener since it began. Loop thread only.
struct ListenerCounters {
  std::uint64_t accepted = 0;
  std::uint64_t ready = 0;    ///< handed over
  std::uint64_t refused = 0;  ///< handshakes that failed, were cut or took too long
};

/// Accepts connections on one loop and hands over links whose handshake is done. Loop thread only. Destroying it stops
/// accepting and drops handshakes under way; links that were handed over live on.
class Listener {
 public:
  using OnLink = MoveFunction<void(LinkHandle)>;
  enum class Refusal : std::uint8_t {
    Gone,       ///< the client left, or was not done in time
    Handshake,  ///< the bytes are no handshake that this listener takes
    Dropped,    ///< others needed the place, or the client sent nothing
    Exhausted,  ///< descriptors or memory have run out: it waits, and its address is not known yet
  };
  /// For the log: the address whose connection never became a link, or has to wait, and why.
  using OnRefused = MoveFunction<void(Refusal refusal, const std::string& remote, const std::string& why)>;

  virtual ~Listener() = default;
  virtual std::uint16_t port() const = 0;
  virtual const ListenerCounters& counters() const = 0;
};

}  // namespace rtm::net
