#include "server/media/upload_receiver.hpp"

#include <algorithm>
#include <utility>

#include "server/media/file_calls.hpp"
#include "server/model/codes.hpp"

namespace rtm::server {

UploadReceiver::UploadReceiver(ServerContext& context, net::IoLoop& loop, MediaTransfers& transfers,
                               const MediaTicketKey& ticket, const MediaAddress& address, MediaGrant grant)
    : context_(context),
      loop_(loop),
      transfers_(transfers),
      ticket_(ticket),
      address_(address),
      size_(grant.size),
      body_(std::move(grant.body)),
      lastByteMs_(loop.now()) {
  disk_.written = body_->received;
}

void UploadReceiver::start(Host& host) {
  host_ = &host;
  busy_ = true;
  const auto opened = [self = shared_from_this()](int result) {
    self->busy_ = false;
    if (result < 0) {
      self->fail(std::string("cannot make a file: ") + file::errorText(result));
      return self->proceed();
    }
    if (self->body_->descriptor < 0) self->body_->descriptor = result;
    self->body_->created = true;
    self->ready_ = true;
    if (self->host_ != nullptr) self->host_->onUploadReady(self->body_->received);
    self->proceed();
  };
  if (body_->descriptor < 0) return file::create(loop_, body_->partPath, opened);
  loop_.post([opened] { opened(0); });
}

bool UploadReceiver::append(ByteView bytes) {
  if (over_ || broken_) return true;
  if (bytes.size() > size_ - body_->received) return false;
  lastByteMs_ = loop_.now();
  if (!body_->reservation.grow(bytes.size())) {
    failByClient(SecurityEvent::UploadRefused, "the store is full (media.storeBytes)");
    proceed();
    return true;
  }
  body_->hash.add(bytes);
  body_->received += bytes.size();
  disk_.pending.insert(disk_.pending.end(), bytes.begin(), bytes.end());
  proceed();
  return true;
}

void UploadReceiver::finish(const MediaDigest& expected) {
  expected_ = expected;
  proceed();
}

void UploadReceiver::detach() {
  host_ = nullptr;
  proceed();
}

void UploadReceiver::abandon() {
  host_ = nullptr;
  broken_ = true;
  proceed();
}

/// The next step, once the disk is free.
void UploadReceiver::proceed() {
  if (busy_ || over_) return;
  if (broken_) return end(code::media::kFailure);
  if (!disk_.pending.empty()) return writePending();
  if (expected_) return verify();
  if (host_ != nullptr) return;
  over_ = true;
  transfers_.giveBack(ticket_, address_, std::move(body_), lastByteMs_, false);
}

void UploadReceiver::writePending() {
  busy_ = true;
  disk_.writing = disk_.pending.size();
  file::write(loop_, body_->descriptor, std::exchange(disk_.pending, {}), disk_.written,
              [self = shared_from_this()](int result, const Bytes&) {
                self->busy_ = false;
                self->disk_.written += std::exchange(self->disk_.writing, 0);
                if (result < 0) self->fail(std::string("cannot write: ") + file::errorText(result));
                if (self->host_ != nullptr && !self->congested()) self->host_->onUploadRoom();
                self->proceed();
              });
}

// ---- the end: check, sync, close, rename, list ------------------------------------------------------------------

void UploadReceiver::verify() {
  const bool whole = body_->received == size_;
  if (!whole || body_->hash.finish() != *expected_) {
    failByClient(SecurityEvent::Malformed, whole ? "the checksum differs" : "it is shorter than announced");
    return proceed();
  }
  sync();
}

bool UploadReceiver::failed(int result, const char* what) {
  busy_ = false;
  if (result < 0) fail(std::string(what) + ": " + file::errorText(result));
  if (broken_) end(code::media::kFailure);
  return broken_;
}

void UploadReceiver::sync() {
  busy_ = true;
  file::sync(loop_, body_->descriptor, [self = shared_from_this()](int result) {
    if (!self->failed(result, "cannot sync")) self->close();
  });
}

void UploadReceiver::close() {
  busy_ = true;
  file::close(loop_, std::exchange(body_->descriptor, -1), [self = shared_from_this()](int result) {
    if (!self->failed(result, "cannot close")) self->moveIntoPlace();
  });
}

void UploadReceiver::moveIntoPlace() {
  busy_ = true;
  file::rename(loop_, body_->partPath, body_->bodyPath, [self = shared_from_this()](int result) {
    if (result >= 0)
      std::swap(self->body_->partPath, self->body_->bodyPath);  // a later discard() removes the final file
    if (self->failed(result, "cannot rename")) return;
    if (self->transfers_.store().keepsBodies()) return self->syncFolder();
    self->commit();
  });
}

/// Without this a power failure may lose the name while the record stays.
void UploadReceiver::syncFolder() {
  busy_ = true;
  file::openForReading(loop_, transfers_.store().folder(), [self = shared_from_this()](int folder) {
    if (self->failed(folder, "cannot open the folder")) return;
    self->busy_ = true;
    file::sync(self->loop_, folder, [self, folder](int result) {
      file::close(self->loop_, folder, [](int) {});
      if (!self->failed(result, "cannot sync the folder")) self->commit();
    });
  });
}

void UploadReceiver::commit() {
  busy_ = true;
  transfers_.commit(ticket_, address_, *expected_, [self = shared_from_this()](bool stored) {
    if (stored) return self->onStored();
    self->fail("its ticket has ended, or it cannot be listed");
    self->failed(0, "");
  });
}

void UploadReceiver::onStored() {
  busy_ = false;
  over_ = true;
  body_->reservation.keep();
  body_.reset();
  transfers_.giveBack(ticket_, address_, nullptr, lastByteMs_, false);
  if (Host* host = std::exchange(host_, nullptr)) host->onUploadEnd(code::kOk, true);
}

bool UploadReceiver::breakOff() {
  disk_.pending = {};
  return !std::exchange(broken_, true);
}

std::string UploadReceiver::failureText(const std::string& why) const {
  return "upload of " + std::to_string(size_) + " bytes failed: " + why;
}

void UploadReceiver::fail(const std::string& why) {
  if (breakOff()) context_.log(LogLevel::Error, failureText(why));
}

void UploadReceiver::failByClient(SecurityEvent event, const std::string& why) {
  if (!breakOff()) return;
  const std::string remote = host_ == nullptr ? "" : host_->clientAddress();
  context_.security->tell(event, failureText(why), {.remote = remote, .app = {}, .user = {}}, loop_.now());
}

void UploadReceiver::end(std::uint32_t code) {
  over_ = true;
  disk_.pending = {};
  discard(std::move(body_), loop_);
  // MediaTransfers first, so that the client finds a free task when it hears of the end.
  transfers_.giveBack(ticket_, address_, nullptr, lastByteMs_, true);
  if (Host* host = std::exchange(host_, nullptr)) host->onUploadEnd(code, ready_);
}

}  // namespace rtm::server
