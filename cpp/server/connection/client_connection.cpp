#include "server/connection/client_connection.hpp"

#include <limits>
#include <string>

namespace rtm::server {
namespace {

std::string_view causeName(net::LinkEndCause cause) {
  switch (cause) {
    case net::LinkEndCause::PeerClosed:
      return "closed by the client";
    case net::LinkEndCause::NetworkError:
      return "network error";
    case net::LinkEndCause::TlsError:
      return "TLS error";
    case net::LinkEndCause::Malformed:
      return "malformed";
    case net::LinkEndCause::QueueFull:
      return "reads too slowly";
  }
  return "";
}

/// Whether the log of security events tells of such ends, at a rate that nobody can raise.
bool isToldOf(wire::ByeCode code) {
  return code == wire::ByeCode::Overloaded || code == wire::ByeCode::Malformed || code == wire::ByeCode::TooLarge ||
         code == wire::ByeCode::Unexpected;
}

}  // namespace

ClientConnection::ClientConnection(ConnectionOwner& owner, net::LinkHandle link, std::uint64_t id, std::uint64_t nowMs)
    : owner_(owner), link_(std::move(link)), id_(id), connectedAt_(nowMs) {
  link_->setObserver(this);
  link_->setQueueBound(kQueueBytes);
  beforeLogin_.prefix = link_->remotePrefix();
  // At once, without a BYE: a connection that still sends one would take a descriptor that others need.
  link_->place().onDrop([this] {
    logClosed(LogLevel::Info, "closed", "others need the place, and the login took longer than theirs");
    const std::uint64_t last = link_->lastReceivedMs();
    link_.reset();
    owner_.onConnectionEnd(*this, last);
  });
}

void ClientConnection::setPhase(Phase phase) {
  phase_ = phase;
  if (!link_) return;
  if (phase == kEstablished) link_->setFrameLimit(wire::kMaxFrameBody);
  if (phase == kLogin) {
    link_->place().moveTo(net::PendingStage::AwaitingLogin);
  } else if (phase == kLoggingIn) {
    link_->place().moveTo(net::PendingStage::WaitsForUs);
  } else {
    link_->place().release();
  }
}

bool ClientConnection::onFrame(wire::FrameKind kind, ByteView body) {
  if (!link_) return false;
  owner_.onClientFrame(*this, kind, body);
  return link_ != nullptr || gaveLink_;
}

void ClientConnection::onLinkEnd(const net::LinkEnd& end) {
  if (end.cause == net::LinkEndCause::Malformed) owner_.onMalformed(*this, end.detail);
  const bool ordinary = end.cause == net::LinkEndCause::PeerClosed || end.cause == net::LinkEndCause::NetworkError ||
                        end.cause == net::LinkEndCause::Malformed;  // onMalformed() has told of it
  logClosed(ordinary ? LogLevel::Info : LogLevel::Warning, causeName(end.cause), end.detail);
  const std::uint64_t last = link_->lastReceivedMs();
  owner_.onConnectionEnd(*this, last);
}

FrameBudget::Verdict ClientConnection::countIdleFrame(std::uint64_t nowMs) {
  if (!link_) return FrameBudget::Verdict::Go;
  FrameBudget& budget = session_ != nullptr ? session_->state->quotas.idleFrames() : idleFrames_;
  const FrameBudget::Verdict verdict = budget.spend(nowMs);
  if (verdict == FrameBudget::Verdict::Rest) {
    restsUntil_ = nowMs + FrameBudget::kRestMs;
    link_->pauseReading();
  }
  return verdict;
}

void ClientConnection::refuse(wire::ByeCode code, std::string_view reason) {
  owner_.onMalformed(*this, reason);
  close(code, reason);
}

void ClientConnection::close(wire::ByeCode code, std::string_view reason) {
  close(wire::Bye{.code = code, .reason = reason, .retryAfterMs = 0, .endpoints = {}, .sendsTaken = 0});
}

void ClientConnection::close(const wire::Bye& bye) {
  if (!link_) return;
  if (phase_ != kLeaving) sayBye(isToldOf(bye.code) ? LogLevel::Info : LogLevel::Warning, bye);
  closeAfterFlush();
}

void ClientConnection::sendAway(const wire::Bye& bye) {
  if (!link_) return;
  sayBye(LogLevel::Info, bye);
  phase_ = kLeaving;
}

void ClientConnection::sayBye(LogLevel level, const wire::Bye& bye) {
  logClosed(level, "BYE " + std::to_string(static_cast<unsigned>(bye.code)), bye.reason);
  link_->send(bye);
}

void ClientConnection::sendReplay(ByteView frames) {
  sendFrames(frames);
  if (!link_ || frames.size() <= kQueueBytes) return;
  link_->setQueueBound(kQueueBytes + frames.size());
  replaying_ = true;
}

void ClientConnection::sweep(std::uint64_t nowMs) {
  if (!link_) return;
  if (replaying_ && link_->queuedBytes() <= kQueueBytes / 2) {
    link_->setQueueBound(kQueueBytes);
    replaying_ = false;
  }
  if (restsUntil_ != 0 && nowMs >= restsUntil_) {
    restsUntil_ = 0;
    link_->resumeReading();
  }
}

void ClientConnection::closeAfterFlush() {
  if (!link_) return;
  const std::uint64_t last = link_->lastReceivedMs();
  link_->closeAfterFlush();
  link_.reset();
  owner_.onConnectionEnd(*this, last);
}

net::LinkHandle ClientConnection::giveLink() {
  gaveLink_ = true;
  net::LinkHandle link = std::move(link_);
  link->place().onDrop(nullptr);
  link->place().moveTo(net::PendingStage::WaitsForUs);
  owner_.onConnectionEnd(*this, link->lastReceivedMs());
  return link;
}

void ClientConnection::markOverrun() {
  if (std::exchange(overran_, true)) return;
  owner_.onOverrun(*this);
}

void ClientConnection::cutOverrun() {
  if (!link_) return;
  owner_.stats().slowConsumers.add();
  // The BYE goes behind the queue: a client that begins to read within the flush time learns the reason.
  link_->setQueueBound(std::numeric_limits<std::size_t>::max());
  close(wire::ByeCode::SlowConsumer, "reads too slowly");
}

void ClientConnection::logClosed(LogLevel level, std::string_view what, std::string_view reason) {
  const LogSink& log = owner_.logSink();
  if (!log) return;
  std::string line = "client " + link_->remoteAddress();
  if (session_ != nullptr) line += " user " + session_->state->userId;
  line += ": ";
  line += what;
  if (!reason.empty()) {
    line += ", ";
    line += reason;
  }
  log(level, line);
}

}  // namespace rtm::server
