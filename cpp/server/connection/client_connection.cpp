#include "server/connection/client_connection.hpp"

#include <limits>

#include "server/gateway/gateway.hpp"
#include "server/requests/handlers.hpp"

namespace rtm::server {
namespace {

/// Most positions kept for a client that is not logged in; as said in the protocol.
constexpr std::size_t kMostPlaces = 256;

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

}  // namespace

Peer::Peer(Gateway& gateway, net::LinkHandle link, std::uint64_t id, std::uint64_t nowMs)
    : gateway_(gateway), link_(std::move(link)), id_(id), connectedAt_(nowMs) {
  link_->setObserver(this);
}

bool Peer::onFrame(wire::FrameKind kind, ByteView body) {
  if (!link_) return false;
  if (session_ != nullptr && session_->unconfirmed && phase_ == kEstablished) {
    session_->unconfirmed = false;
    gateway_.port().confirmResume(session_->state->user(), session_->state->fence);
  }
  dispatch(*this, kind, body);
  return link_ != nullptr || gaveLink_;
}

void Peer::onLinkEnd(const net::LinkEnd& end) {
  if (end.cause == net::LinkEndCause::Malformed) gateway_.stats().malformed.add();
  const bool ordinary = end.cause == net::LinkEndCause::PeerClosed || end.cause == net::LinkEndCause::NetworkError;
  logClosed(ordinary ? LogLevel::Info : LogLevel::Warning, causeName(end.cause), end.detail);
  const std::uint64_t last = link_->lastReceivedMs();
  gateway_.release(*this, last);
}

void Peer::refuse(wire::ByeCode code, std::string_view reason) {
  gateway_.stats().malformed.add();
  close(code, reason);
}

void Peer::close(wire::ByeCode code, std::string_view reason) {
  close(wire::Bye{.code = code, .reason = reason, .retryAfterMs = 0, .endpoints = {}, .sendsTaken = 0});
}

void Peer::close(const wire::Bye& bye) {
  if (!link_) return;
  if (phase_ != kLeaving) sayBye(LogLevel::Warning, bye);
  closeAfterFlush();
}

void Peer::sendAway(const wire::Bye& bye) {
  if (!link_) return;
  sayBye(LogLevel::Info, bye);
  phase_ = kLeaving;
}

void Peer::sayBye(LogLevel level, const wire::Bye& bye) {
  logClosed(level, "BYE " + std::to_string(static_cast<unsigned>(bye.code)), bye.reason);
  link_->send(bye);
}

void Peer::addPlace(std::string_view channelId, ChannelPlace place) {
  if (places_.size() < kMostPlaces) places_.insert_or_assign(std::string(channelId), place);
}

void Peer::closeAfterFlush() {
  if (!link_) return;
  const std::uint64_t last = link_->lastReceivedMs();
  link_->closeAfterFlush();
  link_.reset();
  gateway_.release(*this, last);
}

net::LinkHandle Peer::giveLink() {
  gaveLink_ = true;
  net::LinkHandle link = std::move(link_);
  gateway_.release(*this, link->lastReceivedMs());
  return link;
}

void Peer::markOverrun() {
  if (std::exchange(overran_, true)) return;
  gateway_.noteOverrun(*this);
}

void Peer::cutOverrun() {
  if (!link_) return;
  gateway_.stats().slowConsumers.add();
  // The BYE goes behind what is queued; a client that begins to read within the flush time learns why.
  link_->setQueueBound(std::numeric_limits<std::size_t>::max());
  close(wire::ByeCode::SlowConsumer, "reads too slowly");
}

void Peer::logClosed(LogLevel level, std::string_view what, std::string_view reason) {
  const ServerContext& context = gateway_.context();
  if (!context.options.log) return;
  std::string line = "peer " + link_->remoteAddress();
  if (session_ != nullptr) line += " user " + session_->state->userId;
  line += ": ";
  line += what;
  if (!reason.empty()) {
    line += ", ";
    line += reason;
  }
  context.log(level, line);
}

}  // namespace rtm::server
