// The sending half of MediaTransfer: file → checksum → link, one piece after another.

#include <algorithm>

#include "client/media/media_transfer.hpp"

namespace rtm::client {

namespace {

/// Bytes of the file in one MEDIA_DATA, whose body may have 64 KiB.
constexpr std::size_t kFrameBytes = 60 * 1024;
/// Bytes of one read: a little less than the bound of the link's queue.
constexpr std::size_t kReadBytes = 4 * kFrameBytes;

}  // namespace

void MediaTransfer::pump() {
  if (!moving_ || link_ == nullptr) return;
  while (upload_.pieceAt < upload_.piece.size()) {
    const std::size_t size = std::min(kFrameBytes, upload_.piece.size() - upload_.pieceAt);
    // A full queue: onDrained() continues here, so the transfer reads only what the network takes.
    if (!link_->send(wire::MediaData{.data = ByteView(upload_.piece).subspan(upload_.pieceAt, size)})) return;
    upload_.pieceAt += size;
    upload_.sent += size;
  }
  if (upload_.sent == route_.size && checksum_.bytes == route_.size) {
    checkFile();
  } else {
    readNext();
  }
}

void MediaTransfer::readNext() {
  if (upload_.reading || upload_.checking) return;
  upload_.reading = true;
  const std::uint64_t size = std::min<std::uint64_t>(kReadBytes, route_.size - upload_.readAt);
  file_.read(
      upload_.readAt, static_cast<std::size_t>(size),
      [this, offset = upload_.readAt](std::int64_t outcome, ByteView bytes) { onPiece(offset, outcome, bytes); });
}

void MediaTransfer::onPiece(std::uint64_t offset, std::int64_t outcome, ByteView bytes) {
  upload_.reading = false;
  if (outcome <= 0) return fail(outcome == 0 ? "the file became shorter" : "the file cannot be read");
  const std::uint64_t end = offset + bytes.size();
  if (offset <= checksum_.bytes && end > checksum_.bytes) {
    const ByteView fresh = bytes.subspan(static_cast<std::size_t>(checksum_.bytes - offset));
    checksum_.hash.add(fresh);
    if (job_.image && upload_.head.size() < kImageHeadBytes) {
      const std::size_t wanted = std::min(fresh.size(), kImageHeadBytes - upload_.head.size());
      upload_.head.insert(upload_.head.end(), fresh.begin(), fresh.begin() + static_cast<std::ptrdiff_t>(wanted));
    }
    checksum_.bytes = end;
  }
  if (!moving_) return;
  if (offset == upload_.readAt) {  // else the read was for a connection that has ended
    upload_.readAt = end;
    // Bytes that the server has are read for the checksum only.
    const std::uint64_t known = std::min(end, std::max(offset, upload_.sent)) - offset;
    upload_.piece.assign(bytes.begin() + static_cast<std::ptrdiff_t>(known), bytes.end());
    upload_.pieceAt = 0;
  }
  pump();
}

/// The whole body is sent. Checks that the file did not change during the upload.
void MediaTransfer::checkFile() {
  if (upload_.endSent || upload_.checking || upload_.reading) return;
  if (upload_.digest) return sendEnd();
  upload_.checking = true;
  file_.stamp([this](std::int64_t outcome, const FileStamp& now) {
    upload_.checking = false;
    const FileStamp& then = job_.stamp;
    if (outcome < 0) return fail("the size and time of the file cannot be read any more");
    if (now.links == 0) return fail("the file was removed during the upload");
    if (now.size != then.size || now.modifiedSeconds != then.modifiedSeconds ||
        now.modifiedNanoseconds != then.modifiedNanoseconds) {
      return fail("the file was changed during the upload");
    }
    upload_.digest = checksum_.hash.finish();
    owner_.onMediaBody(id_, {.memory = {}, .image = imageSizeOf(upload_.head)});
    pump();
  });
}

void MediaTransfer::sendEnd() {
  if (!link_->send(wire::MediaEnd{.sha256 = *upload_.digest})) return;  // onDrained() tries again
  upload_.endSent = true;
  report({.input = MediaInput::BodyEnd});
}

}  // namespace rtm::client
