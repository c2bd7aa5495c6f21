#pragma once

#include <cstdint>
#include <utility>

#include "server/engine/seam/engine.hpp"

namespace rtm::server {

template <typename Outcome>
struct Reply;

/// How the tables of one loop reach sessions on any loop. Calls for one target loop arrive in the order made. Calls for
/// this loop run at once, so a table changes its state first and calls last.
class Outlet {
 public:
  virtual std::uint64_t now() const = 0;
  /// The own loop, for operations that complete on it.
  virtual LoopHost& host() const = 0;
  /// Whether the queue to that loop has room. Ask before accepting a new message for it.
  virtual bool hasRoom(std::uint32_t loop) const = 0;
  virtual void sendResults(const SessionAddress& to, std::uint64_t firstSeq, std::uint64_t count,
                           std::uint32_t code) = 0;
  virtual void peerMessage(const SessionAddress& to, ByteView frame) = 0;
  virtual void channelFrame(std::uint32_t loop, const ChannelFrame& frame) = 0;
  virtual void presence(std::uint32_t loop, const ScopedName& user, wire::PresenceState state) = 0;
  virtual void endSession(const SessionAddress& session, const ScopedName& user, SessionEnd reason) = 0;
  virtual void kick(const SessionAddress& session, const std::string& channelId, Reply<bool> reply) = 0;
  /// Takes the session's state from its old loop; `done` runs here. The old loop forwards later results to `to`.
  virtual void surrender(const SessionAddress& from, std::uint32_t to,
                         MoveFunction<void(std::unique_ptr<SessionCarry>)> done) = 0;
  virtual void runOn(std::uint32_t loop, Task task) = 0;
  /// ChannelTable::flush() is called at the end of this turn.
  virtual void requestFlush() = 0;

 protected:
  ~Outlet() = default;
};

/// A completion and the loop it belongs to.
template <typename Outcome>
struct Reply {
  std::uint32_t loop = 0;
  MoveFunction<void(Outcome)> done;

  void send(Outlet& outlet, Outcome outcome) {
    outlet.runOn(loop,
                 [finish = std::move(done), result = std::move(outcome)]() mutable { finish(std::move(result)); });
  }
};

}  // namespace rtm::server
