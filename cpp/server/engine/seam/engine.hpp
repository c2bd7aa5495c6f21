#pragma once

// The seam between the gateways and the shared state: domain operations, each atomic within one partition and
// asynchronous, so that memory or a database can serve them. engine_client.hpp lists them, operations.hpp has their
// fields and outcomes.
//
// Who is where. A gateway (one for each loop) holds connections and the local half of sessions. An engine holds what
// must be one truth: who is logged in, inboxes, channels. Everything has a key (app, kind, id); the key gives the
// partition, and each partition has one owner.
//
// Threads. Each loop has one EngineClient. Only the thread of that loop calls it, and only that thread calls the
// EngineSink of that loop. A completion or a call of the sink may happen before the operation that caused it returns.
//
// Order. An engine executes what one loop submits to one partition in the order submitted. What one partition sends to
// one loop (completions and calls of the sink alike) arrives in the order sent.
//
// Fences. Each login and each resume gets a fence, which rises for each user. An operation with an old fence changes
// nothing: a half-dead connection cannot undo what its successor did.
//
// Operations of a session carry the id and the fence of that session, and the result of a send goes to its address.
// Operations on behalf of the server have no session. closeUser() and kick() are of this kind; the next ones (send or
// publish in a user's name, list users, channels or members) belong into the last section of EngineClient (in
// proto/bridge.mjs), each with a completion instead of a sink call. They have no fence, and an engine executes them in
// the order of the loop that submits them, like any other operation. Server::command() is their way in from other
// threads.

#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "server/engine/seam/engine_client.hpp"
#include "server/engine/seam/operations.hpp"
#include "server/model/loop_host.hpp"
#include "server/model/names.hpp"
#include "server/usage.hpp"

namespace rtm::server {

/// What an engine tells one gateway, on the loop of the gateway.
class EngineSink {
 public:
  // The engine makes the first four calls in the middle of its work. They must not call the EngineClient.

  /// Results of `count` sends from `firstSeq` on; where the engine tells a result twice, the first one counts. False:
  /// the session is not on this loop (it may have moved).
  virtual bool onSendResults(std::uint64_t sessionId, std::uint64_t firstSeq, std::uint64_t count,
                             std::uint32_t code) = 0;
  /// A PEER_MESSAGE frame, in the order of the inbox. The engine keeps it until the client acknowledges it.
  virtual void onPeerMessage(std::uint64_t sessionId, ByteView frame) = 0;
  virtual void onChannelFrame(const ChannelFrame& frame) = 0;
  /// The state of a user whom this loop watches: told when the watch begins, then at each change.
  virtual void onPresence(const ScopedName& user, wire::PresenceState state) = 0;

  /// The server puts the session out of a channel: the session leaves it and tells its client. False: the session is
  /// not on this loop, or not in that channel.
  virtual bool onKick(std::uint64_t sessionId, std::string_view channelId) = 0;
  /// The session is over. The gateway says BYE, leaves all channels of the session and calls sessionEnded() when the
  /// last leave has completed. False: the session is not on this loop.
  virtual bool onSessionEnd(std::uint64_t sessionId, SessionEnd reason) = 0;
  /// The session was resumed on another loop: the gateway closes its link and hands its state over. Null: the session
  /// is not on this loop.
  virtual std::unique_ptr<SessionCarry> surrender(std::uint64_t sessionId) = 0;
  /// The engine cannot vouch for this node any more. The gateway sends all clients away for `retryAfterMs` and lets
  /// nobody in until onResume(). Only an engine that nodes share calls this.
  virtual void onSuspend(std::uint32_t retryAfterMs) { static_cast<void>(retryAfterMs); }
  virtual void onResume() {}

 protected:
  ~EngineSink() = default;
};

struct EngineCounts {
  std::uint64_t sessions = 0;
  std::uint64_t channels = 0;
};

/// The shared half. Outlives all clients.
class Engine {
 public:
  virtual ~Engine() = default;
  /// Loop `loop` takes part from now on; on its thread. All loops must be attached before the first operation.
  virtual EngineClient& attach(std::uint32_t loop, LoopHost& host, EngineSink& sink) = 0;
  /// The engine calls neither host nor sink of this loop any more; on its thread.
  virtual void detach(std::uint32_t loop) = 0;
  /// The server is about to end, and its store outlives it: what is flagged for the store and not acknowledged by the
  /// receivers that this loop keeps goes there, and so does all that comes from now on. Calls `done`, on this loop,
  /// when the store has answered; nothing to do where the state of a session outlives the server, too. On the thread of
  /// `loop`.
  virtual void storeRest(std::uint32_t loop, Task done) {
    static_cast<void>(loop);
    done();
  }
  /// Any thread; of this node.
  virtual EngineCounts counts() const = 0;
  /// Any thread: the channels that take most memory of this process, the largest first, up to 5 s ago; none where their
  /// state is elsewhere.
  virtual std::vector<ChannelUsage> heaviestChannels(std::size_t most) const {
    static_cast<void>(most);
    return {};
  }
};

}  // namespace rtm::server
