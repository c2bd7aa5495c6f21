#pragma once

// The network between simulated machines: memory://127.0.0.1:<port>, in virtual time. Bytes of one direction of one
// connection arrive in order, as over TCP; connections overtake each other, stand still, and end in every way that a
// program can see.

#include <cstdint>
#include <memory>

#include "net/schemes.hpp"
#include "simulated/loops.hpp"

namespace rtm::simulator {

/// A process and the computer that it runs on.
struct Host : simulated::Machine {
  std::uint16_t number = 0;  ///< of its address
  bool silent = false;       ///< nothing of it arrives anywhere, and nothing arrives there
};

class Network {
 public:
  Network();
  ~Network();
  Network(const Network&) = delete;
  Network& operator=(const Network&) = delete;

  /// How long bytes take from one host to another: from `least` to `most` ms.
  void setLatency(std::uint64_t least, std::uint64_t most);
  /// The host is silent from now on, or heard again: what was on the way arrives late, as TCP repeats it.
  void setSilent(Host& host, bool silent);
  /// Every connection of the host breaks, and both ends hear of it. Bytes on the way are lost.
  void reset(const Host& host);
  /// Connections of the host are forgotten on the way: neither end hears anything any more.
  void forget(const Host& host);
  /// One direction of each connection of the host ends, in good order; the other one goes on.
  void halfClose(const Host& host, bool fromHost);

  enum class Death {
    Process,  ///< its system closes the connections; what it had written still arrives
    Host,     ///< nobody hears of it
  };
  /// The process ends: what it writes from now on goes nowhere.
  void kill(const Host& host, Death death);

  struct Hub;

 private:
  std::shared_ptr<Hub> hub_;
  net::schemes::Added added_;
};

}  // namespace rtm::simulator
