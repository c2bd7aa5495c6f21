// The receiving half of MediaTransfer: link → checksum → memory or file.

#include <uv.h>

#include <algorithm>

#include "client/media/media_transfer.hpp"

namespace rtm::client {

namespace {

/// Most bytes that wait for the disk; above this, the transfer does not read the link.
constexpr std::size_t kMostPending = 1024 * 1024;

}  // namespace

void MediaTransfer::prepareFile() {
  if (download_.fileState == FileState::Making) return;
  download_.fileState = FileState::Making;
  file_.createTemporary(temporaryPathFor(job_.path), [this](std::int64_t outcome) {
    if (outcome < 0) {
      return fail("cannot write beside " + job_.path + ": " + uv_strerror(static_cast<int>(outcome)));
    }
    download_.fileState = FileState::Ready;
    search();
  });
}

bool MediaTransfer::onData(ByteView bytes) {
  if (bytes.size() > route_.size - download_.received) {
    fail("the server sent more than the " + std::to_string(route_.size) + " bytes that it announced");
    return false;
  }
  checksum_.hash.add(bytes);
  download_.received += bytes.size();
  download_.pending.insert(download_.pending.end(), bytes.begin(), bytes.end());
  if (job_.path.empty()) return true;
  writeNext();
  if (!download_.paused && download_.pending.size() > kMostPending) {
    download_.paused = true;
    link_->pauseReading();
  }
  return true;
}

void MediaTransfer::writeNext() {
  if (download_.writing || download_.pending.empty()) return;
  download_.writing = true;
  Bytes bytes;
  bytes.swap(download_.pending);
  file_.append(std::move(bytes), [this](std::int64_t outcome) {
    download_.writing = false;
    if (outcome < 0) {
      return fail("cannot write beside " + job_.path + ": " + uv_strerror(static_cast<int>(outcome)));
    }
    if (download_.paused && link_ != nullptr) {
      download_.paused = false;
      link_->resumeReading();
    }
    writeNext();
    if (download_.publishing) publish();
  });
}

bool MediaTransfer::onEnd(const wire::MediaEnd& end) {
  sample();
  if (link_ == nullptr) return false;
  const Sha256::Digest digest = checksum_.hash.finish();
  if (download_.received != route_.size ||
      !std::equal(digest.begin(), digest.end(), end.sha256.begin(), end.sha256.end())) {
    fail("the body does not match the checksum of the upload; " + std::to_string(download_.received) + " of " +
         std::to_string(route_.size) + " bytes came");
    return false;
  }
  report({.input = MediaInput::BodyEnd});
  return false;
}

void MediaTransfer::publish() {
  if (job_.path.empty()) {
    owner_.onMediaBody(id_, {.memory = std::move(download_.pending), .image = {}});
    return report({.input = MediaInput::Published});
  }
  download_.publishing = true;
  if (download_.writing || !download_.pending.empty()) return;  // writeNext() calls publish() again
  download_.publishing = false;
  file_.publish(job_.path, [this](std::int64_t outcome) {
    if (outcome < 0) {
      return fail("cannot move the download to " + job_.path + ": " + uv_strerror(static_cast<int>(outcome)));
    }
    report({.input = MediaInput::Published});
  });
}

}  // namespace rtm::client
