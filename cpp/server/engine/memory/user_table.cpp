#include "server/engine/memory/user_table.hpp"

#include "server/engine/rules/remembering.hpp"

namespace rtm::server {
namespace {

/// Most sessions of which the table remembers that a ban ended them.
constexpr std::size_t kMaxBannedSessions = 10'000;

}  // namespace

// ---- sessions ---------------------------------------------------------------------------------------------------

void UserTable::open(OpenRequest request, Reply<OpenOutcome> reply) {
  User* previous = users_.find({request.app, request.userId});
  if (previous == nullptr) return start(std::move(request), std::move(reply));
  std::optional<User::WaitingLogin> superseded =
      std::exchange(previous->waiting, User::WaitingLogin{std::move(request), std::move(reply)});
  if (previous->state != User::State::Ending) end(*previous, SessionEnd::RemoteLogin);
  if (superseded) superseded->reply.send(outlet_, OpenOutcome{});
}

void UserTable::start(OpenRequest request, Reply<OpenOutcome> reply) {
  const ScopedName name{request.app, request.userId};
  auto owned = std::make_unique<User>(name, ids_.nonZero(), parameters_);
  User& user = *owned;
  user.address = request.address;
  user.capabilities = request.capabilities;
  user.fence = ++lastFence_;
  user.token = ids_.token();
  user.arrivals = std::make_unique<Arrivals>();
  const std::uint64_t fence = user.fence;
  bannedSessions_.erase(user.key);
  users_.add(std::move(owned));
  size_.store(users_.size(), std::memory_order_relaxed);
  announce(name);
  reply.send(outlet_, OpenOutcome{.status = OpenStatus::Opened,
                                  .fence = user.fence,
                                  .resumeToken = user.token,
                                  .inboxEpoch = user.inbox.epoch(),
                                  .inboxOffset = user.inbox.lastOffset()});
  // After the reply, so that the gateway knows the session before its messages come. It may have ended it already.
  User* opened = users_.find(name, fence);
  if (opened != nullptr && opened->arrivals) messages_.begin(*opened);
}

void UserTable::end(User& user, SessionEnd reason) {
  if (user.state == User::State::Ending) return;
  if (user.state == User::State::Moving) {  // no gateway holds the session at this moment: the new one ends it
    if (!user.endAfterMove) user.endAfterMove = reason;
    return;
  }
  if (user.state == User::State::Grace) leaveGrace(user);
  user.state = User::State::Ending;
  user.endReason = reason;
  messages_.end(user);  // now, so that messages that are stored later come behind these
  announce(user.key.view());
  outlet_.endSession(user.address, user.key.view(), reason);  // may come back by ended(): `user` may be gone
}

void UserTable::ended(const ScopedName& name, std::uint64_t sessionId) {
  const User* ending = users_.find(name);
  if (ending == nullptr || ending->state != User::State::Ending || ending->address.sessionId != sessionId) return;
  const std::unique_ptr<User> user = users_.take(name);
  if (user->endReason == SessionEnd::Banned && bannedSessions_.size() < kMaxBannedSessions) {
    bannedSessions_.insert_or_assign(user->key, BannedSession{sessionId, outlet_.now() + kRememberMs});
  }
  if (user->waiting) start(std::move(user->waiting->request), std::move(user->waiting->reply));
  // Only now: if a waiting login takes over, the user was never away, and the count must not dip in between.
  size_.store(users_.size(), std::memory_order_relaxed);
}

void UserTable::close(const ScopedName& name, std::uint64_t fence, SessionEnd reason) {
  if (User* user = users_.find(name, fence)) end(*user, reason);
}

bool UserTable::closeAny(const ScopedName& name, SessionEnd reason) {
  User* user = users_.find(name);
  if (user == nullptr) return false;
  const bool ends = user->state != User::State::Ending || user->waiting;
  std::optional<User::WaitingLogin> waiting = std::exchange(user->waiting, std::nullopt);
  announce(name);  // watchers may have seen the waiting login as online
  end(*user, reason);
  if (waiting) waiting->reply.send(outlet_, OpenOutcome{});
  return ends;
}

void UserTable::kick(const ScopedName& name, std::string channelId, Reply<bool> reply) {
  User* user = users_.find(name);
  if (user == nullptr || user->state == User::State::Ending) return reply.send(outlet_, false);
  if (user->state == User::State::Moving) {  // no gateway holds the session at this moment: the new one gets the kick
    user->kicksAfterMove.push_back({std::move(channelId), std::move(reply)});
    return;
  }
  outlet_.kick(user->address, channelId, std::move(reply));
}

// ---- lost links and resumes -------------------------------------------------------------------------------------

void UserTable::linkLost(const ScopedName& name, std::uint64_t fence, std::uint64_t graceMs) {
  User* user = users_.find(name, fence);
  if (user == nullptr || (user->state != User::State::Online && user->state != User::State::Resuming)) return;
  enterGrace(*user, graceMs);
}

void UserTable::enterGrace(User& user, std::uint64_t graceMs) {
  user.state = User::State::Grace;
  user.graceEnds = outlet_.now() + graceMs;
  grace_.emplace(user.graceEnds, &user);
}

void UserTable::leaveGrace(User& user) {
  grace_.erase({user.graceEnds, &user});
}

ResumeStatus UserTable::judge(const User& user, const ResumeRequest& request) const {
  using Status = ResumeStatus;
  if (user.address.sessionId != request.address.sessionId) return Status::RemoteLogin;
  const bool current = sameToken(user.token, request.token);
  const bool previous = user.previousToken && sameToken(*user.previousToken, request.token);
  if (!current && !previous) return Status::Unknown;
  if (user.state == User::State::Moving) return Status::Busy;
  if (user.state != User::State::Ending) return Status::Resumed;
  if (user.endReason == SessionEnd::RemoteLogin) return Status::RemoteLogin;
  return user.endReason == SessionEnd::Banned ? Status::Banned : Status::Unknown;
}

ResumeStatus UserTable::judgeMissing(const ResumeRequest& request) const {
  const auto found = bannedSessions_.find(ScopedName{request.app, request.userId});
  const bool banned = found != bannedSessions_.end() && found->second.sessionId == request.address.sessionId;
  return banned ? ResumeStatus::Banned : ResumeStatus::Unknown;
}

void UserTable::resume(ResumeRequest request, Reply<ResumeOutcome> reply) {
  const ScopedName name{request.app, request.userId};
  User* user = users_.find(name);
  ResumeOutcome outcome;
  outcome.status = user != nullptr ? judge(*user, request) : judgeMissing(request);
  if (user == nullptr && outcome.status == ResumeStatus::Unknown) returns_.note(request.app);
  if (outcome.status != ResumeStatus::Resumed) return reply.send(outlet_, std::move(outcome));

  if (user->state == User::State::Grace) leaveGrace(*user);
  const SessionAddress old = std::exchange(user->address, request.address);
  user->fence = ++lastFence_;
  user->capabilities = request.capabilities;
  user->silent = false;
  announce(name);
  user->previousToken = request.token;
  user->token = ids_.token();
  outcome.fence = user->fence;
  outcome.resumeToken = user->token;
  outcome.inboxComplete = messages_.rewind(*user, request.inboxEpoch, request.inboxOffset);
  user->state = User::State::Moving;
  if (old.loop == request.address.loop) {
    return finishMove(name, outcome.fence, std::move(outcome), std::move(reply));
  }
  outlet_.surrender(old, request.address.loop,
                    [this, key = user->key, fence = outcome.fence, result = std::move(outcome),
                     to = std::move(reply)](std::unique_ptr<SessionCarry> carry) mutable {
                      result.carry = std::move(carry);
                      if (!result.carry) result.status = ResumeStatus::Unknown;
                      finishMove(key.view(), fence, std::move(result), std::move(to));
                    });
}

void UserTable::finishMove(const ScopedName& name, std::uint64_t fence, ResumeOutcome outcome,
                           Reply<ResumeOutcome> reply) {
  User* user = users_.find(name, fence);
  if (user == nullptr || user->state != User::State::Moving) {
    outcome.status = ResumeStatus::Unknown;
    return reply.send(outlet_, std::move(outcome));
  }
  user->state = User::State::Resuming;
  const std::optional<SessionEnd> pendingEnd = std::exchange(user->endAfterMove, std::nullopt);
  std::vector<User::WaitingKick> kicks = std::exchange(user->kicksAfterMove, {});
  const ScopedKey key = user->key;
  const bool lost = outcome.status != ResumeStatus::Resumed;
  reply.send(outlet_, std::move(outcome));
  // After the reply, so that the new gateway knows the session that it is told to end.
  for (User::WaitingKick& waiting : kicks) kick(key.view(), std::move(waiting.channelId), std::move(waiting.reply));
  if (!pendingEnd && !lost) return;
  if (User* still = users_.find(key.view(), fence)) end(*still, pendingEnd.value_or(SessionEnd::GraceOver));
}

void UserTable::startDelivery(const ScopedName& name, std::uint64_t fence) {
  User* user = users_.find(name, fence);
  if (user == nullptr || user->state != User::State::Resuming) return;
  user->state = User::State::Online;
  messages_.deliver(*user);
}

void UserTable::confirmResume(const ScopedName& name, std::uint64_t fence) {
  if (User* user = users_.find(name, fence)) user->previousToken.reset();
}

void UserTable::tick() {
  const std::uint64_t now = outlet_.now();
  messages_.tick();
  while (!grace_.empty() && grace_.begin()->first <= now) end(*grace_.begin()->second, SessionEnd::GraceOver);
  if (bannedSessions_.empty()) return;
  std::erase_if(bannedSessions_, [now](const auto& entry) { return entry.second.forgetAt <= now; });
}

}  // namespace rtm::server
