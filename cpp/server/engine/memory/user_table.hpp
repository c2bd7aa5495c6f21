#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <set>

#include "server/engine/memory/arrivals.hpp"
#include "server/engine/memory/attribute_set.hpp"
#include "server/engine/memory/history_writes.hpp"
#include "server/engine/memory/outlet.hpp"
#include "server/engine/memory/watch_table.hpp"

namespace rtm::server {

/// The users of all partitions of one loop: who is logged in, and their inboxes.
///
///   (none) ──open──▶ Online ──linkLost──▶ Grace ──deadline──▶ Ending ──ended──▶ (none), or the login that waited
///                      │  ▲                 │                   ▲
///                      │  └─startDelivery─ Resuming ◀─resume────┤ (resume, from Online or Grace; Moving while the
///                      └────close, kick─────┴───────────────────┘  state comes over from another loop)
class UserTable {
 public:
  /// `parameters` outlive the table.
  UserTable(Outlet& outlet, IdSource& ids, const EngineParameters& parameters, MessageStore& store,
            HistoryWrites& history)
      : outlet_(outlet), ids_(ids), parameters_(parameters), store_(store), history_(history) {}

  void send(const PeerSendOp& op);
  void acknowledge(const AcknowledgeOp& op);

  void open(OpenRequest request, Reply<OpenOutcome> reply);
  void resume(ResumeRequest request, Reply<ResumeOutcome> reply);
  void startDelivery(const ScopedName& user, std::uint64_t fence);
  void confirmResume(const ScopedName& user, std::uint64_t fence);
  void linkLost(const ScopedName& user, std::uint64_t fence, std::uint64_t graceMs);
  void close(const ScopedName& user, std::uint64_t fence, SessionEnd reason);
  /// Whether there was a session to end.
  bool closeAny(const ScopedName& user, SessionEnd reason);
  void kick(const ScopedName& user, std::string channelId, Reply<bool> reply);
  void ended(const ScopedName& user, std::uint64_t sessionId);
  void tick();

  // user_presence.cpp
  wire::PresenceState presence(const ScopedName& user) const;
  void watch(const ScopedName& user, std::uint32_t loop);
  void unwatch(const ScopedName& user, std::uint32_t loop);
  void noteSilence(const ScopedName& user, std::uint64_t fence, bool silent);
  std::uint32_t writeAttributes(const AttributeWriteRequest& request);
  AttributesOutcome attributes(const ScopedName& user, const std::vector<std::string>& keys) const;

  /// Any thread.
  std::uint64_t size() const { return size_.load(std::memory_order_relaxed); }

 private:
  enum class State : std::uint8_t { Online, Grace, Moving, Resuming, Ending };

  struct WaitingLogin {
    OpenRequest request;
    Reply<OpenOutcome> reply;
  };

  struct WaitingKick {
    std::string channelId;
    Reply<bool> reply;
  };

  struct User {
    User(const ScopedName& name, std::uint64_t epoch, const InboxBounds& bounds) : key(name), inbox(epoch, bounds) {}
    ScopedKey key;
    SessionAddress address;
    std::uint64_t fence = 0;
    std::uint64_t capabilities = 0;
    State state = State::Online;
    ResumeToken token{};
    std::optional<ResumeToken> previousToken;  ///< until the client is known to have `token`
    std::uint64_t graceEnds = 0;
    Inbox inbox;
    std::unique_ptr<Arrivals> arrivals;  ///< null: new messages go straight into the inbox
    std::optional<SessionEnd> endAfterMove;
    SessionEnd endReason = SessionEnd::Logout;
    bool silent = false;                          ///< for so long that watchers see UNREACHABLE
    std::unique_ptr<AttributeRecord> attributes;  ///< null until the first write
    std::vector<WaitingKick> kicksAfterMove;      ///< what came while nobody held the session
    std::optional<WaitingLogin> waiting;          ///< the newest login that waits for the end of this session
  };

  /// A session that a ban ended while its client may have been away: so that the client can be told.
  struct BannedSession {
    std::uint64_t sessionId = 0;
    std::uint64_t forgetAt = 0;
  };

  User* find(const ScopedName& name);
  User* find(const ScopedName& name, std::uint64_t fence);
  void start(OpenRequest request, Reply<OpenOutcome> reply);
  void end(User& user, SessionEnd reason);

  // user_offline.cpp
  /// The receiver is not there: stores the message, if it is flagged so.
  void sendToAbsent(const PeerSendOp& op);
  /// Gives a message to the store; its sender hears what became of it.
  void store(const ScopedName& receiver, const SessionAddress& sender, std::uint64_t seq, OfflineMessage message,
             std::optional<HistoryRecord> record);
  void beginStoring(const ScopedName& receiver);
  void endStoring(const ScopedName& receiver);
  /// The session ends: what no link ever got goes to the store, or its senders hear that it was not delivered.
  void storeUndelivered(User& user);
  /// A new session: what was stored for the user comes first.
  void beginArrivals(User& user);
  void load(User& user);
  void loaded(const ScopedName& name, std::uint64_t load, OfflinePage page);
  /// Nothing is awaited from the store any more.
  void openInbox(User& user);
  /// Moves what waits into the inbox, as far as there is room.
  void admit(User& user);
  /// Puts a message behind all others for a user who is there. False: a bound is reached.
  bool take(User& user, const PeerSendOp& op);
  /// The client has these messages: their sender gets its OK, or the store lets go of them.
  void settle(const User& user, const SessionAddress& sender, std::uint64_t first, std::uint64_t count);
  void tickArrivals(std::uint64_t now);

  void finishMove(const ScopedName& name, std::uint64_t fence, ResumeOutcome outcome, Reply<ResumeOutcome> reply);
  void deliver(User& user);
  void enterGrace(User& user, std::uint64_t graceMs);
  void leaveGrace(User& user);
  /// Tells those who watch `name`, if its presence is another one now.
  void announce(const ScopedName& name);
  ResumeOutcome::Status judge(const User& user, const ResumeRequest& request) const;
  ResumeOutcome::Status judgeMissing(const ResumeRequest& request) const;

  Outlet& outlet_;
  IdSource& ids_;
  const EngineParameters& parameters_;
  MessageStore& store_;
  HistoryWrites& history_;
  ScopedMap<std::unique_ptr<User>> users_;
  std::set<std::pair<std::uint64_t, User*>> grace_;  ///< by deadline
  ScopedMap<BannedSession> bannedSessions_;
  WatchTable watches_;
  ScopedMap<std::uint32_t> storing_;  ///< by receiver: what the store is doing to its queue
  std::size_t storingBytes_ = 0;      ///< of messages that the store has not answered
  std::set<User*> loading_;           ///< whose stored messages have not come yet
  std::uint64_t lastLoad_ = 0;
  std::uint64_t lastFence_ = 0;  ///< one for all users of this table: rises per user without remembering anyone
  std::atomic<std::uint64_t> size_{0};
};

}  // namespace rtm::server
