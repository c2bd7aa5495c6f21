#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "base/move_function.hpp"
#include "server/connection/client_connection.hpp"
#include "server/options.hpp"

namespace rtm::server {

class Gateway;

/// A server that closes sends its clients elsewhere, a few at a time. A client that hears of it before its server is
/// gone loses nothing that this server or the client has confirmed. One loop's part, on its thread; from the call of
/// Gateway::drain() until the end.
class Drain {
 public:
  /// `gone` is called once the clients that are connected now, and their sessions, are gone.
  Drain(Gateway& gateway, std::shared_ptr<const DrainOptions> options, Task gone);

  /// BYE with where to go, at once.
  void sendAway(ClientConnection& connection);
  /// Every sweep: sends away the clients whose time has come.
  void sweep(std::uint64_t nowMs);
  /// Every turn: sends away the clients that have the results of their sends, or have waited long enough for them.
  void sendFinishedAway(std::uint64_t nowMs);

 private:
  struct Finishing {
    std::uint64_t connectionId = 0;
    std::uint64_t untilMs = 0;
  };
  /// Takes no more sends of the client; it is sent away as soon as the sends that came are answered.
  void letFinish(ClientConnection& connection, std::uint64_t nowMs);

  Gateway& gateway_;
  std::shared_ptr<const DrainOptions> options_;
  Task gone_;
  std::uint64_t begunMs_;
  std::vector<std::uint64_t> connections_;  ///< the clients that were here at the beginning, in the order of going
  std::size_t next_ = 0;                    ///< of connections_
  std::uint64_t leftMs_ = 0;                ///< when the last of them had left; 0: not yet
  std::vector<Finishing> finishing_;        ///< clients that wait for results
};

}  // namespace rtm::server
