#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "net/link/link.hpp"
#include "server/media/download_sender.hpp"
#include "server/media/media_transfers.hpp"
#include "server/media/upload_receiver.hpp"
#include "wire/messages.hpp"

namespace rtm::server {

class MediaLoop;

/// A connection that carries the body of one transfer, from its MEDIA_OPEN on.
///
///   Opening ──granted──▶ Starting ─┬─▶ Receiving ──MEDIA_END──▶ Finishing ──MEDIA_STORED──▶ (closed)
///                                  ├─▶ Sending ──MEDIA_END──▶ Draining ──▶ (closed)
///                                  └─▶ Retelling: the upload was stored when an earlier connection broke
class MediaConnection final : public net::LinkObserver,
                              private UploadReceiver::Host,
                              private DownloadSender::Host,
                              public std::enable_shared_from_this<MediaConnection> {
 public:
  MediaConnection(MediaLoop& home, net::LinkHandle link, const MediaAddress& address);
  ~MediaConnection();
  MediaConnection(const MediaConnection&) = delete;
  MediaConnection& operator=(const MediaConnection&) = delete;

  void open(const wire::MediaOpen& open);

  // From MediaTransfers, by way of MediaLoop.
  void onGrant(MediaGrant grant);
  void onRevoked(MediaRevoked why);

  void sweep(std::uint64_t now);
  void shutDown();

  // net::LinkObserver
  bool onFrame(wire::FrameKind kind, ByteView body) override;
  void onDrained() override;
  void onLinkEnd(const net::LinkEnd& end) override;

 private:
  enum class Phase : std::uint8_t { Opening, Starting, Receiving, Finishing, Retelling, Sending, Draining };

  // UploadReceiver::Host
  void onUploadReady(std::uint64_t offset) override;
  void onUploadRoom() override;
  void onUploadEnd(std::uint32_t code, bool ready) override;
  std::string clientAddress() const override { return link_->remoteAddress(); }
  // DownloadSender::Host
  bool wantsPiece() const override;
  void onDownloadReady() override;
  void onPiece(ByteView bytes) override;
  void onDownloadEnd() override;
  void onDownloadFailed(const std::string& why, DownloadSender::Failure failure) override;

  void onData(ByteView body);
  void onEnd(ByteView body);
  void startUpload(MediaGrant grant);
  void startDownload(const MediaGrant& grant);
  void sendOpened(std::uint32_t code, std::uint64_t offset);
  /// The client broke a rule: BYE, and its ticket is over.
  void refuse(wire::ByeCode code, std::string_view reason);
  void close(wire::ByeCode code, std::string_view reason, bool over);
  void closeAfterFlush();
  /// Gives the transfer back to MediaTransfers. `over`: its ticket ends, too.
  void letGo(bool over);
  void log(LogLevel level, std::string_view what, std::string_view reason);

  MediaLoop& home_;
  net::LinkHandle link_;  ///< null once closed
  MediaAddress address_;
  MediaTicketKey ticket_{};
  std::shared_ptr<UploadReceiver> receiver_;
  std::shared_ptr<DownloadSender> sender_;
  std::uint64_t offset_ = 0;  ///< a download begins here
  std::uint64_t size_ = 0;
  MediaDigest digest_{};
  std::uint64_t openedMs_;
  std::uint64_t movedMs_;       ///< when the last byte passed
  std::size_t lastQueued_ = 0;  ///< bytes that waited for the client at the last look
  Phase phase_ = Phase::Opening;
  bool claimed_ = false;  ///< MediaTransfers knows this connection
  bool paused_ = false;   ///< the disk is behind
};

}  // namespace rtm::server
