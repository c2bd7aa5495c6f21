#pragma once

#include <atomic>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "server/engine/memory/user.hpp"
#include "server/engine/memory/user_messages.hpp"
#include "server/engine/memory/watch_table.hpp"

namespace rtm::server {

/// The sessions of the users of one loop: login, resume, end, presence and attributes; UserMessages has their messages.
/// Loop thread only, but for size(). Remembers at most 10,000 sessions that a ban ended, for 2 minutes.
class UserTable {
 public:
  /// `parameters` outlive the table.
  UserTable(Outlet& outlet, IdSource& ids, const EngineParameters& parameters, MessageStore& store,
            HistoryWrites& history, Returns& returns)
      : outlet_(outlet),
        ids_(ids),
        parameters_(parameters),
        returns_(returns),
        messages_(outlet, parameters, store, history, returns),
        users_(messages_.users()) {}

  UserMessages& messages() { return messages_; }

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
  /// A session that a ban ended. Its client may have been away; a resume tells it.
  struct BannedSession {
    std::uint64_t sessionId = 0;
    std::uint64_t forgetAt = 0;
  };

  void start(OpenRequest request, Reply<OpenOutcome> reply);
  void end(User& user, SessionEnd reason);
  void finishMove(const ScopedName& name, std::uint64_t fence, ResumeOutcome outcome, Reply<ResumeOutcome> reply);
  void enterGrace(User& user, std::uint64_t graceMs);
  void leaveGrace(User& user);
  /// Tells the watchers of `name`, if its presence has changed.
  void announce(const ScopedName& name);
  ResumeStatus judge(const User& user, const ResumeRequest& request) const;
  ResumeStatus judgeMissing(const ResumeRequest& request) const;

  Outlet& outlet_;
  IdSource& ids_;
  const EngineParameters& parameters_;
  Returns& returns_;
  UserMessages messages_;
  Users& users_;
  std::set<std::pair<std::uint64_t, User*>> grace_;  ///< by deadline
  ScopedMap<BannedSession> bannedSessions_;
  WatchTable watches_;
  std::uint64_t lastFence_ =
      0;  ///< one for all users of this table, so that it rises for each user without remembering any
  std::atomic<std::uint64_t> size_{0};
};

}  // namespace rtm::server
