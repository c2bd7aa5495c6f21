#include "server/gateway/gateway.hpp"

#include <sys/resource.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "net/resolve/socket_address.hpp"
#include "server/governor/memory_watch.hpp"
#include "server/store/message_store.hpp"
#include "wire/protocol.hpp"

namespace rtm::server {
namespace {

/// An established connection is looked at this often even if nothing is due: a renewed token may end sooner than the
/// present one, and the wall clock may be set.
constexpr std::uint64_t kLookMs = 1000;

/// Also with very few descriptors, a few clients may log in at a time.
constexpr std::size_t kFewestPlaces = 16;

/// A loop that was late by so much does not judge who was silent.
constexpr std::uint64_t kStandstillMs = 200;

/// Fine enough for the shortest time in the options, never a busy loop.
std::uint64_t sweepInterval(const ServerOptions& options) {
  const std::uint64_t shortest = std::min({options.graceMs, options.loginTimeoutMs, options.unreachableMs});
  return std::clamp<std::uint64_t>(shortest / 20, 10, 100);
}

net::AddressPrefix prefixOf(const std::string& remote) {
  const auto address = net::SocketAddress::parse(std::string(hostOf(remote)), 0);
  return address ? net::AddressPrefix::of(*address) : net::AddressPrefix();
}

/// The user's, if there is a login.
SecurityFacts factsOf(const ServerContext& context, const ClientConnection& connection) {
  SecurityFacts facts{.remote = connection.remoteAddress(), .app = {}, .user = {}};
  if (const Session* session = connection.session()) {
    facts.app = context.policy(session->state->app).appId;
    facts.user = session->state->userId;
  }
  return facts;
}

/// Notes whose bytes wait in a long queue. A short one is part of what a login takes.
void countQueue(Ledger& ledger, Session& session, std::size_t bytes) {
  constexpr std::size_t kLong = std::size_t{64} * 1024;
  if (bytes < kLong) return session.queue.reset();
  if (!session.queue) {
    session.queue = std::make_unique<MemoryCharge>(&ledger, session.state->user(), MemoryCategory::Queues);
  }
  session.queue->set(bytes);
}

/// One loop's part of the places for clients that are not logged in.
net::PendingLinks::Limits pendingLimits(const ServerContext& context) {
  const ServerOptions& options = context.options;
  const AdmissionSettings& admission = options.admission;
  net::PendingLinks::Limits limits{.total = admission.places,
                                   .firstByteMs = admission.firstByteMs,
                                   .firstByteOfManyMs = admission.firstByteOfManyMs,
                                   .exempt = context.exempt,
                                   .penalties = context.known.penalties};
  // At most half of the descriptors, so that a flood of connections leaves the rest to users, files and the store.
  rlimit files{};
  if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
    limits.total = std::min<std::size_t>(limits.total, files.rlim_cur / 2 / std::max(1U, options.loops));
  }
  limits.total = std::max(kFewestPlaces, limits.total);
  // With few places an address keeps its share of them.
  const std::size_t share = std::uint64_t{limits.total} * admission.placesOfAddress / admission.places;
  limits.perPrefix = std::clamp<std::size_t>(share, 1, limits.total);
  limits.perSite = std::min(limits.total, limits.perPrefix + (limits.perPrefix + 1) / 2);
  return limits;
}

}  // namespace

Gateway::Gateway(ServerContext& context, net::IoLoop& loop, std::uint32_t index, LoopHost& host, LoopStats& stats,
                 FrameHandler handler)
    : context_(context),
      loop_(loop),
      index_(index),
      stats_(stats),
      handler_(handler),
      engine_(context.engine->attach(index, host, *this)),
      connections_(std::make_shared<net::Admission>(loop, pendingLimits(context))),
      channels_(stats),
      presence_(engine_),
      answers_(loop, *this),
      media_(std::make_shared<MediaLoop>(context, loop, index, stats)),
      sessions_(engine_, connections_, channels_, presence_, answers_, *media_, context.historyQueue, stats,
                Permissions(context.rules, context.options.callout, &host)),
      silence_(engine_, sessions_, context.options),
      sweepTimer_(loop, sweepInterval(context.options), [this] { sweep(); }) {
  context.historyQueue.attach(index, host);
  sweepTimer_.arm(now());
}

Gateway::~Gateway() {
  context_.historyQueue.detach(index_);
  context_.engine->detach(index_);
}

// ---- connections ------------------------------------------------------------------------------------------------

void Gateway::accept(net::LinkHandle link) {
  if (closed_.shutDown) return;
  link->setFrameLimit(wire::kMaxFrameBodyBeforeLogin);
  ClientConnection& accepted = connections_.add(*this, std::move(link), now());
  countConnections();
  const std::uint32_t most = context_.options.maxConnections;
  // Each loop takes its share, so that no count has to be shared between loops.
  const std::uint32_t share = (most + context_.options.loops - 1) / std::max(1U, context_.options.loops);
  if (most != 0 && connections_.size() + media_->size() > share) {
    context_.security->tell(SecurityEvent::ConnectionDropped, "as many connections as allowed",
                            {.remote = accepted.remoteAddress(), .app = {}, .user = {}}, now());
    accepted.close(wire::ByeCode::Overloaded, "as many connections as allowed");
  }
}

void Gateway::noteRefused(net::Listener::Refusal refusal, const std::string& remote, const std::string& why) {
  // Who leaves by himself does so for a hundred harmless reasons, such as a health check of the port.
  if (refusal == net::Listener::Refusal::Gone) return;
  if (refusal == net::Listener::Refusal::Exhausted) {
    stats_.acceptWaits.add();
    return context_.security->tell(SecurityEvent::Exhausted, why, {}, now());
  }
  const bool dropped = refusal == net::Listener::Refusal::Dropped;
  context_.security->tell(dropped ? SecurityEvent::ConnectionDropped : SecurityEvent::HandshakeFailed, why,
                          {.remote = remote, .app = {}, .user = {}}, now());
  if (!dropped) penalise(prefixOf(remote), net::Penalties::Offence::BadHandshake, remote);
}

void Gateway::penalise(const net::AddressPrefix& prefix, net::Penalties::Offence offence, const std::string& remote) {
  // At the address of this machine itself there is a proxy, or whoever looks after the server.
  if (prefix.ownMachine() || context_.exempt.contains(prefix)) return;
  if (!context_.known.penalties->add(prefix, offence, now())) return;
  stats_.penalties.add();
  const bool refused = context_.known.penalties->standing(prefix, now()) == net::Penalties::Standing::Refused;
  context_.security->tell(
      SecurityEvent::Penalty,
      refused ? "address refused for a while: malformed bytes, or floods" : "address slowed: bad tokens, or handshakes",
      {.remote = remote, .app = {}, .user = {}}, now());
}

void Gateway::countConnections() {
  stats_.connections.set(connections_.size() + media_->size());
}

void Gateway::onClientFrame(ClientConnection& connection, wire::FrameKind kind, ByteView body) {
  Session* session = connection.session();
  if (session != nullptr && session->unconfirmed && connection.phase() == ClientConnection::kEstablished) {
    session->unconfirmed = false;
    engine_.confirmResume(session->state->user(), session->state->fence);
  }
  const std::uint64_t refused = session != nullptr ? session->state->quotas.refused() : 0;
  const bool idle = session == nullptr || kind == wire::FrameKind::Ping || wire::isOptional(kind);
  handler_(*this, connection, kind, body);
  // The session may be another one by now, or none.
  const bool tooOften = !idle && connection.session() == session && session->state->quotas.refused() != refused;
  if (!idle && !tooOften) return;
  const FrameBudget::Verdict verdict = connection.countIdleFrame(now());
  if (verdict == FrameBudget::Verdict::Go) return;
  stats_.floods.add();
  context_.security->tell(SecurityEvent::FrameFlood, "too many frames without effect", factsOf(context_, connection),
                          now());
  if (verdict == FrameBudget::Verdict::Cut) cutFlood(connection);
}

void Gateway::cutFlood(ClientConnection& connection) {
  // An address pays too: a user may have been nobody yet, or one of many of its ids.
  penalise(connection.beforeLogin().prefix, net::Penalties::Offence::Flood, connection.remoteAddress());
  const Session* session = connection.session();
  const std::uint64_t forMs =
      session == nullptr ? UserRefusals::kFirstMs : context_.known.refusals->refuse(session->state->user(), now());
  connection.close({.code = wire::ByeCode::Overloaded,
                    .reason = "too many frames without effect: PINGs, unknown kinds, or requests that were refused",
                    .retryAfterMs = static_cast<std::uint32_t>(forMs),
                    .endpoints = {}});
}

void Gateway::onMalformed(ClientConnection& connection, std::string_view what) {
  stats_.malformed.add();
  context_.security->tell(SecurityEvent::Malformed, "closed for what it sent: " + std::string(what),
                          factsOf(context_, connection), now());
  penalise(connection.beforeLogin().prefix, net::Penalties::Offence::Malformed, connection.remoteAddress());
}

void Gateway::onConnectionEnd(ClientConnection& connection, std::uint64_t lastReceivedMs) {
  if (Session* session = connection.session()) {
    sessions_.unbind(*session);
    if (closed_.drain && !engine_.shared()) {
      sessions_.close(*session, SessionEnd::GraceOver);  // the client cannot come back here
    } else {
      silence_.linkLost(*session, lastReceivedMs, now());
    }
  }
  if (!connections_.release(connection)) return;
  countConnections();
  requestTurnEnd();
}

void Gateway::onOverrun(ClientConnection& connection) {
  connections_.noteOverrun(connection);
  requestTurnEnd();
}

bool Gateway::turnAway(ClientConnection& connection) {
  if (closed_.drain) {
    closed_.drain->sendAway(connection);
    return true;
  }
  if (!closed_.suspendedMs) return false;
  connection.close(wire::Bye{.code = wire::ByeCode::Overloaded,
                             .reason = "the shared state cannot be reached",
                             .retryAfterMs = *closed_.suspendedMs,
                             .endpoints = {}});
  return true;
}

// ---- turns ------------------------------------------------------------------------------------------------------

void Gateway::onTurnEnd() {
  engine_.onTurnEnd();
  answers_.flush();
  if (closed_.drain) closed_.drain->sendFinishedAway(now());
  presence_.flush();
  connections_.endTurn();
}

void Gateway::sweep() {
  const std::uint64_t at = now();
  connections_.sweep(at, [this, at](ClientConnection& connection) { return sweepConnection(connection, at); });
  stats_.sweptAtMs.set(at);
  const std::uint64_t queued = loop_.counters().queuedBytes;
  context_.ledger->measure(MemoryCategory::Queues,
                           static_cast<std::int64_t>(queued) - static_cast<std::int64_t>(stats_.queueBytes.get()));
  stats_.queueBytes.set(queued);
  if (index_ == 0) context_.memory->sweep(at);
  stats_.loopDelayMs.set(sweepTimer_.measureDelay(at));
  sweepPending(at);
  silence_.sweep(at);
  if (closed_.drain) closed_.drain->sweep(at);
  media_->sweep();
  context_.known.quotas->sweep(at);
  if (index_ == 0) context_.known.invitations->sweep(at);
  countConnections();
  channels_.catchUp(engine_, sessions_);
  context_.historyQueue.sweep(index_, at);
  engine_.onTick();
  requestTurnEnd();
  sweepTimer_.arm(at);
}

void Gateway::sweepPending(std::uint64_t nowMs) {
  net::PendingLinks& pending = *admission()->pending;
  // After a standstill the clients' bytes may lie in the kernel, unread.
  if (stats_.loopDelayMs.get() < kStandstillMs) pending.sweep(nowMs);
  admission()->handshakes->keepHalfFree(!sessions_.empty());
  stats_.pending.set(pending.size());
  stats_.pendingDropped.set(pending.counters().dropped + pending.counters().silent + pending.counters().refused);
  stats_.handshakeCpuMs.set(admission()->handshakes->counters().cpuNs / 1'000'000);
  stats_.handshakeWaits.set(admission()->handshakes->counters().exhausted);
}

std::uint64_t Gateway::sweepConnection(ClientConnection& connection, std::uint64_t nowMs) {
  const ServerOptions& options = context_.options;
  connection.sweep(nowMs);
  if (connection.phase() < ClientConnection::kEstablished) {
    if (nowMs - connection.connectedAt() >= options.loginTimeoutMs) {
      connection.close(wire::ByeCode::LoginTimeout, "no login in time");
    }
    return nowMs;
  }
  Session* session = connection.session();
  if (session == nullptr) return nowMs;
  countQueue(*context_.ledger, *session, connection.queuedBytes());
  const std::uint64_t quiet = nowMs - std::min(nowMs, connection.lastReceived());
  if (quiet >= options.graceMs) {
    sessions_.close(*session, SessionEnd::GraceOver);
    return nowMs;
  }
  const bool silent = quiet >= options.unreachableMs;
  silence_.note(*session, silent);
  std::uint64_t rest = kLookMs;
  const std::uint64_t expires = session->state->tokenExpiresAtMs;
  if (expires != 0) {
    const std::uint64_t wall = wallClockMs();
    if (expires <= wall) {
      sessions_.close(*session, SessionEnd::TokenExpired);
      return nowMs;
    }
    rest = std::min(rest, expires - wall);
  }
  // A silent connection is looked at each time: others see at once that its client is back.
  if (silent) return nowMs;
  return nowMs + std::min({rest, options.unreachableMs - quiet, options.graceMs - quiet});
}

// ---- from the engine --------------------------------------------------------------------------------------------

bool Gateway::onSendResults(std::uint64_t sessionId, std::uint64_t firstSeq, std::uint64_t count, std::uint32_t code) {
  Session* session = sessions_.find(sessionId);
  if (session == nullptr) return false;
  SentInvites& invites = session->state->quotas.sentInvites();
  if (!invites.empty()) {
    const ScopedName caller = session->state->user();
    invites.settle(firstSeq, count, code, [&](const std::string& calleeId, std::uint64_t invitationId) {
      context_.known.invitations->end({caller.app, calleeId}, caller.name, invitationId);
    });
  }
  answers_.answerNew(*session, firstSeq, count, code);
  return true;
}

void Gateway::onPeerMessage(std::uint64_t sessionId, ByteView frame) {
  Session* session = sessions_.find(sessionId);
  if (session == nullptr || !session->live) return;  // the engine keeps the message for the resume
  session->connection->sendFrames(frame);
  stats_.messagesOut.add();
}

void Gateway::onPresence(const ScopedName& user, wire::PresenceState state) {
  if (presence_.update(user, state)) requestTurnEnd();
}

bool Gateway::onSessionEnd(std::uint64_t sessionId, SessionEnd reason) {
  if (Session* session = sessions_.find(sessionId)) {
    context_.known.quotas->keep(session->state->user(), session->state->quotas, now());
  }
  return sessions_.end(sessionId, reason);
}

void Gateway::onSuspend(std::uint32_t retryAfterMs) {
  closed_.suspendedMs = retryAfterMs;
  if (closed_.drain) return;                                                      // it sends the clients away already
  for (ClientConnection* connection : connections_.all()) turnAway(*connection);  // their sessions can go on elsewhere
}

// ---- the end ----------------------------------------------------------------------------------------------------

void Gateway::drain(std::shared_ptr<const DrainOptions> options, Task gone) {
  if (closed_.shutDown || closed_.drain) return;
  closed_.drain = std::make_unique<Drain>(*this, std::move(options), std::move(gone));
  if (!engine_.shared()) {
    for (Session* session : sessions_.withoutConnection()) sessions_.close(*session, SessionEnd::GraceOver);
  }
  closed_.drain->sweep(now());
}

void Gateway::shutDown() {
  closed_.shutDown = true;
  sweepTimer_.cancel();
  answers_.flush();  // results of what was stored at last
  for (ClientConnection* connection : connections_.all()) {
    if (closed_.drain) {
      closed_.drain->sendAway(*connection);
      connection->closeAfterFlush();
    } else {
      connection->close(wire::ByeCode::ShuttingDown, "the server shuts down");
    }
  }
  media_->shutDown();
}

}  // namespace rtm::server
