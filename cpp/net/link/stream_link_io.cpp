// The moving of bytes of a StreamLink: socket -> TLS -> frames, and frames -> TLS -> socket.
#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include "net/link/stream_link.hpp"
#include "net/loop/loop_buffers.hpp"

namespace rtm::net {
namespace {

/// Encrypted at once: enough for full records and few system calls; what the kernel then refuses stays in memory as
/// ciphertext, so not more.
constexpr std::size_t kFlushBytes = 16 * LoopBuffers::kRecordBytes;
/// More than TLS itself has any reason to say while a write is stuck.
constexpr std::size_t kMaxBacklog = 64 * 1024;
/// How long a socket that cannot be written may still be read.
constexpr std::uint64_t kLastWordsMs = 1000;

}  // namespace

void StreamLink::updateReading() {
  const bool wanted = (stage_ == Stage::Handshaking) || (stage_ == Stage::Open && !paused_ && observer_ != nullptr) ||
                      (stage_ == Stage::Lingering && !peerDone_);
  if (wanted == reading_ || stage_ == Stage::Ended) return;
  reading_ = wanted;
  if (!wanted) {
    uv_read_stop(stream());
    return;
  }
  const auto onBuffer = [](uv_handle_t* handle, std::size_t, uv_buf_t* buffer) {
    LoopBuffers& buffers = static_cast<StreamLink*>(handle->data)->loop_.buffers();
    *buffer = uv_buf_init(reinterpret_cast<char*>(buffers.socket.data()), LoopBuffers::kSocketBytes);
  };
  const auto onRead = [](uv_stream_t* handle, ssize_t result, const uv_buf_t* buffer) {
    static_cast<StreamLink*>(handle->data)->onReadResult(result, buffer);
  };
  uv_read_start(stream(), onBuffer, onRead);
}

void StreamLink::onReadResult(ssize_t result, const uv_buf_t* buffer) {
  if (stage_ == Stage::Ended || result == 0) return;
  const auto held = hold();
  if (result > 0) {
    ++loop_.counters().reads;
    return received({reinterpret_cast<const std::uint8_t*>(buffer->base), static_cast<std::size_t>(result)});
  }
  const bool orderly = result == UV_EOF;
  std::string cause = orderly ? "the other side closed the connection" : uv_strerror(static_cast<int>(result));
  switch (stage_) {
    case Stage::Handshaking:
      return failReady(ConnectError::Unreachable, cause + (heard_ ? " during the TLS handshake"
                                                                  : " instead of a TLS handshake (a plaintext port?)"));
    case Stage::Open:
      return end(orderly ? LinkEndCause::PeerClosed : LinkEndCause::NetworkError, std::move(cause));
    case Stage::Lingering:
      peerDone_ = true;
      updateReading();
      if (!orderly) return closeHandle();
      return loop_.atTurnEnd(*this);  // it may still read what is left to be flushed
    case Stage::New:
    case Stage::Connecting:
    case Stage::Ended:
      return;
  }
}

void StreamLink::received(ByteView bytes) {
  if (stage_ == Stage::Lingering) return;
  lastReceivedMs_ = loop_.now();
  heard_ = true;
  if (stage_ == Stage::Open && observer_ == nullptr) {  // it was taken away; what came waits for the next one
    early_.insert(early_.end(), bytes.begin(), bytes.end());
    return updateReading();
  }
  if (tls_ == nullptr) {
    deliver(bytes);
    finishBatch();
    return updateReading();
  }
  tls_->feed(bytes);
  if (stage_ == Stage::Handshaking) continueHandshake();
  if (stage_ == Stage::Open) readRecords();
  tls_->feed({});
}

void StreamLink::continueHandshake() {
  Bytes& cipher = loop_.buffers().cipher;
  cipher.clear();
  const TlsSession::Status status = tls_->handshake(cipher);
  if (status == TlsSession::Status::Failed || status == TlsSession::Status::Closed) {
    // The alert in `cipher` tells the other side why. If the socket does not take it now, so be it: what we found out
    // ourselves says more than that.
    uv_buf_t alert = uv_buf_init(reinterpret_cast<char*>(cipher.data()), static_cast<unsigned>(cipher.size()));
    if (!cipher.empty() && !writing_) uv_try_write(stream(), &alert, 1);
    return failReady(tls_->failureCode(), status == TlsSession::Status::Closed ? "closed during the TLS handshake"
                                                                               : "TLS: " + tls_->error());
  }
  if (!cipher.empty()) give(cipher);
  if (stage_ != Stage::Handshaking || status != TlsSession::Status::Ok) return;
  becomeOpen();
  if (stage_ == Stage::Open && (observer_ == nullptr || paused_)) keepEarlyBytes();
  updateReading();
}

/// Nobody is there to hear what came with the end of the handshake: keeps it until resumeReading().
void StreamLink::keepEarlyBytes() {
  const ByteView rest = tls_->rest();
  early_.assign(rest.begin(), rest.end());
  tls_->feed({});
}

void StreamLink::readRecords() {
  LoopBuffers& buffers = loop_.buffers();
  TlsSession::Status status = TlsSession::Status::Ok;
  while (status == TlsSession::Status::Ok) {
    std::size_t count = 0;
    buffers.cipher.clear();
    status = tls_->read(buffers.plain, count, buffers.cipher);
    if (!buffers.cipher.empty()) give(buffers.cipher);
    if (count > 0 && !deliver(ByteView(buffers.plain).first(count))) break;
  }
  finishBatch();
  if (stage_ != Stage::Open) return;
  if (status == TlsSession::Status::Closed) return end(LinkEndCause::PeerClosed, "closed by the other side");
  if (status == TlsSession::Status::Failed) return end(LinkEndCause::TlsError, tls_->error());
  updateReading();
}

void StreamLink::flush() {
  if (!dying_.empty()) return;
  noteCongestion();
  while (!writing_ && taken_ < outgoing_.size()) {
    const ByteView next = ByteView(outgoing_).subspan(taken_);
    if (tls_ == nullptr) {
      const ssize_t written = tryWrite(next);
      if (written < 0) return;
      if (static_cast<std::size_t>(written) < next.size()) {
        const std::size_t offset = std::exchange(taken_, 0) + static_cast<std::size_t>(written);
        unsent_.swap(outgoing_);
        startWrite(offset);
      } else {
        takeFromQueue(next.size());
      }
    } else {
      const ByteView part = next.first(std::min(next.size(), kFlushBytes));
      Bytes& cipher = loop_.buffers().cipher;
      cipher.clear();
      if (tls_->write(part, cipher) != TlsSession::Status::Ok) return end(LinkEndCause::TlsError, tls_->error());
      takeFromQueue(part.size());
      give(cipher);
    }
    if (stage_ == Stage::Ended || !dying_.empty()) return;
  }
  if (taken_ == outgoing_.size()) {
    takeFromQueue(0);
    if (gate_ != nullptr) gate_->queued_.store(false, std::memory_order_relaxed);
  }
  if (stage_ == Stage::Lingering) return finishLinger();
  reportDrained();
}

/// Keeps the loop's sum of what waits up to date. This link lives, though flush() may have ended it.
void StreamLink::countQueue() {
  const std::size_t queued = stage_ == Stage::Ended ? 0 : queuedBytes();
  loop_.counters().queuedBytes += queued - counted_;  // modulo its width, so that it may fall
  counted_ = queued;
}

/// All frames are sent: says goodbye, then waits for the other side to do the same (or for the deadline).
void StreamLink::finishLinger() {
  if (writing_) return;
  if (tls_ != nullptr && !closeSaid_) {
    closeSaid_ = true;
    Bytes& cipher = loop_.buffers().cipher;
    cipher.clear();
    tls_->close(cipher);
    give(cipher);
    if (writing_ || stage_ == Stage::Ended) return;
  }
  if (peerDone_) return closeHandle();
  uv_os_fd_t socket = -1;
  if (uv_fileno(reinterpret_cast<uv_handle_t*>(&tcp_), &socket) == 0) ::shutdown(socket, SHUT_WR);
}

/// What the kernel takes at once; negative: writing has failed, and this link may have ended.
ssize_t StreamLink::tryWrite(ByteView bytes) {
  uv_buf_t buffer = uv_buf_init(reinterpret_cast<char*>(const_cast<std::uint8_t*>(bytes.data())),
                                static_cast<unsigned>(bytes.size()));
  const int written = uv_try_write(stream(), &buffer, 1);
  if (written == UV_EAGAIN) return 0;
  if (written < 0) {
    writeFailed(written);
    return -1;
  }
  ++loop_.counters().writes;
  return written;
}

/// Hands ciphertext to the socket, in order. `bytes` is used up. False: this link may have ended.
bool StreamLink::give(Bytes& bytes) {
  if (writing_) {
    backlog_.insert(backlog_.end(), bytes.begin(), bytes.end());
    if (backlog_.size() <= kMaxBacklog) return true;
    end(LinkEndCause::QueueFull, "the other side makes TLS talk but does not read");
    return false;
  }
  const ssize_t written = tryWrite(bytes);
  if (written < 0) return false;
  if (static_cast<std::size_t>(written) == bytes.size()) return true;
  unsent_.swap(bytes);
  startWrite(static_cast<std::size_t>(written));
  return stage_ != Stage::Ended;
}

void StreamLink::startWrite(std::size_t offset) {
  uv_buf_t buffer =
      uv_buf_init(reinterpret_cast<char*>(unsent_.data() + offset), static_cast<unsigned>(unsent_.size() - offset));
  const int error = uv_write(&request_.write, stream(), &buffer, 1, [](uv_write_t* request, int status) {
    static_cast<StreamLink*>(request->handle->data)->onWritten(status);
  });
  if (error != 0) return writeFailed(error);
  writing_ = true;
}

void StreamLink::onWritten(int status) {
  const auto held = hold();
  writing_ = false;
  if (stage_ == Stage::Ended) return;
  loop_.buffers().giveBack(unsent_);
  if (status < 0) return writeFailed(status);
  if (!backlog_.empty()) {
    Bytes backlog = std::exchange(backlog_, {});
    if (!give(backlog) || writing_) return;
  }
  if (stage_ == Stage::Open || stage_ == Stage::Lingering) flush();
  countQueue();
}

/// The socket takes no more. What the other side sent before it went (a BYE that says why) may still lie in the
/// receive buffer, so a link that reads goes on reading until that says the same.
void StreamLink::writeFailed(int error) {
  switch (stage_) {
    case Stage::Handshaking:
      return failReady(ConnectError::Unreachable, uv_strerror(error));
    case Stage::Lingering:
      return closeHandle();
    case Stage::Open:
      break;
    default:
      return;
  }
  closeGate();
  open_ = false;
  outgoing_ = {};
  backlog_ = {};
  taken_ = 0;
  dying_ = uv_strerror(error);
  if (!reading_) return end(LinkEndCause::NetworkError, std::move(dying_));
  deadline_.arm(kLastWordsMs);
}

}  // namespace rtm::net
