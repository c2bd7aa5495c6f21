#include "net/link/link.hpp"

#include <utility>

#include "net/loop/loop_buffers.hpp"

namespace rtm::net {
namespace {

/// Above this the front of a queue that drains in pieces is cut off once half of it is gone.
constexpr std::size_t kCompactAbove = 64 * 1024;

bool looksLikeTls(ByteView chunk) {
  return chunk.size() >= 2 && chunk[0] >= 0x14 && chunk[0] <= 0x17 && chunk[1] == 0x03;
}

}  // namespace

bool Link::deliver(ByteView chunk) {
  const auto onFrame = [this](wire::FrameKind kind, ByteView body) {
    if (observer_ == nullptr) return false;
    framesInBatch_ = true;
    framesSeen_ = true;
    return observer_->onFrame(kind, body);
  };
  switch (decoder_.feed(chunk, onFrame)) {
    case wire::FrameDecoder::Status::Ok:
      // The last frame of the chunk may have brought the end as well.
      return observer_ != nullptr;
    case wire::FrameDecoder::Status::Stopped:
      observer_ = nullptr;
      return false;
    case wire::FrameDecoder::Status::TooLarge:
      finishBatch();
      end(LinkEndCause::Malformed, !framesSeen_ && looksLikeTls(chunk)
                                       ? "what came is TLS, but this is a link without TLS"
                                       : "a frame over the limit");
      return false;
  }
  return false;
}

void Link::finishBatch() {
  if (std::exchange(framesInBatch_, false) && observer_ != nullptr) observer_->onBatchEnd();
}

void Link::reportEnd(LinkEndCause cause, std::string detail) {
  open_ = false;
  // Taken out first: the observer may let go of this link, or even set itself again.
  LinkObserver* observer = std::exchange(observer_, nullptr);
  if (observer != nullptr) observer->onLinkEnd({cause, std::move(detail)});
}

void Link::takeFromQueue(std::size_t size) {
  taken_ += size;
  if (taken_ == outgoing_.size()) {
    taken_ = 0;
    loop_.buffers().giveBack(outgoing_);
  } else if (taken_ > kCompactAbove && taken_ > outgoing_.size() / 2) {
    outgoing_.erase(outgoing_.begin(), outgoing_.begin() + static_cast<std::ptrdiff_t>(taken_));
    taken_ = 0;
  }
}

void Link::reportDrained() {
  if (!congested_ || queuedBytes() > queueBound_ / 2) return;
  congested_ = false;
  if (observer_ != nullptr) observer_->onDrained();
}

void Link::borrowQueue() {
  loop_.buffers().borrow(outgoing_);
}

}  // namespace rtm::net
