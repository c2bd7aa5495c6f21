#pragma once

// The seam between the gateways and the shared state: domain operations, each atomic within one partition and
// asynchronous, so that memory or a database can serve them. operations.hpp has their fields and outcomes.
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
// publish in a user's name, list users, channels or members) belong into the last section of EngineClient, each with a
// completion instead of a sink call. They have no fence, and an engine executes them in the order of the loop that
// submits them, like any other operation. Server::command() is their way in from other threads.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/move_function.hpp"
#include "server/engine/seam/operations.hpp"
#include "server/model/attributes.hpp"
#include "server/model/loop_host.hpp"
#include "server/model/names.hpp"
#include "server/model/stored_messages.hpp"

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

/// One loop's way into the engine. It is wide because it is the whole list of what an engine must be able to do.
class EngineClient {
 public:
  virtual ~EngineClient() = default;

  /// Whether other servers share the state, so that a session of this server can go on at another one.
  virtual bool shared() const { return false; }

  // ---- messages

  /// The result comes by EngineSink::onSendResults of the sender: 0 once the receiver has acknowledged the message, or
  /// PEER_UNREACHABLE, FAILURE (the inbox or a queue between loops is full, or the store failed), IMCOMPATIBLE_MESSAGE.
  /// No result comes if the receiver's session ends after the message was written to it: nobody knows whether it
  /// arrived, and the sender times out.
  /// With SendFlag::Offline the result is CACHED_BY_SERVER instead of PEER_UNREACHABLE, as soon as the store has the
  /// message; the receiver gets it at its next login, before anything new. With SendFlag::History the history keeps a
  /// text that was taken (for delivery or into the store), and success waits for that.
  virtual void sendToPeer(const PeerSendOp& op) = 0;
  /// The result comes by EngineSink::onSendResults: 0 = ordered (and in the history, if flagged so), FAILURE = not a
  /// member with this fence, or the history failed.
  virtual void publish(const PublishOp& op) = 0;
  /// The client has everything up to `offset` of its inbox; the senders get their OK.
  virtual void acknowledge(const AcknowledgeOp& op) = 0;

  // ---- sessions

  /// Logs in. A previous session of the user ends completely first: it has left its channels, and their members know,
  /// before the new session exists. Peer messages may arrive right after the completion; those that the store kept
  /// while the user was offline come first. A store that does not answer delays them for a few seconds, never the
  /// login.
  virtual void openSession(OpenRequest request, MoveFunction<void(OpenOutcome)> done) = 0;
  /// Continues a session with a new fence and a new token. The position counts as an acknowledgement. The presented
  /// token stays valid until confirmResume(), because the client may never hear of the new one. Peer messages rest
  /// until startDelivery().
  virtual void resumeSession(ResumeRequest request, MoveFunction<void(ResumeOutcome)> done) = 0;
  /// RESUME_RESULT has been sent: everything above the client's position follows, then what is new.
  virtual void startDelivery(const ScopedName& user, std::uint64_t fence) = 0;
  /// The client has used the new link, so it has the new token.
  virtual void confirmResume(const ScopedName& user, std::uint64_t fence) = 0;
  /// The session has no connection now. It ends (GraceOver) unless it is resumed within `graceMs`.
  virtual void linkLost(const ScopedName& user, std::uint64_t fence, std::uint64_t graceMs) = 0;
  /// Ends the session; its gateway hears onSessionEnd().
  virtual void closeSession(const ScopedName& user, std::uint64_t fence, SessionEnd reason) = 0;
  /// The gateway's answer to onSessionEnd(): the session has left all its channels.
  virtual void sessionEnded(const ScopedName& user, std::uint64_t sessionId) = 0;

  // ---- channels

  virtual void join(JoinRequest request, MoveFunction<void(JoinOutcome)> done) = 0;
  /// Completes with whether the session was a member.
  virtual void leave(const ScopedName& channel, const ScopedName& user, std::uint64_t fence,
                     MoveFunction<void(bool)> done) = 0;
  /// At most `limit` members, chosen at random if there are more.
  virtual void members(const ScopedName& channel, const ScopedName& user, std::uint64_t fence, std::size_t limit,
                       MoveFunction<void(MembersOutcome)> done) = 0;
  /// 0 for an unknown channel; nothing: the state cannot be reached.
  virtual void memberCount(const ScopedName& channel, MoveFunction<void(std::optional<std::uint32_t>)> done) = 0;

  // ---- presence

  /// The present states of users, in the order asked; empty: the state cannot be reached.
  virtual void presence(AppNumber app, std::vector<std::string> userIds,
                        MoveFunction<void(std::vector<wire::PresenceState>)> done) = 0;
  /// This loop watches users, logged in or not. The present state of each comes by EngineSink::onPresence(), then
  /// `done` is called; no change is missed after the first state. Watching again only tells the state again. A user
  /// whose login kicks its previous session does not show as OFFLINE in between.
  virtual void watch(AppNumber app, std::vector<std::string> userIds, Task done) = 0;
  /// No session of this loop watches these users any more. News that are on their way may still come.
  virtual void unwatch(AppNumber app, std::vector<std::string> userIds) = 0;
  /// The client of the session has been silent for so long that others see UNREACHABLE, or was heard again. A resume
  /// counts as being heard.
  virtual void noteSilence(const ScopedName& user, std::uint64_t fence, bool silent) = 0;

  // ---- attributes and history

  /// A user writes its own attributes: completes with 0, SIZE_OVERFLOW (nothing changed), or FAILURE (old fence). The
  /// attributes end with the session. A repeat of a write after a resume has no second effect and completes like the
  /// first.
  virtual void writeUserAttributes(AttributeWriteRequest request, MoveFunction<void(std::uint32_t)> done) = 0;
  /// Completes with the named attributes of a user who is online; with all of them if `keys` is empty.
  virtual void userAttributes(const ScopedName& user, std::vector<std::string> keys,
                              MoveFunction<void(AttributesOutcome)> done) = 0;
  /// The same for a channel, which anybody may write. With `notify` its members get the whole set. The attributes are
  /// removed some time after the channel became empty, or after the write if it has no members.
  virtual void writeChannelAttributes(AttributeWriteRequest request, MoveFunction<void(std::uint32_t)> done) = 0;
  virtual void channelAttributes(const ScopedName& channel, std::vector<std::string> keys,
                                 MoveFunction<void(AttributesOutcome)> done) = 0;
  virtual void queryHistory(HistoryFilter filter, MoveFunction<void(HistoryPage)> done) = 0;

  // ---- time

  /// To be called at the end of a turn in which LoopHost::requestTurnEnd() was called.
  virtual void onTurnEnd() = 0;
  /// To be called about every 100 ms: grace periods and member counts fall due here.
  virtual void onTick() = 0;

  // ---- on behalf of the server: no session, no fence (see the top of this page)

  /// Ends whatever session the user has; completes with whether there was one.
  virtual void closeUser(const ScopedName& user, SessionEnd reason, MoveFunction<void(bool)> done) = 0;
  /// Puts the user's session out of a channel; completes with whether it was a member.
  virtual void kick(const ScopedName& user, std::string channelId, MoveFunction<void(bool)> done) = 0;
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
  /// Any thread; of this node.
  virtual EngineCounts counts() const = 0;
};

}  // namespace rtm::server
