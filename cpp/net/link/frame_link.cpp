#include "net/link/frame_link.hpp"

#include <utility>

namespace rtm::net {
namespace {

using Reading = ByteTransport::Reading;

/// How long closeAfterFlush() may take: to send the queue, and to let the other side read it before the kernel answers
/// the other side's next byte with a reset.
constexpr std::uint64_t kLingerMs = 2000;

}  // namespace

FrameLink::Handle FrameLink::create(IoLoop& loop, std::unique_ptr<ByteTransport> transport) {
  return Handle(new FrameLink(loop, std::move(transport)));
}

FrameLink::FrameLink(IoLoop& loop, std::unique_ptr<ByteTransport> transport)
    : Link(loop), transport_(std::move(transport)), deadline_(loop, [this] { onDeadline(); }) {
  lastReceivedMs_ = loop.now();
}

void FrameLink::start(std::uint64_t timeoutMs, OnReady onReady) {
  stage_ = Stage::Opening;
  opening_.onReady = std::move(onReady);
  opening_.timeoutMs = timeoutMs;
  deadline_.arm(timeoutMs);
  transport_->open(*this);
}

void FrameLink::onOpen() {
  if (stage_ != Stage::Opening) return;
  stage_ = Stage::Open;
  deadline_.cancel();
  lastReceivedMs_ = loop_.now();
  OnReady onReady = std::move(opening_.onReady);
  onReady(nullptr);
  if (stage_ == Stage::Ended) return;
  reading_ = wantedReading();
  transport_->setReading(reading_);  // in every case: the transport reads as its handshake needs
}

/// Later, not here: this may still run inside start().
void FrameLink::onOpenFailed(OpenFailure failure) {
  if (stage_ != Stage::Opening) return;
  opening_.failure = std::make_unique<OpenFailure>(std::move(failure));
  loop_.atTurnEnd(*this);
}

/// Calls out, as the last thing the caller does.
void FrameLink::failReady(const OpenFailure& failure) {
  close();
  OnReady onReady = std::move(opening_.onReady);
  if (onReady) onReady(&failure);
}

void FrameLink::onDeadline() {
  switch (stage_) {
    case Stage::Opening:
      return failReady({ConnectError::Unreachable,
                        std::string(transport_->missing()) + " within " + std::to_string(opening_.timeoutMs) + " ms",
                        transport_->connected()});
    case Stage::Open:
      return end(LinkEndCause::NetworkError, std::move(dying_));
    case Stage::Lingering:
      return close();
    case Stage::New:
    case Stage::Ended:
      return;
  }
}

void FrameLink::onTurnEnd() {
  const auto held = WriteGate::hold(gate_);
  switch (stage_) {
    case Stage::Opening:
      if (const auto failure = std::move(opening_.failure)) failReady(*failure);
      return;
    case Stage::Open:
      deliverEarly();
      if (stage_ != Stage::Open) return;
      flush();
      return countQueue();
    case Stage::Lingering:
      flush();
      return countQueue();
    case Stage::New:
    case Stage::Ended:
      return;
  }
}

void FrameLink::pauseReading() {
  paused_ = true;
  updateReading();
}

void FrameLink::resumeReading() {
  paused_ = false;
  updateReading();
  if (!early_.bytes.empty()) loop_.atTurnEnd(*this);
}

LinkInfo FrameLink::info() const {
  const auto held = WriteGate::hold(gate_);
  return transport_->info();
}

std::shared_ptr<WriteGate> FrameLink::writeGate() {
  if (gate_ == nullptr && stage_ == Stage::Open && dying_.empty()) {
    WriteGate::Target& self = *this;
    auto gate = std::make_shared<WriteGate>(loop_, self, !nextToSend().empty());
    if (transport_->admit(gate)) gate_ = std::move(gate);
  }
  return gate_;
}

ByteTransport::OutsideWrite FrameLink::writeFromOutside(ByteView frames) {
  return transport_->writeFromOutside(frames);
}

void FrameLink::goOnFromOutside() {
  transport_->goOnFromOutside();
  stuck_ = transport_->busy();
}

void FrameLink::closeAfterFlush() {
  const auto held = WriteGate::hold(gate_);
  if (gate_ != nullptr) gate_->close();
  observer_ = nullptr;
  open_ = false;
  if (stage_ != Stage::Open || !dying_.empty()) return close();
  stage_ = Stage::Lingering;
  loop_.lingers(1);
  place_.moveTo(PendingStage::Leaving);
  place_.onDrop([this] { close(); });
  early_ = {};
  transport_->goOnFromOutside();
  if (stage_ != Stage::Lingering) return;
  deadline_.arm(kLingerMs);
  loop_.atStop(*this);
  loop_.atTurnEnd(*this);
  updateReading();
}

void FrameLink::onLoopStop() {
  if (stage_ == Stage::Lingering) flush();
  close();
}

/// Closes the connection, then tells the observer.
void FrameLink::end(LinkEndCause cause, std::string detail) {
  close();
  reportEnd(cause, std::move(detail));
}

void FrameLink::close() {
  if (stage_ == Stage::Ended) return;
  const auto held = WriteGate::hold(gate_);
  if (gate_ != nullptr) gate_->close();
  const bool opened = stage_ != Stage::New;
  if (stage_ == Stage::Lingering) loop_.lingers(-1);
  stage_ = Stage::Ended;
  open_ = false;
  place_.release();
  countQueue();
  deadline_.cancel();
  if (opened) {
    transport_->close();
  } else {
    closed_ = true;
  }
}

void FrameLink::onClosed() {
  closed_ = true;
  if (orphaned_) delete this;
}

void FrameLink::destroy() {
  observer_ = nullptr;
  open_ = false;
  opening_.onReady = nullptr;
  orphaned_ = true;
  if (stage_ == Stage::Lingering) return;  // finishes by itself
  close();
  if (closed_) delete this;
}

}  // namespace rtm::net
