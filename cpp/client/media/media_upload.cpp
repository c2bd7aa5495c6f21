// The sending half of MediaTransfer: file → checksum → link, a piece at a time.

#include <algorithm>

#include "client/media/media_transfer.hpp"

namespace rtm::client {

namespace {

/// Of one MEDIA_DATA, whose body may have 64 KiB.
constexpr std::size_t kFrameBytes = 60 * 1024;
/// Of one read: what the link's queue takes at once.
constexpr std::size_t kReadBytes = 4 * kFrameBytes;

}  // namespace

void MediaTransfer::pump() {
  if (!moving_ || link_ == nullptr) return;
  while (pieceAt_ < piece_.size()) {
    const std::size_t size = std::min(kFrameBytes, piece_.size() - pieceAt_);
    // A full queue: onDrained() goes on from here, so no more is read than the network takes.
    if (!link_->send(wire::MediaData{.data = ByteView(piece_).subspan(pieceAt_, size)})) return;
    pieceAt_ += size;
    sent_ += size;
  }
  if (sent_ == route_.size && hashed_ == route_.size) {
    checkFile();
  } else {
    readNext();
  }
}

void MediaTransfer::readNext() {
  if (reading_ || checking_) return;
  reading_ = true;
  const std::uint64_t size = std::min<std::uint64_t>(kReadBytes, route_.size - readAt_);
  file_.read(readAt_, static_cast<std::size_t>(size),
             [this, offset = readAt_](std::int64_t outcome, ByteView bytes) { onPiece(offset, outcome, bytes); });
}

void MediaTransfer::onPiece(std::uint64_t offset, std::int64_t outcome, ByteView bytes) {
  reading_ = false;
  if (outcome <= 0) return fail(outcome == 0 ? "the file became shorter" : "the file cannot be read");
  const std::uint64_t end = offset + bytes.size();
  if (offset <= hashed_ && end > hashed_) {
    const ByteView fresh = bytes.subspan(static_cast<std::size_t>(hashed_ - offset));
    hash_.add(fresh);
    if (job_.image && head_.size() < kImageHeadBytes) {
      const std::size_t wanted = std::min(fresh.size(), kImageHeadBytes - head_.size());
      head_.insert(head_.end(), fresh.begin(), fresh.begin() + static_cast<std::ptrdiff_t>(wanted));
    }
    hashed_ = end;
  }
  if (!moving_) return;
  if (offset == readAt_) {  // else it was read for a connection that is gone
    readAt_ = end;
    // What the server has is read for the checksum only.
    const std::uint64_t known = std::min(end, std::max(offset, sent_)) - offset;
    piece_.assign(bytes.begin() + static_cast<std::ptrdiff_t>(known), bytes.end());
    pieceAt_ = 0;
  }
  pump();
}

/// All is sent. What was read must be what was opened, from its first byte to its last.
void MediaTransfer::checkFile() {
  if (endSent_ || checking_ || reading_) return;
  if (digest_) return sendEnd();
  checking_ = true;
  file_.stamp([this](std::int64_t outcome, const FileStamp& now) {
    checking_ = false;
    const FileStamp& then = job_.stamp;
    if (outcome < 0) return fail("the file cannot be looked at any more");
    if (now.links == 0) return fail("the file was removed during the upload");
    if (now.size != then.size || now.modifiedSeconds != then.modifiedSeconds ||
        now.modifiedNanoseconds != then.modifiedNanoseconds) {
      return fail("the file was changed during the upload");
    }
    digest_ = hash_.finish();
    owner_.onMediaBody(id_, {.memory = {}, .image = imageSizeOf(head_)});
    pump();
  });
}

void MediaTransfer::sendEnd() {
  if (!link_->send(wire::MediaEnd{.sha256 = *digest_})) return;  // onDrained() comes back here
  endSent_ = true;
  report({.input = MediaInput::BodyEnd});
}

}  // namespace rtm::client
