#include "server/governor/pending_invitations.hpp"

#include <algorithm>
#include <iterator>

#include "wire/protocol.hpp"

namespace rtm::server {

bool PendingInvitations::begin(const ScopedName& callee, std::string_view callerId, std::uint64_t invitationId,
                               std::uint64_t nowMs) {
  const std::uint64_t caller = hashName({callee.app, callerId}, hashSeed());
  const std::lock_guard lock(mutex_);
  auto at = callees_.find(callee);
  if (at == callees_.end()) at = callees_.emplace(ScopedKey(callee), OfCallee{}).first;
  OfCallee& waiting = at->second;
  removeIf(waiting, [nowMs](const Pending& each) { return each.untilMs <= nowMs; });
  const auto known = std::find_if(waiting.begin(), waiting.end(), [&](const Pending& each) {
    return each.caller == caller && each.invitationId == invitationId;
  });
  if (known != waiting.end()) {
    known->untilMs = nowMs + kLifeMs;
    return true;
  }
  const auto all = callers_.find(caller);
  const bool taken = (all == callers_.end() || all->second < kMostByCaller) && makeRoom(waiting, caller);
  if (taken) {
    waiting.push_back({caller, invitationId, nowMs + kLifeMs});
    ++callers_[caller];
  }
  if (waiting.empty()) callees_.erase(at);
  return taken;
}

void PendingInvitations::end(const ScopedName& callee, std::string_view callerId, std::uint64_t invitationId) {
  const std::uint64_t caller = hashName({callee.app, callerId}, hashSeed());
  const std::lock_guard lock(mutex_);
  const auto at = callees_.find(callee);
  if (at == callees_.end()) return;
  removeIf(at->second, [&](const Pending& each) { return each.caller == caller && each.invitationId == invitationId; });
  if (at->second.empty()) callees_.erase(at);
}

void PendingInvitations::endAll(const ScopedName& callee) {
  const std::lock_guard lock(mutex_);
  const auto at = callees_.find(callee);
  if (at == callees_.end()) return;
  removeIf(at->second, [](const Pending& /*each*/) { return true; });
  callees_.erase(at);
}

void PendingInvitations::sweep(std::uint64_t nowMs) {
  const std::lock_guard lock(mutex_);
  if (nowMs < nextSweepMs_) return;
  nextSweepMs_ = nowMs + 1000;
  for (auto at = callees_.begin(); at != callees_.end();) {
    removeIf(at->second, [nowMs](const Pending& each) { return each.untilMs <= nowMs; });
    at = at->second.empty() ? callees_.erase(at) : std::next(at);
  }
}

std::size_t PendingInvitations::size() const {
  const std::lock_guard lock(mutex_);
  std::size_t count = 0;
  for (const auto& [callee, waiting] : callees_) count += waiting.size();
  return count;
}

/// Whether one more of the caller fits; may end another's.
bool PendingInvitations::makeRoom(OfCallee& waiting, std::uint64_t caller) {
  const auto own = static_cast<std::size_t>(
      std::count_if(waiting.begin(), waiting.end(), [&](const Pending& each) { return each.caller == caller; }));
  if (own >= wire::kMostInvitationsOfCaller) return false;
  if (waiting.size() < wire::kMostInvitationsInAll) return true;
  std::unordered_map<std::uint64_t, std::size_t> counts;
  for (const Pending& each : waiting) ++counts[each.caller];
  const auto most = std::max_element(counts.begin(), counts.end(),
                                     [](const auto& one, const auto& other) { return one.second < other.second; });
  if (most->second <= own + 1) return false;
  const auto newest = std::find_if(waiting.rbegin(), waiting.rend(),
                                   [&most](const Pending& each) { return each.caller == most->first; });
  release(newest->caller);
  waiting.erase(std::next(newest).base());
  return true;
}

void PendingInvitations::release(std::uint64_t caller) {
  const auto found = callers_.find(caller);
  if (--found->second == 0) callers_.erase(found);
}

template <typename Ended>
void PendingInvitations::removeIf(OfCallee& waiting, Ended ended) {
  std::erase_if(waiting, [&](const Pending& each) {
    if (!ended(each)) return false;
    release(each.caller);
    return true;
  });
}

}  // namespace rtm::server
