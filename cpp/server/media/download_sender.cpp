#include "server/media/download_sender.hpp"

#include <unistd.h>
#include <uv.h>

#include <algorithm>
#include <utility>

#include "server/media/file_calls.hpp"
#include "wire/protocol.hpp"

namespace rtm::server {

DownloadSender::~DownloadSender() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

void DownloadSender::start(const std::string& path, Host& host) {
  host_ = &host;
  busy_ = true;
  file::openForReading(loop_, path, [self = shared_from_this()](int result) {
    self->busy_ = false;
    if (result < 0) {
      return self->fail(std::string("cannot open the body: ") + file::errorText(result),
                        result == UV_ENOENT ? Failure::Gone : Failure::Unreadable);
    }
    self->descriptor_ = result;
    if (self->host_ == nullptr) return self->closeFile();
    self->host_->onDownloadReady();
    self->proceed();
  });
}

void DownloadSender::proceed() {
  if (busy_ || host_ == nullptr || descriptor_ < 0) return;
  if (offset_ == size_) {
    closeFile();
    return std::exchange(host_, nullptr)->onDownloadEnd();
  }
  if (!host_->wantsPiece()) return;
  busy_ = true;
  const std::size_t most = static_cast<std::size_t>(std::min<std::uint64_t>(wire::kMaxPayloadBytes, size_ - offset_));
  file::read(loop_, descriptor_, most, offset_,
             [self = shared_from_this()](int result, const Bytes& bytes) { self->onRead(result, bytes); });
}

void DownloadSender::onRead(int result, ByteView bytes) {
  busy_ = false;
  if (host_ == nullptr) return closeFile();
  if (result < 0) return fail(std::string("cannot read the body: ") + file::errorText(result), Failure::Broken);
  if (bytes.empty()) return fail("the body is shorter than it was", Failure::Broken);
  offset_ += bytes.size();
  host_->onPiece(bytes);
  proceed();
}

void DownloadSender::detach() {
  host_ = nullptr;
  if (!busy_) closeFile();
}

void DownloadSender::fail(const std::string& why, Failure failure) {
  closeFile();
  if (Host* host = std::exchange(host_, nullptr)) host->onDownloadFailed(why, failure);
}

void DownloadSender::closeFile() {
  if (descriptor_ >= 0) file::close(loop_, std::exchange(descriptor_, -1), [](int) {});
}

}  // namespace rtm::server
