#include "net/link/stream_link.hpp"

#include <unistd.h>

#include <utility>

namespace rtm::net {
namespace {

/// How long closeAfterFlush() may take: to send what is queued, and to let the other side read it before the kernel
/// answers its next byte with a reset.
constexpr std::uint64_t kLingerMs = 2000;

StreamLink* linkOf(void* data) {
  return static_cast<StreamLink*>(data);
}

}  // namespace

StreamLink::Handle StreamLink::create(IoLoop& loop, const SocketAddress& remote, std::unique_ptr<TlsSession> tls) {
  return Handle(new StreamLink(loop, remote, std::move(tls)));
}

StreamLink::StreamLink(IoLoop& loop, const SocketAddress& remote, std::unique_ptr<TlsSession> tls)
    : Link(loop), remote_(remote), tls_(std::move(tls)), deadline_(loop, [this] { onDeadline(); }) {
  uv_tcp_init(loop.uv(), &tcp_);
  tcp_.data = this;
  lastReceivedMs_ = loop.now();
}

void StreamLink::connect(std::uint64_t timeoutMs, OnReady onReady) {
  stage_ = Stage::Connecting;
  onReady_ = std::move(onReady);
  timeoutMs_ = timeoutMs;
  deadline_.arm(timeoutMs);
  startError_ = uv_tcp_connect(&request_.connect, &tcp_, remote_.get(), [](uv_connect_t* request, int status) {
    StreamLink& link = *linkOf(request->handle->data);
    if (link.stage_ != Stage::Connecting) return;  // let go of meanwhile
    if (status != 0) return link.failReady(ConnectError::Unreachable, uv_strerror(status));
    link.begin();
  });
  if (startError_ != 0) loop_.atTurnEnd(*this);
}

void StreamLink::adopt(int socket, std::uint64_t timeoutMs, OnReady onReady) {
  stage_ = Stage::Connecting;
  onReady_ = std::move(onReady);
  timeoutMs_ = timeoutMs;
  if (const int error = uv_tcp_open(&tcp_, socket); error != 0) {
    close(socket);
    return failReady(ConnectError::Unreachable, uv_strerror(error));
  }
  if (tls_ != nullptr) deadline_.arm(timeoutMs);
  begin();
}

/// The TCP connection stands.
void StreamLink::begin() {
  uv_tcp_nodelay(&tcp_, 1);  // each turn's bytes leave at once; we do the gathering ourselves
  if (tls_ == nullptr) {
    becomeOpen();
    return updateReading();
  }
  stage_ = Stage::Handshaking;
  updateReading();
  continueHandshake();
}

/// Calls out: the caller looks at the stage afterwards.
void StreamLink::becomeOpen() {
  stage_ = Stage::Open;
  deadline_.cancel();
  lastReceivedMs_ = loop_.now();
  OnReady onReady = std::move(onReady_);
  onReady(nullptr);
}

/// Calls out, as the last thing the caller does.
void StreamLink::failReady(ConnectError code, std::string detail) {
  const bool connected = stage_ == Stage::Handshaking;
  closeHandle();
  OnReady onReady = std::move(onReady_);
  const NotReady failure{code, std::move(detail), connected};
  if (onReady) onReady(&failure);
}

void StreamLink::onDeadline() {
  const std::string limit = std::to_string(timeoutMs_) + " ms";
  switch (stage_) {
    case Stage::Connecting:
      return failReady(ConnectError::Unreachable, "no connection within " + limit);
    case Stage::Handshaking:
      return failReady(ConnectError::Unreachable, "TLS handshake not done within " + limit);
    case Stage::Open:
      return end(LinkEndCause::NetworkError, std::move(dying_));
    case Stage::Lingering:
      return closeHandle();
    case Stage::New:
    case Stage::Ended:
      return;
  }
}

void StreamLink::onTurnEnd() {
  const auto held = hold();
  switch (stage_) {
    case Stage::Connecting:
      if (startError_ != 0) failReady(ConnectError::Unreachable, uv_strerror(startError_));
      return;
    case Stage::Open:
      if (!early_.empty() && !paused_ && observer_ != nullptr) {
        const Bytes early = std::exchange(early_, {});
        received(early);
        if (stage_ != Stage::Open) return;
      }
      flush();
      return countQueue();
    case Stage::Lingering:
      flush();
      return countQueue();
    case Stage::New:
    case Stage::Handshaking:
    case Stage::Ended:
      return;
  }
}

void StreamLink::pauseReading() {
  paused_ = true;
  updateReading();
}

void StreamLink::resumeReading() {
  paused_ = false;
  updateReading();
  if (!early_.empty()) loop_.atTurnEnd(*this);
}

LinkInfo StreamLink::info() const {
  if (tls_ == nullptr) return {};
  const auto held = hold();
  return {true, tls_->resumed(), tls_->protocol()};
}

std::size_t StreamLink::unsentBytes() const {
  return uv_stream_get_write_queue_size(reinterpret_cast<const uv_stream_t*>(&tcp_));
}

void StreamLink::closeAfterFlush() {
  const auto held = hold();
  closeGate();
  observer_ = nullptr;
  open_ = false;
  if (stage_ != Stage::Open || !dying_.empty()) return closeHandle();
  stage_ = Stage::Lingering;
  early_ = {};
  goOnFromOutside();
  if (stage_ != Stage::Lingering) return;
  deadline_.arm(kLingerMs);
  loop_.atStop(*this);
  loop_.atTurnEnd(*this);
  updateReading();
}

void StreamLink::onLoopStop() {
  if (stage_ == Stage::Lingering) flush();
  closeHandle();
}

void StreamLink::end(LinkEndCause cause, std::string detail) {
  closeHandle();
  reportEnd(cause, std::move(detail));
}

void StreamLink::closeHandle() {
  if (stage_ == Stage::Ended) return;
  const auto held = hold();
  closeGate();
  stage_ = Stage::Ended;
  open_ = false;
  countQueue();
  deadline_.cancel();
  uv_close(reinterpret_cast<uv_handle_t*>(&tcp_), [](uv_handle_t* handle) {
    StreamLink* link = linkOf(handle->data);
    link->handleClosed_ = true;
    if (link->orphaned_) delete link;
  });
}

void StreamLink::destroy() {
  observer_ = nullptr;
  open_ = false;
  onReady_ = nullptr;
  orphaned_ = true;
  if (stage_ == Stage::Lingering) return;  // finishes by itself
  closeHandle();
  if (handleClosed_) delete this;
}

}  // namespace rtm::net
