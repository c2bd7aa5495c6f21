#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <set>

#include "server/engine/inbox.hpp"
#include "server/engine/outlet.hpp"
#include "server/engine/watch_table.hpp"

namespace rtm::server {

/// The users of all partitions of one loop: who is logged in, and their inboxes.
///
///   (none) ──open──▶ Online ──linkLost──▶ Grace ──deadline──▶ Ending ──ended──▶ (none), or the login that waited
///                      │  ▲                 │                   ▲
///                      │  └─startDelivery─ Resuming ◀─resume────┤ (resume, from Online or Grace; Moving while the
///                      └────close, kick─────┴───────────────────┘  state comes over from another loop)
class UserTable {
 public:
  UserTable(Outlet& outlet, IdSource& ids, const InboxBounds& bounds) : outlet_(outlet), ids_(ids), bounds_(bounds) {}

  void send(const PeerSendOp& op);
  void acknowledge(const AcknowledgeOp& op);

  void open(OpenRequest request, Reply<OpenOutcome> reply);
  void resume(ResumeRequest request, Reply<ResumeOutcome> reply);
  void startDelivery(const ScopedName& user, std::uint64_t fence);
  void confirmResume(const ScopedName& user, std::uint64_t fence);
  void linkLost(const ScopedName& user, std::uint64_t fence, std::uint64_t graceMs);
  void close(const ScopedName& user, std::uint64_t fence, SessionEnd reason);
  void closeAny(const ScopedName& user, SessionEnd reason);
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
    std::optional<SessionEnd> endAfterMove;
    SessionEnd endReason = SessionEnd::Logout;
    bool silent = false;                          ///< for so long that watchers see UNREACHABLE
    std::unique_ptr<AttributeRecord> attributes;  ///< null until the first write
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
  InboxBounds bounds_;
  ScopedMap<std::unique_ptr<User>> users_;
  std::set<std::pair<std::uint64_t, User*>> grace_;  ///< by deadline
  ScopedMap<BannedSession> bannedSessions_;
  WatchTable watches_;
  std::uint64_t lastFence_ = 0;  ///< one for all users of this table: rises per user without remembering anyone
  std::atomic<std::uint64_t> size_{0};
};

}  // namespace rtm::server
