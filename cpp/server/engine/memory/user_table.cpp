#include "server/engine/memory/user_table.hpp"

#include "server/model/codes.hpp"

namespace rtm::server {
namespace {

/// How long a client that was away is told that its session was ended by a ban.
constexpr std::uint64_t kBannedSessionMs = 120'000;
constexpr std::size_t kMaxBannedSessions = 10'000;

}  // namespace

UserTable::User* UserTable::find(const ScopedName& name) {
  const auto found = users_.find(name);
  return found == users_.end() ? nullptr : found->second.get();
}

UserTable::User* UserTable::find(const ScopedName& name, std::uint64_t fence) {
  User* user = find(name);
  return user != nullptr && user->fence == fence ? user : nullptr;
}

// ---- messages ---------------------------------------------------------------------------------------------------

void UserTable::send(const PeerSendOp& op) {
  User* user = find({op.app, op.receiverId});
  const auto answer = [&](std::uint32_t result) { outlet_.sendResults(op.sender, op.seq, 1, result); };
  if (user == nullptr || user->state == State::Ending) return sendToAbsent(op);
  if ((op.requiredCapabilities & ~user->capabilities) != 0) return answer(code::peer::kIncompatibleMessage);
  if (!outlet_.hasRoom(user->address.loop)) return answer(code::peer::kFailure);
  if (!take(*user, op)) return answer(code::peer::kFailure);
  history_.keep(op.app, op.sender, op.seq, HistoryWrites::recordOf(op));
  if (user->state == State::Online) deliver(*user);
}

void UserTable::deliver(User& user) {
  for (ByteView frame = user.inbox.handNext(); !frame.empty(); frame = user.inbox.handNext()) {
    outlet_.peerMessage(user.address, frame);
  }
}

void UserTable::acknowledge(const AcknowledgeOp& op) {
  User* user = find({op.app, op.userId}, op.fence);
  if (user == nullptr) return;
  user->inbox.acknowledge(op.offset, [&](const SessionAddress& sender, std::uint64_t first, std::uint64_t count) {
    settle(*user, sender, first, count);
  });
  admit(*user);
  if (user->state == State::Online) deliver(*user);  // the window has room again
}

// ---- sessions ---------------------------------------------------------------------------------------------------

void UserTable::open(OpenRequest request, Reply<OpenOutcome> reply) {
  User* previous = find({request.app, request.userId});
  if (previous == nullptr) return start(std::move(request), std::move(reply));
  std::optional<WaitingLogin> superseded =
      std::exchange(previous->waiting, WaitingLogin{std::move(request), std::move(reply)});
  if (previous->state != State::Ending) end(*previous, SessionEnd::RemoteLogin);
  if (superseded) superseded->reply.send(outlet_, OpenOutcome{});
}

void UserTable::start(OpenRequest request, Reply<OpenOutcome> reply) {
  const ScopedName name{request.app, request.userId};
  auto owned = std::make_unique<User>(name, ids_.nonZero(), parameters_.inbox);
  User& user = *owned;
  user.address = request.address;
  user.capabilities = request.capabilities;
  user.fence = ++lastFence_;
  user.token = ids_.token();
  user.arrivals = std::make_unique<Arrivals>();
  const std::uint64_t fence = user.fence;
  bannedSessions_.erase(user.key);
  users_.emplace(user.key, std::move(owned));
  size_.store(users_.size(), std::memory_order_relaxed);
  announce(name);
  reply.send(outlet_, OpenOutcome{.status = OpenOutcome::Status::Opened,
                                  .fence = user.fence,
                                  .resumeToken = user.token,
                                  .inboxEpoch = user.inbox.epoch(),
                                  .inboxOffset = user.inbox.lastOffset()});
  // After the reply: what comes now is for a session that its gateway knows, and it may have ended it already.
  User* opened = find(name, fence);
  if (opened != nullptr && opened->arrivals) beginArrivals(*opened);
}

void UserTable::end(User& user, SessionEnd reason) {
  if (user.state == State::Ending) return;
  if (user.state == State::Moving) {  // nobody holds the session at this moment: its new gateway shall end it
    if (!user.endAfterMove) user.endAfterMove = reason;
    return;
  }
  if (user.state == State::Grace) leaveGrace(user);
  user.state = State::Ending;
  user.endReason = reason;
  storeUndelivered(user);  // now, so that what is stored from here on comes behind it
  announce(user.key.view());
  outlet_.endSession(user.address, user.key.view(), reason);  // may come back by ended(): `user` may be gone
}

void UserTable::ended(const ScopedName& name, std::uint64_t sessionId) {
  const auto found = users_.find(name);
  if (found == users_.end()) return;
  if (found->second->state != State::Ending || found->second->address.sessionId != sessionId) return;
  const std::unique_ptr<User> user = std::move(found->second);
  users_.erase(found);
  if (user->endReason == SessionEnd::Banned && bannedSessions_.size() < kMaxBannedSessions) {
    bannedSessions_.insert_or_assign(user->key, BannedSession{sessionId, outlet_.now() + kBannedSessionMs});
  }
  if (user->waiting) start(std::move(user->waiting->request), std::move(user->waiting->reply));
  // Only now: the user was never away if another login of it takes over, and a reader of the count would see it so.
  size_.store(users_.size(), std::memory_order_relaxed);
}

void UserTable::close(const ScopedName& name, std::uint64_t fence, SessionEnd reason) {
  if (User* user = find(name, fence)) end(*user, reason);
}

bool UserTable::closeAny(const ScopedName& name, SessionEnd reason) {
  User* user = find(name);
  if (user == nullptr) return false;
  const bool ends = user->state != State::Ending || user->waiting;
  std::optional<WaitingLogin> waiting = std::exchange(user->waiting, std::nullopt);
  announce(name);  // it may have been the login that waited which was online
  end(*user, reason);
  if (waiting) waiting->reply.send(outlet_, OpenOutcome{});
  return ends;
}

void UserTable::kick(const ScopedName& name, std::string channelId, Reply<bool> reply) {
  User* user = find(name);
  if (user == nullptr || user->state == State::Ending) return reply.send(outlet_, false);
  if (user->state == State::Moving) {  // nobody holds the session at this moment: its new gateway shall hear of it
    user->kicksAfterMove.push_back({std::move(channelId), std::move(reply)});
    return;
  }
  outlet_.kick(user->address, channelId, std::move(reply));
}

// ---- lost links and resumes -------------------------------------------------------------------------------------

void UserTable::linkLost(const ScopedName& name, std::uint64_t fence, std::uint64_t graceMs) {
  User* user = find(name, fence);
  if (user == nullptr || (user->state != State::Online && user->state != State::Resuming)) return;
  enterGrace(*user, graceMs);
}

void UserTable::enterGrace(User& user, std::uint64_t graceMs) {
  user.state = State::Grace;
  user.graceEnds = outlet_.now() + graceMs;
  grace_.emplace(user.graceEnds, &user);
}

void UserTable::leaveGrace(User& user) {
  grace_.erase({user.graceEnds, &user});
}

ResumeOutcome::Status UserTable::judge(const User& user, const ResumeRequest& request) const {
  using Status = ResumeOutcome::Status;
  if (user.address.sessionId != request.address.sessionId) return Status::RemoteLogin;
  const bool current = sameToken(user.token, request.token);
  const bool previous = user.previousToken && sameToken(*user.previousToken, request.token);
  if (!current && !previous) return Status::Unknown;
  if (user.state == State::Moving) return Status::Busy;
  if (user.state != State::Ending) return Status::Resumed;
  if (user.endReason == SessionEnd::RemoteLogin) return Status::RemoteLogin;
  return user.endReason == SessionEnd::Banned ? Status::Banned : Status::Unknown;
}

ResumeOutcome::Status UserTable::judgeMissing(const ResumeRequest& request) const {
  const auto found = bannedSessions_.find(ScopedName{request.app, request.userId});
  const bool banned = found != bannedSessions_.end() && found->second.sessionId == request.address.sessionId;
  return banned ? ResumeOutcome::Status::Banned : ResumeOutcome::Status::Unknown;
}

void UserTable::resume(ResumeRequest request, Reply<ResumeOutcome> reply) {
  const ScopedName name{request.app, request.userId};
  User* user = find(name);
  ResumeOutcome outcome;
  outcome.status = user != nullptr ? judge(*user, request) : judgeMissing(request);
  if (outcome.status != ResumeOutcome::Status::Resumed) return reply.send(outlet_, std::move(outcome));

  if (user->state == State::Grace) leaveGrace(*user);
  const SessionAddress old = std::exchange(user->address, request.address);
  user->fence = ++lastFence_;
  user->capabilities = request.capabilities;
  user->silent = false;
  announce(name);
  user->previousToken = request.token;
  user->token = ids_.token();
  outcome.fence = user->fence;
  outcome.resumeToken = user->token;
  outcome.inboxComplete = user->inbox.rewind(request.inboxEpoch, request.inboxOffset,
                                             [&](const SessionAddress& sender, std::uint64_t first,
                                                 std::uint64_t count) { settle(*user, sender, first, count); });
  admit(*user);
  user->state = State::Moving;
  if (old.loop == request.address.loop) {
    return finishMove(name, outcome.fence, std::move(outcome), std::move(reply));
  }
  outlet_.surrender(old, request.address.loop,
                    [this, key = user->key, fence = outcome.fence, result = std::move(outcome),
                     to = std::move(reply)](std::unique_ptr<SessionCarry> carry) mutable {
                      result.carry = std::move(carry);
                      if (!result.carry) result.status = ResumeOutcome::Status::Unknown;
                      finishMove(key.view(), fence, std::move(result), std::move(to));
                    });
}

void UserTable::finishMove(const ScopedName& name, std::uint64_t fence, ResumeOutcome outcome,
                           Reply<ResumeOutcome> reply) {
  User* user = find(name, fence);
  if (user == nullptr || user->state != State::Moving) {
    outcome.status = ResumeOutcome::Status::Unknown;
    return reply.send(outlet_, std::move(outcome));
  }
  user->state = State::Resuming;
  const std::optional<SessionEnd> pendingEnd = std::exchange(user->endAfterMove, std::nullopt);
  std::vector<WaitingKick> kicks = std::exchange(user->kicksAfterMove, {});
  const ScopedKey key = user->key;
  const bool lost = outcome.status != ResumeOutcome::Status::Resumed;
  reply.send(outlet_, std::move(outcome));
  // After the reply, so that the new gateway knows the session it is told to end.
  for (WaitingKick& waiting : kicks) kick(key.view(), std::move(waiting.channelId), std::move(waiting.reply));
  if (!pendingEnd && !lost) return;
  if (User* still = find(key.view(), fence)) end(*still, pendingEnd.value_or(SessionEnd::GraceOver));
}

void UserTable::startDelivery(const ScopedName& name, std::uint64_t fence) {
  User* user = find(name, fence);
  if (user == nullptr || user->state != State::Resuming) return;
  user->state = State::Online;
  deliver(*user);
}

void UserTable::confirmResume(const ScopedName& name, std::uint64_t fence) {
  if (User* user = find(name, fence)) user->previousToken.reset();
}

void UserTable::tick() {
  const std::uint64_t now = outlet_.now();
  tickArrivals(now);
  while (!grace_.empty() && grace_.begin()->first <= now) end(*grace_.begin()->second, SessionEnd::GraceOver);
  if (bannedSessions_.empty()) return;
  std::erase_if(bannedSessions_, [now](const auto& entry) { return entry.second.forgetAt <= now; });
}

}  // namespace rtm::server
