#include "client/requests/requests.hpp"

namespace rtm::client {

std::uint64_t Requests::deadlineOf(RequestKind kind) const {
  std::uint64_t Timing::*const timeout = ruleOf(kind).timeout;
  return timeout != nullptr ? steadyMs() + timing_.*timeout : kNoDeadline;
}

void Requests::enter(RequestOwner& owner, RequestKind kind, PendingRequest pending, RequestId& id) {
  pending.owner = &owner;
  pending.kind = kind;
  pending.id = id = static_cast<RequestId>(next_);
  pending_.emplace(next_++, std::move(pending));
}

std::optional<PendingRequest> Requests::take(std::uint64_t id) {
  queue_.finishRequest(id);
  const auto found = pending_.find(id);
  if (found == pending_.end()) return std::nullopt;
  std::optional<PendingRequest> pending = std::move(found->second);
  pending_.erase(found);
  return pending;
}

bool Requests::mayAnswer(std::uint64_t id, wire::FrameKind answer) const {
  const auto found = pending_.find(id);
  return found == pending_.end() || answerOf(found->second.kind) == answer;
}

void Requests::finish(std::uint64_t id, int code) {
  if (!mayAnswer(id, wire::FrameKind::Result)) return;
  if (std::optional<PendingRequest> pending = take(id)) end(*pending, code);
}

bool Requests::withdraw(RequestId id) {
  if (!queue_.withdraw(OutboxKind::Request, static_cast<std::uint64_t>(id))) return false;
  pending_.erase(static_cast<std::uint64_t>(id));
  return true;
}

bool Requests::outlivesTimeout(std::uint64_t id) const {
  const auto found = pending_.find(id);
  return found != pending_.end() &&
         (found->second.kind == RequestKind::Subscribe || found->second.kind == RequestKind::Unsubscribe);
}

void Requests::markUnsent(std::uint64_t id) {
  if (const auto found = pending_.find(id); found != pending_.end()) found->second.unsent = true;
}

void Requests::endWithout(std::uint64_t id, int RequestRule::*code) {
  const auto found = pending_.find(id);
  if (found == pending_.end()) return;
  PendingRequest pending = std::move(found->second);
  pending_.erase(found);
  end(pending, ruleOf(pending.kind).*code);
}

void Requests::dropOwn() {
  std::vector<std::uint64_t> left;
  for (const auto& [id, pending] : pending_) {
    if (isOwn(pending.kind)) left.push_back(id);
  }
  for (const std::uint64_t id : left) take(id);
}

std::vector<std::uint64_t> Requests::renewalsOf(const std::string& token) const {
  std::vector<std::uint64_t> ids;
  for (const auto& [id, pending] : pending_) {
    if (pending.kind == RequestKind::RenewToken && pending.text == token) ids.push_back(id);
  }
  return ids;
}

}  // namespace rtm::client
