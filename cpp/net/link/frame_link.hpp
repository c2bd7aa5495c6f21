#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/move_function.hpp"
#include "net/link/link.hpp"
#include "net/loop/timer.hpp"
#include "net/transport/byte_transport.hpp"

namespace rtm::net {

/// Frames over a stream of bytes: cuts frames, sends the out-queue in one write for each turn, lingers at the end.
///
/// Its memory is freed after the transport has closed and after its owner has let go, whichever comes last: so
/// anything may happen to the link inside its own callbacks.
class FrameLink final : public Link, private ByteTransport::Sink, private WriteGate::Target, private StopHook {
 public:
  /// Called once when the link is ready to carry frames, or (`failure` not null) never will be. Never called after the
  /// owner has let go of the link, which it may do inside this call.
  using OnReady = MoveFunction<void(const OpenFailure* failure)>;
  using Handle = std::unique_ptr<FrameLink, Link::Closer>;

  /// A link that does nothing yet.
  static Handle create(IoLoop& loop, std::unique_ptr<ByteTransport> transport);
  void takePlace(PendingPlace place) { place_ = std::move(place); }

  /// Opens the transport within `timeoutMs`. A transport that is open at once calls `onReady` inside with success; a
  /// failure is reported later in every case.
  void start(std::uint64_t timeoutMs, OnReady onReady);

  void setFrameLimit(std::size_t maxBody) override { decoder_.setLimit(maxBody); }
  void pauseReading() override;
  void resumeReading() override;
  void closeAfterFlush() override;
  bool connected() const override { return stage_ == Stage::Open || transport_->connected(); }
  std::string remoteAddress() const override { return transport_->remoteAddress(); }
  AddressPrefix remotePrefix() const override { return transport_->remotePrefix(); }
  LinkInfo info() const override;
  std::shared_ptr<WriteGate> writeGate() override;

 private:
  enum class Stage { New, Opening, Open, Lingering, Ended };

  FrameLink(IoLoop& loop, std::unique_ptr<ByteTransport> transport);
  ~FrameLink() override = default;
  void destroy() override;
  std::size_t unsentBytes() const override { return transport_->unsentBytes(); }
  void onTurnEnd() override;
  void onLoopStop() override;

  void onOpen() override;
  void onOpening(bool waitsForUs) override {
    place_.moveTo(waitsForUs ? PendingStage::WaitsForUs : PendingStage::Handshaking);
  }
  void onOpenFailed(OpenFailure failure) override;
  void onBytes(ByteView bytes, bool last) override;
  void onWritable() override;
  void onWriteFailed(std::string detail) override;
  void onEnd(LinkEndCause cause, std::string detail) override;
  void onClosed() override;
  ByteTransport::OutsideWrite writeFromOutside(ByteView frames) override;
  void goOnFromOutside() override;

  /// From start() until the link is ready or has failed.
  struct Opening {
    OnReady onReady;
    std::uint64_t timeoutMs = 0;
    std::unique_ptr<OpenFailure> failure;  ///< until the turn's end
  };
  /// Came while the observer could not hear: with the end of a handshake, or between two observers.
  struct Early {
    Bytes bytes;
    std::unique_ptr<LinkEnd> end;  ///< came behind the bytes
  };

  void failReady(const OpenFailure& failure);
  void onDeadline();
  void end(LinkEndCause cause, std::string detail);
  void close();
  ByteTransport::Reading wantedReading() const;
  void updateReading();
  void deliver(ByteView bytes);
  void deliverEarly();
  void finishBatch();
  void flush();
  void countQueue();

  std::unique_ptr<ByteTransport> transport_;
  wire::FrameDecoder decoder_;
  Opening opening_;
  Timer deadline_;  ///< of opening, then of a linger, or of the last words of a connection that takes no writes
  Early early_;
  std::string dying_;        ///< why writing failed, while reading may still bring the other side's last words
  std::size_t counted_ = 0;  ///< this link's part of LoopCounters::queuedBytes
  Stage stage_ = Stage::New;
  ByteTransport::Reading reading_ = ByteTransport::Reading::Off;
  bool paused_ = false;
  bool framesInBatch_ = false;  ///< onBatchEnd is owed
  bool framesSeen_ = false;
  bool peerDone_ = false;  ///< while lingering: the other side has closed, too
  bool orphaned_ = false;  ///< the owner has let go
  bool closed_ = false;    ///< the transport has closed
};

}  // namespace rtm::net
