#pragma once

// The seam between the data plane and the shared state (design D9, research server-design §2): domain operations, each
// atomic within one partition and asynchronous, so that they can be served by memory or by a database.
//
// Who is where. A gateway (one per loop) holds connections and the local half of sessions. An engine holds what must be
// one truth: who is logged in, inboxes, channels. Everything is keyed by (app, kind, id) → partition → owner.
//
// Threads. One EnginePort per loop; only that loop's thread calls it, and the sink of that loop is called there only.
// A completion or a sink call may happen before the operation that caused it returns.
//
// Order. What one loop submits to one partition is executed in the order submitted. What one partition sends to one
// loop (completions and sink calls alike) arrives in the order sent.
//
// Fences. Each login and each resume gets a fence, rising per user. An operation that names an old fence changes
// nothing: this is how a half-dead connection cannot undo what its successor did.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/move_function.hpp"
#include "server/engine/memory/attribute_set.hpp"
#include "server/model/id_source.hpp"
#include "server/model/names.hpp"
#include "server/model/shared_frame.hpp"
#include "server/model/stored_messages.hpp"

namespace rtm::server {

/// Where results and messages for a session go.
struct SessionAddress {
  std::uint32_t loop = 0;
  std::uint64_t sessionId = 0;
  friend bool operator==(const SessionAddress&, const SessionAddress&) = default;
};

/// Why a session ended.
enum class SessionEnd : std::uint8_t { Logout, RemoteLogin, Banned, TokenExpired, GraceOver };

/// What a gateway gives up when a session moves to another loop. Opaque to engines.
struct SessionCarry {
  virtual ~SessionCarry() = default;
};

// ---- hot operations: no allocation; views live during the call, an engine that crosses loops copies -------------

struct PeerSendOp {
  AppNumber app{};
  SessionAddress sender;
  std::uint64_t seq = 0;
  std::string_view senderId;
  std::string_view receiverId;
  /// Bit set of wire::SendFlag. A call signal has none: nobody wants an invitation of yesterday.
  std::uint32_t flags = 0;
  std::uint64_t serverTimeMs = 0;
  std::uint64_t requiredCapabilities = 0;  ///< a receiver without them gets nothing, the sender code 8
  ByteView content;
};

struct PublishOp {
  AppNumber app{};
  SessionAddress sender;
  std::uint64_t fence = 0;
  std::uint64_t seq = 0;
  std::string_view senderId;
  std::string_view channelId;
  std::uint32_t flags = 0;
  std::uint64_t serverTimeMs = 0;
  std::uint64_t requiredCapabilities = 0;  ///< members without them do not get it
  ByteView content;
};

struct AcknowledgeOp {
  AppNumber app{};
  std::string_view userId;
  std::uint64_t fence = 0;
  std::uint64_t offset = 0;
};

// ---- other operations: own their texts, end with a completion on the submitting loop -----------------------------

struct OpenRequest {
  AppNumber app{};
  std::string userId;
  SessionAddress address;
  std::uint64_t capabilities = 0;
};

struct OpenOutcome {
  enum class Status : std::uint8_t {
    Opened,
    Superseded,  ///< a later login of the same user came while the previous session was still ending
    Failed,      ///< the state cannot be reached now: try again
  };
  Status status = Status::Superseded;
  std::uint64_t fence = 0;
  ResumeToken resumeToken{};
  std::uint64_t inboxEpoch = 0;
  std::uint64_t inboxOffset = 0;
};

struct ResumeRequest {
  AppNumber app{};
  std::string userId;
  SessionAddress address;  ///< the session's id and the loop it moves to
  ResumeToken token{};
  std::uint64_t capabilities = 0;
  std::uint64_t inboxEpoch = 0;
  std::uint64_t inboxOffset = 0;
};

struct ResumeOutcome {
  enum class Status : std::uint8_t {
    Resumed,
    Unknown,      ///< no such session (any more), or a wrong token: log in anew
    RemoteLogin,  ///< the user is logged in elsewhere
    Banned,       ///< the session was ended by a ban
    Busy,         ///< another resume of this session is under way: try again
  };
  Status status = Status::Unknown;
  std::uint64_t fence = 0;
  ResumeToken resumeToken{};
  bool inboxComplete = false;
  std::unique_ptr<SessionCarry> carry;  ///< null if the session already lives on this loop
  bool rebuild = false;  ///< the session, if it is not here, is nowhere in this process: make its state anew
};

struct JoinRequest {
  AppNumber app{};
  std::string channelId;
  std::string userId;
  SessionAddress address;
  std::uint64_t fence = 0;
  bool again = false;       ///< after a resume: keeps the membership, others hear nothing, missed messages come back
  std::uint64_t epoch = 0;  ///< with `again`: the client's position; 0 = unknown: it gets all since it joined
  std::uint64_t offset = 0;
};

struct JoinOutcome {
  bool joined = false;  ///< false: a newer session of the user is a member
  std::uint64_t epoch = 0;
  std::uint64_t offset = 0;  ///< of the last message before
  std::uint32_t memberCount = 0;
  bool complete = true;             ///< with `again`: nothing was missed that `replay` does not hold
  bool failed = false;              ///< not joined, because the state cannot be reached now
  std::vector<SharedFrame> replay;  ///< CHANNEL_MESSAGE frames, oldest first; then what was missed of attributes
};

struct MembersOutcome {
  bool member = false;  ///< whether the asking session is one; else nothing is listed
  bool failed = false;  ///< the state cannot be reached: nobody knows
  std::vector<std::string> userIds;
};

/// A frame for all sessions of one loop that are members of a channel.
struct ChannelFrame {
  enum class Kind : std::uint8_t { Message, MemberEvent, MemberCount, Attributes };
  Kind kind = Kind::Message;
  ScopedName channel;
  SharedFrame frame;
  std::uint64_t excludedSession = 0;
  std::uint64_t requiredCapabilities = 0;
  std::uint32_t memberCount = 0;  ///< with MemberCount
  /// With MemberEvent: some of the receivers are among those who joined; the gateway leaves each one's own name out.
  bool namesReceivers = false;
};

/// What an engine tells one gateway. All calls on the gateway's loop.
class EngineSink {
 public:
  // The first four come from the middle of the engine's work and must not call back into the port.

  /// Results of `count` sends from `firstSeq` on; of one told twice the first counts. False: no such session here (it
  /// may have moved).
  virtual bool onSendResults(std::uint64_t sessionId, std::uint64_t firstSeq, std::uint64_t count,
                             std::uint32_t code) = 0;
  /// A PEER_MESSAGE frame, in the order of the inbox. Kept by the engine until acknowledged.
  virtual void onPeerMessage(std::uint64_t sessionId, ByteView frame) = 0;
  virtual void onChannelFrame(const ChannelFrame& frame) = 0;
  /// Where a user stands that this loop watches: told when the watch begins, then whenever it changes.
  virtual void onPresence(const ScopedName& user, wire::PresenceState state) = 0;

  /// The session is put out of a channel: it leaves it, and its client is told. False: no such session here, or it is
  /// not in that channel.
  virtual bool onKick(std::uint64_t sessionId, std::string_view channelId) = 0;
  /// The session is over (kicked, banned, expired, logged out). The gateway says BYE, leaves all channels of the
  /// session and, when the last leave has completed, calls sessionEnded(). False: no such session here.
  virtual bool onSessionEnd(std::uint64_t sessionId, SessionEnd reason) = 0;
  /// The session was resumed on another loop: let go of its link and hand over its state. Null: no such session here.
  virtual std::unique_ptr<SessionCarry> surrender(std::uint64_t sessionId) = 0;
  /// The engine cannot vouch for this node any more: all clients go away, to come again in `retryAfterMs`, and nobody
  /// is let in until onResume(). Only an engine that nodes share says so.
  virtual void onSuspend(std::uint32_t retryAfterMs) { static_cast<void>(retryAfterMs); }
  virtual void onResume() {}

 protected:
  ~EngineSink() = default;
};

/// What a loop gives its engine; implemented over net::IoLoop, and by a fake in tests.
class EngineHost {
 public:
  virtual std::uint64_t now() const = 0;          ///< monotonic ms
  virtual std::uint64_t wallClockMs() const = 0;  ///< since 1970 UTC
  /// Any thread: runs `task` on this loop.
  virtual void post(Task task) = 0;
  /// onTurnEnd() of this loop's port shall be called once at the end of this turn.
  virtual void requestTurnEnd() = 0;

 protected:
  ~EngineHost() = default;
};

/// One loop's way into the engine.
class EnginePort {
 public:
  virtual ~EnginePort() = default;

  /// Whether other servers share the state, so that a session of this one can go on there.
  virtual bool shared() const { return false; }

  /// The outcome comes by EngineSink::onSendResults of the sender: 0 once the receiver acknowledged, or
  /// PEER_UNREACHABLE, FAILURE (inbox or a queue between loops is full, the store failed), IMCOMPATIBLE_MESSAGE. None
  /// at all if the receiver's session ended after the message was written to it: then nobody knows, and the sender
  /// times out. With SendFlag::Offline, CACHED_BY_SERVER in the place of PEER_UNREACHABLE, once the store has it; the
  /// receiver gets it at its next login, before what is new. With SendFlag::History a text that was taken (for delivery
  /// or into the store) is kept in the history, and success waits for that.
  virtual void sendToPeer(const PeerSendOp& op) = 0;
  /// The outcome comes by EngineSink::onSendResults: 0 = ordered (and in the history, if flagged so), FAILURE = not a
  /// member with this fence, or the history failed.
  virtual void publish(const PublishOp& op) = 0;
  /// Everything up to `offset` of the inbox was received; its senders get their OK.
  virtual void acknowledge(const AcknowledgeOp& op) = 0;

  /// Logs in. A previous session of the user ends completely first: it has left its channels and its members were told
  /// before the new one exists. Peer messages may arrive right after the completion, those first that were stored while
  /// the user was offline. A store that does not answer holds them up for a few seconds, never the login.
  virtual void openSession(OpenRequest request, MoveFunction<void(OpenOutcome)> done) = 0;
  /// Continues a session with a new fence and a new token. The position counts as an acknowledgement. The presented
  /// token stays good until confirmResume(), because the client may never hear of the new one. Peer messages rest until
  /// startDelivery().
  virtual void resumeSession(ResumeRequest request, MoveFunction<void(ResumeOutcome)> done) = 0;
  /// After RESUME_RESULT was sent: everything above the client's position comes, then what is new.
  virtual void startDelivery(const ScopedName& user, std::uint64_t fence) = 0;
  /// The client has used the new link, so it has the new token.
  virtual void confirmResume(const ScopedName& user, std::uint64_t fence) = 0;
  /// The session has no connection now. It ends (GraceOver) unless resumed within `graceMs`.
  virtual void linkLost(const ScopedName& user, std::uint64_t fence, std::uint64_t graceMs) = 0;
  /// Ends the session; its gateway hears onSessionEnd().
  virtual void closeSession(const ScopedName& user, std::uint64_t fence, SessionEnd reason) = 0;
  /// The same for whatever session the user has; completes with whether there was one.
  virtual void closeUser(const ScopedName& user, SessionEnd reason, MoveFunction<void(bool)> done) = 0;
  /// Puts the user's session out of a channel; completes with whether it was in it.
  virtual void kick(const ScopedName& user, std::string channelId, MoveFunction<void(bool)> done) = 0;
  /// The gateway's answer to onSessionEnd(): the session is in no channel any more.
  virtual void sessionEnded(const ScopedName& user, std::uint64_t sessionId) = 0;

  virtual void join(JoinRequest request, MoveFunction<void(JoinOutcome)> done) = 0;
  /// Completes with whether the session was a member.
  virtual void leave(const ScopedName& channel, const ScopedName& user, std::uint64_t fence,
                     MoveFunction<void(bool)> done) = 0;
  /// At most `limit` members, chosen at random if there are more.
  virtual void members(const ScopedName& channel, const ScopedName& user, std::uint64_t fence, std::size_t limit,
                       MoveFunction<void(MembersOutcome)> done) = 0;
  /// 0 for an unknown channel; nothing: the state cannot be reached.
  virtual void memberCount(const ScopedName& channel, MoveFunction<void(std::optional<std::uint32_t>)> done) = 0;

  /// Where users stand now, in the order asked; empty: the state cannot be reached.
  virtual void presence(AppNumber app, std::vector<std::string> userIds,
                        MoveFunction<void(std::vector<wire::PresenceState>)> done) = 0;
  /// This loop watches users, logged in or not: each one's present state comes by EngineSink::onPresence(), then `done`
  /// is called; from the first state on no change is missed. Watching again only tells the state again. A user who
  /// logs in while being kicked for it does not show as OFFLINE in between: the new session is there at once.
  virtual void watch(AppNumber app, std::vector<std::string> userIds, Task done) = 0;
  /// Nobody on this loop watches these users any more; what was on its way may still come.
  virtual void unwatch(AppNumber app, std::vector<std::string> userIds) = 0;
  /// The session's client has been silent for so long that others shall know (UNREACHABLE), or was heard again. A
  /// resume counts as being heard.
  virtual void noteSilence(const ScopedName& user, std::uint64_t fence, bool silent) = 0;

  /// A user writes its own attributes: completes with 0, SIZE_OVERFLOW (nothing changed), or FAILURE (old fence). They
  /// end with the session. A repeat of a write after a resume has no second effect and completes like the first.
  virtual void writeUserAttributes(AttributeWriteRequest request, MoveFunction<void(std::uint32_t)> done) = 0;
  /// Completes with the named attributes of a user who is online, or all if no key is named.
  virtual void userAttributes(const ScopedName& user, std::vector<std::string> keys,
                              MoveFunction<void(AttributesOutcome)> done) = 0;
  /// The same for a channel, which anybody may write. With `notify` its members get the whole set. They are removed
  /// some time after the channel became empty, or after the write if it has no members.
  virtual void writeChannelAttributes(AttributeWriteRequest request, MoveFunction<void(std::uint32_t)> done) = 0;
  virtual void channelAttributes(const ScopedName& channel, std::vector<std::string> keys,
                                 MoveFunction<void(AttributesOutcome)> done) = 0;

  /// What is in the history.
  virtual void queryHistory(HistoryFilter filter, MoveFunction<void(HistoryPage)> done) = 0;

  /// To be called at the end of a turn in which requestTurnEnd() was called.
  virtual void onTurnEnd() = 0;
  /// To be called about every 100 ms: grace periods and member counts fall due here.
  virtual void onTick() = 0;
};

struct EngineCounts {
  std::uint64_t sessions = 0;
  std::uint64_t channels = 0;
};

/// The shared half. Outlives all ports.
class Engine {
 public:
  virtual ~Engine() = default;
  /// Loop `loop` takes part from now on; on its thread. All loops must be attached before the first operation.
  virtual EnginePort& attach(std::uint32_t loop, EngineHost& host, EngineSink& sink) = 0;
  /// Neither host nor sink of this loop are called any more; on its thread.
  virtual void detach(std::uint32_t loop) = 0;
  /// Any thread; of this node.
  virtual EngineCounts counts() const = 0;
};

}  // namespace rtm::server
