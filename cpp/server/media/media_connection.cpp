#include "server/media/media_connection.hpp"

#include <algorithm>
#include <limits>
#include <utility>

#include "server/media/media_loop.hpp"
#include "server/model/codes.hpp"
#include "wire/protocol.hpp"

namespace rtm::server {
namespace {

/// A download is read from the disk while less than this waits for the client.
constexpr std::size_t kQueueBytes = std::size_t{256} * 1024;

}  // namespace

MediaConnection::MediaConnection(MediaLoop& home, net::LinkHandle link, const MediaAddress& address)
    : home_(home),
      link_(std::move(link)),
      address_(address),
      openedMs_(home.loop().now()),
      movedMs_(home.loop().now()) {
  link_->setObserver(this);
  link_->place().onDrop([this] { close(wire::ByeCode::Overloaded, "others need the place", false); });
}

MediaConnection::~MediaConnection() {
  letGo(false);  // the gateway ends: calls that are under way must not come back
}

void MediaConnection::open(const wire::MediaOpen& open) {
  if (open.ticket.size() != ticket_.size()) {
    sendOpened(code::media::kFailure, 0);
    return closeAfterFlush();
  }
  std::copy(open.ticket.begin(), open.ticket.end(), ticket_.begin());
  offset_ = open.offset;
  claimed_ = true;
  home_.claim(address_.connection, ticket_);
}

void MediaConnection::onGrant(MediaGrant grant) {
  if (grant.code != code::kOk) {
    claimed_ = false;
    sendOpened(grant.code, 0);
    return closeAfterFlush();
  }
  if (link_) link_->place().release();
  phase_ = Phase::Starting;
  size_ = grant.size;
  digest_ = grant.digest;
  if (grant.direction == MediaDirection::Download) return startDownload(grant);
  startUpload(std::move(grant));
}

void MediaConnection::startUpload(MediaGrant grant) {
  if (grant.stored) {
    phase_ = Phase::Retelling;
    return sendOpened(code::kOk, size_);
  }
  receiver_ = std::make_shared<UploadReceiver>(home_.context(), home_.loop(), home_.transfers(), ticket_, address_,
                                               std::move(grant));
  receiver_->start(*this);
}

void MediaConnection::startDownload(const MediaGrant& grant) {
  if (offset_ > size_) {
    sendOpened(code::media::kInvalidArgument, 0);
    letGo(true);
    return closeAfterFlush();
  }
  sender_ = std::make_shared<DownloadSender>(home_.loop(), size_, offset_);
  sender_->start(home_.transfers().store().bodyPath(grant.mediaId), *this);
}

void MediaConnection::onRevoked(MediaRevoked why) {
  if (why == MediaRevoked::Replaced) {
    return close(wire::ByeCode::SessionMoved, "the transfer goes on over another connection", false);
  }
  close(wire::ByeCode::Unexpected, "the ticket has ended", true);
}

void MediaConnection::sweep(std::uint64_t now) {
  const auto since = [now](std::uint64_t then) { return now - std::min(now, then); };
  const ServerOptions& options = home_.context().options;
  if (phase_ == Phase::Opening) {
    if (since(openedMs_) < options.loginTimeoutMs) return;
    return close(wire::ByeCode::LoginTimeout, "the transfer is still in other hands", false);
  }
  if (std::exchange(lastQueued_, link_->queuedBytes()) != lastQueued_) movedMs_ = now;
  if (since(std::max(movedMs_, link_->lastReceivedMs())) < options.mediaIdleMs) return;
  close(wire::ByeCode::Unexpected, "no byte has moved for too long: the ticket has ended", true);
}

void MediaConnection::shutDown() {
  close(wire::ByeCode::ShuttingDown, "the server shuts down", true);
}

// ---- frames -----------------------------------------------------------------------------------------------------

bool MediaConnection::onFrame(wire::FrameKind kind, ByteView body) {
  if (!link_) return false;
  const auto self = shared_from_this();  // the frame may end this connection
  if (kind == wire::FrameKind::MediaData && phase_ == Phase::Receiving) {
    onData(body);
  } else if (kind == wire::FrameKind::MediaEnd && (phase_ == Phase::Receiving || phase_ == Phase::Retelling)) {
    onEnd(body);
  } else if (!wire::isOptional(kind)) {
    refuse(wire::ByeCode::Unexpected, "kind " + std::to_string(static_cast<unsigned>(kind)) + " is not allowed now");
  }
  return link_ != nullptr;
}

void MediaConnection::onData(ByteView body) {
  wire::MediaData data;
  if (!wire::decode(body, data)) return refuse(wire::ByeCode::Malformed, "MEDIA_DATA does not decode");
  if (data.data.empty()) return refuse(wire::ByeCode::Malformed, "an empty MEDIA_DATA");
  if (!receiver_->append(data.data)) {
    return refuse(wire::ByeCode::Malformed, "more bytes than the " + std::to_string(size_) + " announced");
  }
  if (!link_) return;  // the upload has failed
  home_.stats().mediaBytesIn.add(data.data.size());
  home_.stats().mediaPeak.raise(receiver_->buffered());
  if (receiver_->congested() && !std::exchange(paused_, true)) link_->pauseReading();
}

void MediaConnection::onEnd(ByteView body) {
  wire::MediaEnd end;
  MediaDigest digest{};
  if (!wire::decode(body, end) || end.sha256.size() != digest.size()) {
    return refuse(wire::ByeCode::Malformed, "MEDIA_END without a SHA-256");
  }
  std::copy(end.sha256.begin(), end.sha256.end(), digest.begin());
  if (phase_ == Phase::Retelling) {
    link_->send(wire::MediaStored{.code = digest == digest_ ? code::kOk : code::media::kFailure});
    letGo(false);
    return closeAfterFlush();
  }
  phase_ = Phase::Finishing;
  receiver_->finish(digest);
}

void MediaConnection::onLinkEnd(const net::LinkEnd& end) {
  const auto self = shared_from_this();
  const bool ordinary = end.cause == net::LinkEndCause::PeerClosed || end.cause == net::LinkEndCause::NetworkError;
  if (end.cause == net::LinkEndCause::Malformed) home_.stats().malformed.add();
  log(ordinary ? LogLevel::Info : LogLevel::Warning, "ended", end.detail);
  link_.reset();
  letGo(false);
  home_.release(address_.connection);
}

// ---- upload -----------------------------------------------------------------------------------------------------

void MediaConnection::onUploadReady(std::uint64_t offset) {
  phase_ = Phase::Receiving;
  link_->setFrameLimit(wire::kMaxFrameBody);
  sendOpened(code::kOk, offset);
}

void MediaConnection::onUploadRoom() {
  if (std::exchange(paused_, false)) link_->resumeReading();
}

void MediaConnection::onUploadEnd(std::uint32_t code, bool ready) {
  claimed_ = false;
  if (ready) {
    link_->send(wire::MediaStored{.code = code});
  } else {
    sendOpened(code, 0);
  }
  closeAfterFlush();
}

// ---- download ---------------------------------------------------------------------------------------------------

bool MediaConnection::wantsPiece() const {
  return link_->queuedBytes() <= kQueueBytes;
}

void MediaConnection::onDownloadReady() {
  phase_ = Phase::Sending;
  link_->setQueueBound(kQueueBytes);  // after more than this, onDrained() comes below half of it
  sendOpened(code::kOk, offset_);
}

void MediaConnection::onPiece(ByteView bytes) {
  link_->send(wire::MediaData{.data = bytes});
  movedMs_ = home_.loop().now();
  home_.stats().mediaBytesOut.add(bytes.size());
  home_.stats().mediaPeak.raise(link_->queuedBytes());
}

void MediaConnection::onDownloadEnd() {
  sender_.reset();
  phase_ = Phase::Draining;
  home_.transfers().finish(ticket_);  // first, so that the client finds a free task when it hears of the end
  link_->setQueueBound(std::numeric_limits<std::size_t>::max());
  link_->send(wire::MediaEnd{.sha256 = digest_});
  link_->setQueueBound(0);  // onDrained() comes when the queue is empty
}

void MediaConnection::onDrained() {
  const auto self = shared_from_this();
  if (phase_ == Phase::Sending) {
    const auto sender = sender_;  // proceed() may reset sender_
    return sender->proceed();
  }
  if (phase_ != Phase::Draining) return;
  letGo(false);
  closeAfterFlush();
}

void MediaConnection::onDownloadFailed(const std::string& why, DownloadSender::Failure failure) {
  using Failure = DownloadSender::Failure;
  sender_.reset();
  log(LogLevel::Error, "download failed", why);
  if (failure == Failure::Broken) return close(wire::ByeCode::Unexpected, "the body cannot be read", true);
  sendOpened(failure == Failure::Gone ? code::media::kNotExist : code::media::kFailure, 0);
  letGo(true);
  closeAfterFlush();
}

// ---- the end ----------------------------------------------------------------------------------------------------

void MediaConnection::sendOpened(std::uint32_t code, std::uint64_t offset) {
  link_->send(wire::MediaOpened{.code = code, .offset = offset, .size = code == code::kOk ? size_ : 0});
}

void MediaConnection::refuse(wire::ByeCode code, std::string_view reason) {
  home_.stats().malformed.add();
  close(code, reason, true);
}

void MediaConnection::close(wire::ByeCode code, std::string_view reason, bool over) {
  if (!link_) return;
  const auto self = shared_from_this();
  log(LogLevel::Warning, "BYE " + std::to_string(static_cast<unsigned>(code)), reason);
  letGo(over);
  link_->setQueueBound(std::numeric_limits<std::size_t>::max());
  link_->send(wire::Bye{.code = code, .reason = reason, .retryAfterMs = 0, .endpoints = {}, .sendsTaken = 0});
  closeAfterFlush();
}

void MediaConnection::closeAfterFlush() {
  link_->closeAfterFlush();
  link_.reset();
  home_.release(address_.connection);
}

void MediaConnection::letGo(bool over) {
  if (sender_) std::exchange(sender_, nullptr)->detach();
  if (!std::exchange(claimed_, false)) return;
  if (!receiver_) return home_.transfers().giveBack(ticket_, address_, nullptr, movedMs_, over);
  // The receiver gives the transfer back when the disk has all its bytes.
  if (over) return receiver_->abandon();
  receiver_->detach();
}

void MediaConnection::log(LogLevel level, std::string_view what, std::string_view reason) {
  const ServerContext& context = home_.context();
  if (!context.options.log) return;
  std::string line = "media connection " + link_->remoteAddress() + ": ";
  line += what;
  if (!reason.empty()) {
    line += ", ";
    line += reason;
  }
  context.log(level, line);
}

}  // namespace rtm::server
