// The moving of bytes of a FrameLink: transport -> frames, and out-queue -> transport.
#include <utility>

#include "net/link/frame_link.hpp"

namespace rtm::net {
namespace {

using Reading = ByteTransport::Reading;

/// How long a connection that takes no writes may still be read.
constexpr std::uint64_t kLastWordsMs = 1000;

bool looksLikeTls(ByteView bytes) {
  return bytes.size() >= 2 && bytes[0] >= 0x14 && bytes[0] <= 0x17 && bytes[1] == 0x03;
}

}  // namespace

Reading FrameLink::wantedReading() const {
  if (stage_ == Stage::Open) return !paused_ && observer_ != nullptr ? Reading::On : Reading::Off;
  return stage_ == Stage::Lingering && !peerDone_ ? Reading::Discard : Reading::Off;
}

void FrameLink::updateReading() {
  if (stage_ != Stage::Open && stage_ != Stage::Lingering) return;
  const Reading wanted = wantedReading();
  if (wanted == reading_) return;
  reading_ = wanted;
  transport_->setReading(wanted);
}

void FrameLink::onBytes(ByteView bytes, bool last) {
  if (stage_ != Stage::Open) return;
  lastReceivedMs_ = loop_.now();
  if (observer_ == nullptr || paused_ || !early_.bytes.empty()) {
    early_.bytes.insert(early_.bytes.end(), bytes.begin(), bytes.end());
  } else {
    deliver(bytes);
  }
  if (!last) return;
  finishBatch();
  updateReading();
}

/// Cuts a piece of a read into frames and reports them.
void FrameLink::deliver(ByteView bytes) {
  const auto onFrame = [this](wire::FrameKind kind, ByteView body) {
    if (observer_ == nullptr) return false;
    framesInBatch_ = true;
    framesSeen_ = true;
    return observer_->onFrame(kind, body);
  };
  switch (decoder_.feed(bytes, onFrame)) {
    case wire::FrameDecoder::Status::Ok:
      return;
    case wire::FrameDecoder::Status::Stopped:
      observer_ = nullptr;
      return;
    case wire::FrameDecoder::Status::TooLarge:
      finishBatch();
      return end(LinkEndCause::Malformed, !framesSeen_ && looksLikeTls(bytes)
                                              ? "what came is TLS, but this is a link without TLS"
                                              : "a frame over the limit");
  }
}

/// At the turn's end: hands over the bytes that came too early, once somebody can hear them.
void FrameLink::deliverEarly() {
  if (early_.bytes.empty() || paused_ || observer_ == nullptr) return;
  const Early early = std::exchange(early_, {});
  onBytes(early.bytes, true);
  if (stage_ == Stage::Open && early.end != nullptr) end(early.end->cause, early.end->detail);
}

void FrameLink::finishBatch() {
  if (std::exchange(framesInBatch_, false) && observer_ != nullptr) observer_->onBatchEnd();
}

void FrameLink::onEnd(LinkEndCause cause, std::string detail) {
  switch (stage_) {
    case Stage::Open:
      if (early_.bytes.empty()) return end(cause, std::move(detail));
      early_.end = std::make_unique<LinkEnd>(LinkEnd{cause, std::move(detail)});
      return;
    case Stage::Lingering:
      peerDone_ = true;
      updateReading();
      if (cause != LinkEndCause::PeerClosed) return close();
      return loop_.atTurnEnd(*this);  // the other side may still read the rest of the queue
    case Stage::New:
    case Stage::Opening:
    case Stage::Ended:
      return;
  }
}

void FrameLink::flush() {
  if (!dying_.empty()) return;
  noteCongestion();
  while (!transport_->busy() && !nextToSend().empty()) {
    const std::size_t size = transport_->write(outgoing_, taken_);
    if (size == 0 || stage_ == Stage::Ended || !dying_.empty()) return;  // failed, or ended
    if (outgoing_.empty()) {
      taken_ = 0;  // the transport has taken over the whole queue
    } else {
      takeFromQueue(size);
    }
  }
  stuck_ = transport_->busy();
  if (nextToSend().empty()) {
    takeFromQueue(0);
    if (gate_ != nullptr) gate_->setQueued(false);
  }
  if (stage_ == Stage::Lingering) {
    // Says goodbye, then waits for the other side to do the same (or for the deadline).
    if (nextToSend().empty() && transport_->finish() && peerDone_) close();
    return;
  }
  reportDrained();
}

void FrameLink::onWritable() {
  stuck_ = false;
  if (stage_ != Stage::Open && stage_ != Stage::Lingering) return;
  flush();
  countQueue();
}

/// The connection takes no more. A BYE that says why may still lie in the receive buffer, so a link that reads goes on
/// reading until it meets the end there, too.
void FrameLink::onWriteFailed(std::string detail) {
  if (stage_ == Stage::Lingering) return close();
  if (stage_ != Stage::Open || !dying_.empty()) return;
  if (gate_ != nullptr) gate_->close();
  open_ = false;
  dropQueue();
  dying_ = std::move(detail);
  if (reading_ != Reading::On) return end(LinkEndCause::NetworkError, std::move(dying_));
  deadline_.arm(kLastWordsMs);
}

/// Keeps the loop's sum of waiting bytes up to date. The memory of this link is valid, though flush() may have ended
/// the link.
void FrameLink::countQueue() {
  const std::size_t queued = stage_ == Stage::Ended ? 0 : queuedBytes();
  loop_.counters().queuedBytes += queued - counted_;  // modulo its width, so that it may fall
  counted_ = queued;
}

}  // namespace rtm::net
