// The receiving half of MediaTransfer: link → checksum → memory, or file.

#include <uv.h>

#include <algorithm>

#include "client/media/media_transfer.hpp"

namespace rtm::client {

namespace {

/// Bytes that wait for the disk: above it the link is not read.
constexpr std::size_t kMostPending = 1024 * 1024;

}  // namespace

void MediaTransfer::prepareFile() {
  if (fileState_ == FileState::Making) return;
  fileState_ = FileState::Making;
  file_.createTemporary(temporaryPathFor(job_.path), [this](std::int64_t outcome) {
    if (outcome < 0) {
      return fail("cannot write beside " + job_.path + ": " + uv_strerror(static_cast<int>(outcome)));
    }
    fileState_ = FileState::Ready;
    search();
  });
}

bool MediaTransfer::onData(ByteView bytes) {
  if (bytes.size() > route_.size - received_) {
    fail("the server sent more than the " + std::to_string(route_.size) + " bytes it had announced");
    return false;
  }
  hash_.add(bytes);
  received_ += bytes.size();
  pending_.insert(pending_.end(), bytes.begin(), bytes.end());
  if (job_.path.empty()) return true;
  writeNext();
  if (!paused_ && pending_.size() > kMostPending) {
    paused_ = true;
    link_->pauseReading();
  }
  return true;
}

void MediaTransfer::writeNext() {
  if (writing_ || pending_.empty()) return;
  writing_ = true;
  Bytes bytes;
  bytes.swap(pending_);
  file_.append(std::move(bytes), [this](std::int64_t outcome) {
    writing_ = false;
    if (outcome < 0) {
      return fail("cannot write beside " + job_.path + ": " + uv_strerror(static_cast<int>(outcome)));
    }
    if (paused_ && link_ != nullptr) {
      paused_ = false;
      link_->resumeReading();
    }
    writeNext();
    if (publishing_) publish();
  });
}

bool MediaTransfer::onEnd(const wire::MediaEnd& end) {
  sample();
  if (link_ == nullptr) return false;
  const Sha256::Digest digest = hash_.finish();
  if (received_ != route_.size || !std::equal(digest.begin(), digest.end(), end.sha256.begin(), end.sha256.end())) {
    fail("the body that came is not the one that was stored: " + std::to_string(received_) + " of " +
         std::to_string(route_.size) + " bytes, or another checksum");
    return false;
  }
  report({.input = MediaInput::BodyEnd});
  return false;
}

void MediaTransfer::publish() {
  if (job_.path.empty()) {
    owner_.onMediaBody(id_, {.memory = std::move(pending_), .image = {}});
    return report({.input = MediaInput::Published});
  }
  publishing_ = true;
  if (writing_ || !pending_.empty()) return;  // writeNext() comes back here
  publishing_ = false;
  file_.publish(job_.path, [this](std::int64_t outcome) {
    if (outcome < 0) {
      return fail("cannot bring the download to " + job_.path + ": " + uv_strerror(static_cast<int>(outcome)));
    }
    report({.input = MediaInput::Published});
  });
}

}  // namespace rtm::client
