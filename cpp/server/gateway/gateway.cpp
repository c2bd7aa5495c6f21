#include "server/gateway/gateway.hpp"

#include <algorithm>
#include <utility>

#include "server/media/media_loop.hpp"
#include "server/model/codes.hpp"

namespace rtm::server {
namespace {

/// Most bytes that wait for one client; above them it is cut.
constexpr std::size_t kHardQueueBytes = 4 * 1024 * 1024;

/// An established peer is looked at this often even if nothing is due: its token may be renewed with one that ends
/// sooner, and the wall clock be set.
constexpr std::uint64_t kLookMs = 1000;

/// Over how long the lateness of a loop is told.
constexpr std::uint64_t kDelayWindowMs = 1000;

/// Fine enough for the shortest time in the options, never a busy loop.
std::uint64_t sweepInterval(const ServerOptions& options) {
  const std::uint64_t shortest = std::min({options.graceMs, options.loginTimeoutMs, options.unreachableMs});
  return std::clamp<std::uint64_t>(shortest / 20, 10, 100);
}

}  // namespace

Gateway::Gateway(ServerContext& context, net::IoLoop& loop, std::uint32_t index, EngineHost& host, LoopStats& stats)
    : context_(context),
      loop_(loop),
      index_(index),
      stats_(stats),
      port_(context.engine->attach(index, host, *this)),
      presence_(port_),
      media_(std::make_shared<MediaGate>(context, loop, index, stats)),
      sweepTimer_(loop, [this] { sweep(); }) {
  armSweep(now());
}

Gateway::~Gateway() {
  context_.engine->detach(index_);
}

// ---- connections ------------------------------------------------------------------------------------------------

void Gateway::accept(net::LinkHandle link) {
  if (shutDown_) return;
  link->setQueueBound(kHardQueueBytes);
  link->setFrameLimit(wire::kMaxFrameBodyBeforeLogin);
  auto peer = std::make_unique<Peer>(*this, std::move(link), ++lastPeerId_, now());
  Peer& accepted = *peer;
  watched_.push_back({.peerId = accepted.id(), .dueMs = 0});
  peers_.emplace(accepted.id(), std::move(peer));
  countConnections();
  const std::uint32_t most = context_.options.maxConnections;
  // Each loop takes its share, so that no count has to be shared between them.
  const std::uint32_t share = (most + context_.options.loops - 1) / std::max(1U, context_.options.loops);
  if (most != 0 && peers_.size() + media_->size() > share)
    accepted.close(wire::ByeCode::Overloaded, "as many connections as allowed");
}

void Gateway::countConnections() {
  stats_.connections.set(peers_.size() + media_->size());
}

Peer* Gateway::findPeer(std::uint64_t id) {
  const auto found = peers_.find(id);
  return found == peers_.end() ? nullptr : found->second.get();
}

void Gateway::release(Peer& peer, std::uint64_t lastReceivedMs) {
  if (Session* session = peer.session()) {
    unbind(*session);
    if (draining() && !port_.shared()) {
      closeSession(*session, SessionEnd::GraceOver);  // it cannot come back here
    } else {
      loseLink(*session, lastReceivedMs);
    }
  }
  const auto found = peers_.find(peer.id());
  if (found == peers_.end()) return;
  released_.push_back(std::move(found->second));
  peers_.erase(found);
  countConnections();
  requestTurnEnd();
}

void Gateway::noteOverrun(Peer& peer) {
  overrun_.push_back(peer.id());
  requestTurnEnd();
}

void Gateway::onTurnEnd() {
  port_.onTurnEnd();
  for (Session* session : std::exchange(dirty_, {})) flushResults(*session);
  if (draining()) sendFinishedAway(now());
  presence_.flush();
  for (const std::uint64_t id : std::exchange(overrun_, {})) {
    if (Peer* peer = findPeer(id)) peer->cutOverrun();
  }
  released_.clear();
}

void Gateway::sweep() {
  const std::uint64_t at = now();
  for (std::size_t index = 0; index < watched_.size();) {
    Watched& watched = watched_[index];
    Peer* peer = watched.dueMs <= at ? findPeer(watched.peerId) : nullptr;
    if (peer != nullptr) {
      const std::uint64_t due = sweepPeer(*peer, at);
      watched_[index].dueMs = due;
    } else if (watched.dueMs <= at) {  // gone since
      watched = watched_.back();
      watched_.pop_back();
      continue;
    }
    ++index;
  }
  measure(at);
  sweepLost(at);
  sweepDrain(at);
  media_->sweep();
  countConnections();
  port_.onTick();
  requestTurnEnd();
  armSweep(at);
}

void Gateway::armSweep(std::uint64_t at) {
  const std::uint64_t interval = sweepInterval(context_.options);
  sweepDue_ = at + interval;
  sweepTimer_.arm(interval);
}

void Gateway::measure(std::uint64_t at) {
  stats_.sweptAtMs.set(at);
  stats_.queueBytes.set(loop_.counters().queuedBytes);
  const std::uint64_t late = at - std::min(at, sweepDue_);
  if (at >= delayWindowEnds_) {
    delayWindowEnds_ = at + kDelayWindowMs;
    lastDelayMs_ = std::exchange(delayMs_, 0);
  }
  delayMs_ = std::max(delayMs_, late);
  stats_.loopDelayMs.set(std::max(lastDelayMs_, delayMs_));
}

std::uint64_t Gateway::sweepPeer(Peer& peer, std::uint64_t at) {
  if (peer.phase() < Peer::kEstablished) {
    if (at - peer.connectedAt() >= context_.options.loginTimeoutMs) {
      peer.close(wire::ByeCode::LoginTimeout, "no login in time");
    }
    return at;
  }
  Session* session = peer.session();
  if (session == nullptr) return at;
  const std::uint64_t quiet = at - std::min(at, peer.lastReceived());
  if (quiet >= context_.options.graceMs) {
    closeSession(*session, SessionEnd::GraceOver);
    return at;
  }
  const bool silent = quiet >= context_.options.unreachableMs;
  noteSilence(*session, silent);
  std::uint64_t rest = kLookMs;
  const std::uint64_t expires = session->state->tokenExpiresAtMs;
  if (expires != 0) {
    const std::uint64_t wall = wallClockMs();
    if (expires <= wall) {
      closeSession(*session, SessionEnd::TokenExpired);
      return at;
    }
    rest = std::min(rest, expires - wall);
  }
  // One that is silent is looked at each time: others shall see at once that it is back.
  if (silent) return at;
  return at + std::min({rest, context_.options.unreachableMs - quiet, context_.options.graceMs - quiet});
}

void Gateway::shutDown() {
  shutDown_ = true;
  sweepTimer_.cancel();
  std::vector<Peer*> peers;
  for (const auto& [id, peer] : peers_) peers.push_back(peer.get());
  for (Peer* peer : peers) {
    if (draining()) {
      sendAway(*peer);
      peer->closeAfterFlush();
    } else {
      peer->close(wire::ByeCode::ShuttingDown, "the server shuts down");
    }
  }
  media_->shutDown();
}

// ---- sessions ---------------------------------------------------------------------------------------------------

Session* Gateway::findSession(std::uint64_t sessionId) {
  const auto found = sessions_.find(sessionId);
  return found == sessions_.end() ? nullptr : found->second.get();
}

Session& Gateway::addSession(std::unique_ptr<SessionState> state) {
  auto session = std::make_unique<Session>(std::move(state));
  Session& added = *session;
  sessions_.insert_or_assign(added.state->sessionId, std::move(session));
  return added;
}

void Gateway::bind(Session& session, Peer& peer) {
  session.peer = &peer;
  session.capabilities = peer.capabilities();
  peer.bind(&session);
}

void Gateway::unbind(Session& session) {
  unlistAll(session);
  presence_.unlist(session);
  if (session.peer != nullptr) session.peer->bind(nullptr);
  session.peer = nullptr;
  session.live = false;
  session.unconfirmed = false;
  session.silent = false;
  session.pending.clear();  // remembered in state->results, told after a resume
  session.held = {};
}

void Gateway::closeSession(Session& session, SessionEnd reason) {
  if (std::exchange(session.closing, true)) return;
  port_.closeSession(session.state->user(), session.state->fence, reason);
}

std::unique_ptr<SessionCarry> Gateway::surrender(std::uint64_t sessionId) {
  const auto found = sessions_.find(sessionId);
  if (found == sessions_.end()) return nullptr;
  const std::unique_ptr<Session> session = std::move(found->second);
  sessions_.erase(found);
  takeLink(*session);
  std::erase(dirty_, session.get());
  return std::move(session->state);
}

void Gateway::takeLink(Session& session) {
  Peer* peer = session.peer;
  unbind(session);
  if (peer != nullptr) peer->close(wire::ByeCode::SessionMoved, "the session was resumed on another connection");
}

bool Gateway::onSessionEnd(std::uint64_t sessionId, SessionEnd reason) {
  const auto found = sessions_.find(sessionId);
  if (found == sessions_.end()) return false;
  std::unique_ptr<Session> session = std::move(found->second);
  sessions_.erase(found);
  if (session->state->usedMedia) media_->endSession(sessionId);
  Peer* peer = session->peer;
  unbind(*session);
  std::erase(dirty_, session.get());
  std::uint64_t logoutPeer = 0;
  if (reason == SessionEnd::RemoteLogin) stats_.kicks.add();
  if (peer != nullptr) {
    switch (reason) {
      case SessionEnd::RemoteLogin:
        peer->close(wire::ByeCode::RemoteLogin, "the user logged in elsewhere");
        break;
      case SessionEnd::Banned:
        peer->close(wire::ByeCode::Banned, "the user is banned");
        break;
      case SessionEnd::TokenExpired:
        peer->close(wire::ByeCode::TokenExpired, "the token ran out");
        break;
      case SessionEnd::GraceOver:
        peer->closeAfterFlush();
        break;
      case SessionEnd::Logout:
        logoutPeer = session->logoutRequest ? peer->id() : 0;
        peer->setPhase(Peer::kClosing);
        if (logoutPeer == 0) peer->closeAfterFlush();
        break;
    }
  }
  leaveAll(std::move(session), logoutPeer);
  return true;
}

void Gateway::leaveAll(std::unique_ptr<Session> session, std::uint64_t logoutPeer) {
  const auto ending = std::make_shared<Ending>();
  // One more than the channels: a leave on this loop completes at once, and the session must outlive the walk over it.
  ending->left = session->state->channels.size() + 1;
  ending->logoutPeer = logoutPeer;
  ending->session = std::move(session);
  const SessionState& state = *ending->session->state;
  for (const auto& [channelId, membership] : state.channels) {
    port_.leave(state.channel(channelId), state.user(), state.fence, [this, ending](bool) {
      if (--ending->left == 0) finishEnd(*ending);
    });
  }
  if (--ending->left == 0) finishEnd(*ending);
}

void Gateway::finishEnd(Ending& ending) {
  const std::unique_ptr<Session> session = std::move(ending.session);
  port_.sessionEnded(session->state->user(), session->state->sessionId);
  Peer* peer = findPeer(ending.logoutPeer);
  if (peer == nullptr) return;
  peer->send(wire::Result{.requestId = session->logoutRequest.value_or(0), .code = code::kOk, .tokenLifeMs = 0});
  peer->closeAfterFlush();
}

// ---- results and messages ---------------------------------------------------------------------------------------

void Gateway::markDirty(Session& session) {
  if (std::exchange(session.dirty, true)) return;
  dirty_.push_back(&session);
  requestTurnEnd();
}

void Gateway::answerSend(Session& session, std::uint64_t firstSeq, std::uint64_t count, std::uint32_t code) {
  session.state->results.record(firstSeq, count, code);
  session.state->unanswered -= std::min(count, session.state->unanswered);
  if (!session.live) return;
  session.pending.add(firstSeq, count, code);
  markDirty(session);
}

void Gateway::repeatAnswer(Session& session, std::uint64_t firstSeq, std::uint64_t count, std::uint32_t code) {
  session.pending.add(firstSeq, count, code);
  markDirty(session);
}

void Gateway::flushResults(Session& session) {
  session.dirty = false;
  if (!session.live) return session.pending.clear();
  session.pending.flush(scratch_, [&session](const wire::SendResults& results) { session.peer->send(results); });
}

bool Gateway::onSendResults(std::uint64_t sessionId, std::uint64_t firstSeq, std::uint64_t count, std::uint32_t code) {
  Session* session = findSession(sessionId);
  if (session == nullptr) return false;
  // An engine may tell one twice: a cluster does by the answer to a repeated send and by its news. Counted twice,
  // others would count as answered that are not, and a drain would send their client away.
  const std::uint64_t end = firstSeq + count;
  for (std::uint64_t seq = firstSeq; seq < end;) {
    const SentResults::Stretch stretch = session->state->results.stretch(seq, end);
    if (!stretch.known) answerSend(*session, seq, stretch.until - seq, code);
    seq = stretch.until;
  }
  return true;
}

void Gateway::onPeerMessage(std::uint64_t sessionId, ByteView frame) {
  Session* session = findSession(sessionId);
  if (session == nullptr || !session->live) return;  // the engine keeps it for the resume
  session->peer->sendFrames(frame);
  stats_.messagesOut.add();
}

void Gateway::listInHub(Session& session, std::string_view channelId, std::uint32_t memberCount) {
  const auto found = session.state->channels.find(channelId);
  if (found == session.state->channels.end() || session.peer == nullptr) return;
  hub_.add(session.state->channel(channelId), session, found->second, memberCount);
}

void Gateway::forgetChannel(Session& session, std::string_view channelId) {
  const auto found = session.state->channels.find(channelId);
  if (found == session.state->channels.end()) return;
  hub_.remove(session.state->channel(channelId), found->second);
  session.state->channels.erase(found);
}

void Gateway::unlistAll(Session& session) {
  for (auto& [channelId, membership] : session.state->channels) {
    hub_.remove(session.state->channel(channelId), membership);
  }
}

}  // namespace rtm::server
