// A server that goes away sends its clients elsewhere, a few at a time (design §6): a client told so before its server
// is gone loses nothing that it or its server had confirmed.

#include <algorithm>
#include <utility>

#include "server/gateway/gateway.hpp"

namespace rtm::server {
namespace {

/// How long a client may take to close its connection after BYE. Its acknowledgements are taken until then.
constexpr std::uint64_t kLeaveMs = 2000;
/// How long a client is kept for results of what it has sent. A receiver acknowledges within a round trip.
constexpr std::uint64_t kFinishMs = 1000;
/// How long sessions may take to be resumed at other servers, after the last client has left.
constexpr std::uint64_t kMoveMs = 3000;
/// Where nobody knows where to go, the server may be back soon.
constexpr std::uint32_t kRetryAfterMs = 1000;

}  // namespace

void Gateway::drain(std::shared_ptr<const DrainOptions> options, Task gone) {
  if (shutDown_ || draining()) return;
  drain_ = std::make_unique<Draining>();
  drain_->options = std::move(options);
  drain_->gone = std::move(gone);
  drain_->begun = now();
  for (const auto& [id, peer] : peers_) drain_->peers.push_back(id);
  std::vector<Session*> lost;
  for (const auto& [id, session] : sessions_) {
    if (session->peer == nullptr && !port_.shared()) lost.push_back(session.get());
  }
  for (Session* session : lost) closeSession(*session, SessionEnd::GraceOver);
  sweepDrain(now());
}

bool Gateway::turnAway(Peer& peer) {
  if (draining()) {
    sendAway(peer);
    return true;
  }
  if (!suspended_) return false;
  peer.close(wire::Bye{.code = wire::ByeCode::Overloaded,
                       .reason = "the shared state cannot be reached",
                       .retryAfterMs = *suspended_,
                       .endpoints = {}});
  return true;
}

void Gateway::onSuspend(std::uint32_t retryAfterMs) {
  suspended_ = retryAfterMs;
  if (draining()) return;  // they go already
  std::vector<Peer*> peers;
  for (const auto& [id, peer] : peers_) peers.push_back(peer.get());
  for (Peer* peer : peers) turnAway(*peer);  // their sessions can go on elsewhere
}

void Gateway::sendAway(Peer& peer) {
  if (peer.phase() == Peer::kLeaving) return;
  Session* session = peer.session();
  const bool established = peer.phase() == Peer::kEstablished || peer.phase() == Peer::kFinishing;
  const std::vector<std::string>& endpoints = drain_->options->endpoints;
  const wire::Bye bye{.code = wire::ByeCode::ShuttingDown,
                      .reason = "the server shuts down",
                      .retryAfterMs = endpoints.empty() ? kRetryAfterMs : 0,
                      .endpoints = {endpoints.begin(), endpoints.end()},
                      .sendsTaken = session != nullptr && established ? session->state->acceptedSeq + 1 : 0};
  if (session == nullptr || !established) return peer.close(bye);
  flushResults(*session);
  peer.sendAway(bye);
  session->live = false;
  unlistAll(*session);
  presence_.unlist(*session);
  // Nothing more is handed to it. What it has not acknowledged comes when it is resumed; where it cannot be, it is
  // refused to its sender.
  const std::uint64_t grace = port_.shared() ? context_.options.graceMs : kLeaveMs;
  port_.linkLost(session->state->user(), session->state->fence, grace);
}

void Gateway::letFinish(Peer& peer, std::uint64_t at) {
  const Session* session = peer.session();
  const bool waits = session != nullptr && peer.phase() == Peer::kEstablished && session->state->unanswered != 0;
  if (!waits) return sendAway(peer);
  peer.setPhase(Peer::kFinishing);
  drain_->finishing.push_back({peer.id(), at + kFinishMs});
}

void Gateway::sendFinishedAway(std::uint64_t at) {
  if (drain_->finishing.empty()) return;
  std::erase_if(drain_->finishing, [this, at](const Draining::Finishing& each) {
    Peer* peer = findPeer(each.peerId);
    if (peer == nullptr) return true;
    const Session* session = peer->session();
    if (session != nullptr && session->state->unanswered != 0 && at < each.until) return false;
    sendAway(*peer);
    return true;
  });
}

void Gateway::sweepDrain(std::uint64_t at) {
  if (!draining()) return;
  Draining& drain = *drain_;
  const std::uint64_t elapsed = at - std::min(at, drain.begun);
  const std::uint64_t whole = std::max<std::uint64_t>(drain.options->overMs, 1);
  const bool over = elapsed >= drain.options->overMs;
  const std::size_t due = over ? drain.peers.size() : drain.peers.size() * elapsed / whole;
  while (drain.next < due) {
    if (Peer* peer = findPeer(drain.peers[drain.next++])) letFinish(*peer, at);
  }
  sendFinishedAway(at);
  if (!drain.gone || (!sessions_.empty() && !port_.shared())) return;
  const bool here =
      std::any_of(drain.peers.begin(), drain.peers.end(), [this](std::uint64_t id) { return findPeer(id) != nullptr; });
  if (here) return;
  if (drain.leftMs == 0) drain.leftMs = at;
  // As long as this server lives, nobody takes its users for lost.
  if (!sessions_.empty() && at - drain.leftMs < kMoveMs) return;
  std::exchange(drain.gone, {})();
}

}  // namespace rtm::server
