#include "net/transport/write_gate.hpp"

#include <sys/socket.h>

#include <algorithm>
#include <utility>

#include "net/link/stream_link.hpp"

namespace rtm::net {

bool WriteGate::tryWrite(ByteView frames) {
  if (frames.size() > kMaxBytes) return false;
  const std::unique_lock lock(mutex_, std::try_to_lock);
  if (!lock || link_ == nullptr || queued_.load(std::memory_order_relaxed)) return false;
  return link_->writeFromOutside(frames);
}

void WriteGate::askLoopToGoOn() {
  loop_.post([gate = shared_from_this()] {
    const std::lock_guard lock(gate->mutex_);
    if (gate->link_ != nullptr) gate->link_->goOnFromOutside();
  });
}

std::shared_ptr<WriteGate> StreamLink::writeGate() {
  if (gate_ == nullptr && stage_ == Stage::Open && dying_.empty()) {
    if (uv_fileno(reinterpret_cast<uv_handle_t*>(&tcp_), &socket_) != 0) return nullptr;
    gate_.reset(new WriteGate(loop_, *this));
    gate_->queued_ = taken_ < outgoing_.size();
  }
  return gate_;
}

std::unique_lock<std::recursive_mutex> StreamLink::hold() const {
  return gate_ != nullptr ? std::unique_lock(gate_->mutex_) : std::unique_lock<std::recursive_mutex>();
}

/// With hold().
void StreamLink::closeGate() {
  if (gate_ != nullptr) gate_->link_ = nullptr;
}

/// Another thread, with the gate's lock.
bool StreamLink::writeFromOutside(ByteView frames) {
  if (writing_) return false;
  thread_local Bytes cipher;  // the loop's buffers are the loop's
  cipher.clear();
  ByteView bytes = frames;
  if (tls_ != nullptr) {
    // A failure is of the whole connection. The loop finds the same one with its next record, and tells of it there.
    if (tls_->write(frames, cipher) != TlsSession::Status::Ok) return false;
    bytes = cipher;
  }
  const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  // An error is left to the loop, too: it meets the same one when it goes on.
  const std::size_t written = sent > 0 ? static_cast<std::size_t>(sent) : 0;
  if (written == bytes.size()) return true;
  const ByteView rest = bytes.subspan(written);
  unsent_.assign(rest.begin(), rest.end());
  writing_ = true;
  writtenOutside_ = true;
  gate_->askLoopToGoOn();
  return true;
}

/// With hold(): gives libuv what another thread could not write.
void StreamLink::goOnFromOutside() {
  if (!std::exchange(writtenOutside_, false)) return;
  startWrite(0);
}

}  // namespace rtm::net
