// File and image messages, uploads and downloads (spec semantics §8). Deprecated in 1.5.0, and kept.

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <limits>

#include "base/identifiers.hpp"
#include "client/message.hpp"
#include "client/service.hpp"

namespace rtm::client {

using namespace agora::rtm;  // NOLINT(google-build-using-namespace): the drop-in names are long and unmistakable

namespace {

static_assert(static_cast<int>(UPLOAD_MEDIA_ERR_OK) == media_code::kOk &&
              static_cast<int>(DOWNLOAD_MEDIA_ERR_OK) == media_code::kOk);
static_assert(static_cast<int>(UPLOAD_MEDIA_ERR_FAILURE) == media_code::kFailure &&
              static_cast<int>(DOWNLOAD_MEDIA_ERR_FAILURE) == media_code::kFailure);
static_assert(static_cast<int>(UPLOAD_MEDIA_ERR_TIMEOUT) == media_code::kTimeout &&
              static_cast<int>(DOWNLOAD_MEDIA_ERR_TIMEOUT) == media_code::kTimeout);
static_assert(static_cast<int>(UPLOAD_MEDIA_ERR_INTERRUPTED) == media_code::kInterrupted &&
              static_cast<int>(DOWNLOAD_MEDIA_ERR_INTERRUPTED) == media_code::kInterrupted);

/// Opaque to clients: what a server gives is visible ASCII of a reasonable length.
bool isValidMediaId(const char* mediaId) {
  constexpr std::size_t kLongest = 256;
  if (mediaId == nullptr) return false;
  const std::string_view id(mediaId);
  return !id.empty() && id.size() <= kLongest &&
         std::all_of(id.begin(), id.end(), [](char c) { return c > ' ' && c <= '~'; });
}

bool isValidPath(const char* path) {
  return path != nullptr && *path != '\0' && isValidUtf8(path);
}

/// Opens `path` for an upload and looks at it: the only work with files that is done on the caller's thread. Never
/// waits, whatever the path leads to.
int openForUpload(const char* path, MediaJob& job) {
  job.file = UniqueFd(::open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat found {};
  if (!job.file || ::fstat(job.file.get(), &found) != 0 || !S_ISREG(found.st_mode)) return UPLOAD_MEDIA_ERR_FAILURE;
  if (found.st_size == 0) return UPLOAD_MEDIA_ERR_INVALID_ARGUMENT;
  job.size = static_cast<std::uint64_t>(found.st_size);
  job.stamp = {.size = job.size,
               .modifiedSeconds = static_cast<std::int64_t>(found.st_mtim.tv_sec),
               .modifiedNanoseconds = static_cast<std::int64_t>(found.st_mtim.tv_nsec)};
  return UPLOAD_MEDIA_ERR_OK;
}

MessageData uploadedMessage(MediaOutcome& outcome, MESSAGE_TYPE type) {
  MessageData data{.messageId = nextMessageId(), .type = type};
  data.mediaId = std::move(outcome.mediaId);
  data.size = static_cast<long long>(outcome.size);
  data.width = outcome.body.image.width;
  data.height = outcome.body.image.height;
  return data;
}

}  // namespace

int Service::createFileMessageByUploading(const char* filePath, long long& requestId) {
  return upload(filePath, false, requestId);
}

int Service::createImageMessageByUploading(const char* filePath, long long& requestId) {
  return upload(filePath, true, requestId);
}

int Service::upload(const char* filePath, bool image, long long& requestId) {
  if (!initialized_) return UPLOAD_MEDIA_ERR_NOT_INITIALIZED;
  if (!loggedIn_) return UPLOAD_MEDIA_ERR_NOT_LOGGED_IN;
  if (!isValidPath(filePath)) return UPLOAD_MEDIA_ERR_INVALID_ARGUMENT;
  MediaJob job{.direction = MediaDirection::Upload, .image = image};
  // Before the lock: a slow disk must not stop what the network brings meanwhile.
  if (const int problem = openForUpload(filePath, job); problem != UPLOAD_MEDIA_ERR_OK) return problem;
  const std::lock_guard lock(mutex_);
  if (!machine_.loggedIn()) return UPLOAD_MEDIA_ERR_NOT_LOGGED_IN;
  if (job.size > maxMediaBytes()) return UPLOAD_MEDIA_ERR_SIZE_OVERFLOW;
  static_assert(static_cast<int>(UPLOAD_MEDIA_ERR_CONCURRENCY_LIMIT_EXCEEDED) ==
                static_cast<int>(DOWNLOAD_MEDIA_ERR_CONCURRENCY_LIMIT_EXCEEDED));
  return startMedia(std::move(job), requestId);
}

int Service::downloadMediaToMemory(const char* mediaId, long long& requestId) {
  const std::lock_guard lock(mutex_);
  return download(mediaId, {}, requestId);
}

int Service::downloadMediaToFile(const char* mediaId, const char* filePath, long long& requestId) {
  const std::lock_guard lock(mutex_);
  if (initialized_ && machine_.loggedIn() && !isValidPath(filePath)) return DOWNLOAD_MEDIA_ERR_INVALID_ARGUMENT;
  return download(mediaId, filePath != nullptr ? filePath : "", requestId);
}

int Service::download(const char* mediaId, std::string filePath, long long& requestId) {
  if (!initialized_) return DOWNLOAD_MEDIA_ERR_NOT_INITIALIZED;
  if (!machine_.loggedIn()) return DOWNLOAD_MEDIA_ERR_NOT_LOGGED_IN;
  if (!isValidMediaId(mediaId)) return DOWNLOAD_MEDIA_ERR_INVALID_ARGUMENT;
  MediaJob job{.direction = MediaDirection::Download};
  job.path = std::move(filePath);
  job.mediaId = mediaId;
  return startMedia(std::move(job), requestId);
}

std::uint64_t Service::maxMediaBytes() const {
  // Without a limit of the server a body still has to fit into what one process can hold.
  constexpr std::uint64_t kMost = std::numeric_limits<std::int32_t>::max();
  return limits_.mediaBytes != 0 ? limits_.mediaBytes : kMost;
}

int Service::startMedia(MediaJob job, long long& requestId) {
  if (limits_.mediaTasks != 0 && media_.size() >= limits_.mediaTasks) {
    return UPLOAD_MEDIA_ERR_CONCURRENCY_LIMIT_EXCEEDED;
  }
  if (machine_.phase() == ConnectionMachine::Phase::Aborted) {  // accepted, and interrupted (spec connection §1)
    requestId = static_cast<long long>(nextRequestId_++);
    mediaEnded({.id = requestId,
                .direction = job.direction,
                .code = media_code::kInterrupted,
                .image = job.image,
                .toFile = !job.path.empty()});
    return media_code::kOk;
  }
  const long long id = media_.start(std::move(job), maxMediaBytes(), config_.timing);
  if (id == 0) return media_code::kFailure;
  requestId = id;
  return media_code::kOk;
}

long long Service::askForTicket(const MediaJob& job, long long task) {
  PendingRequest pending;
  pending.mediaTask = task;
  long long requestId = 0;
  if (job.direction == MediaDirection::Upload) {
    wire::MediaUpload request{.size = job.size, .image = job.image};
    startRequest(request, RequestKind::UploadTicket, std::move(pending), requestId);
  } else {
    wire::MediaDownload request{.mediaId = job.mediaId};
    startRequest(request, RequestKind::DownloadTicket, std::move(pending), requestId);
  }
  return requestId;
}

void Service::forgetTicket(long long requestId) {
  takePending(static_cast<std::uint64_t>(requestId));
  if (!established_) return;  // the server finds out by itself, when nothing moves
  withSession([this, request = static_cast<std::uint32_t>(requestId)](Connection& session) {
    const std::lock_guard lock(mutex_);
    if (established_ && session.link() != nullptr) session.link()->send(wire::MediaCancel{.requestId = request});
  });
}

bool Service::handleMediaTicket(const wire::MediaTicket& ticket) {
  const std::optional<PendingRequest> pending = takePending(ticket.requestId);
  if (!pending) return true;  // cancelled meanwhile: the server forgets the ticket by itself
  const long long task = pending->mediaTask != 0 ? pending->mediaTask : pending->id;
  media_.onTicket(task, static_cast<int>(ticket.code), ticket.mediaId, ticket.ticket, ticket.size);
  return true;
}

int Service::cancelMediaDownload(long long requestId) {
  return cancelMedia(requestId, MediaDirection::Download);
}

int Service::cancelMediaUpload(long long requestId) {
  return cancelMedia(requestId, MediaDirection::Upload);
}

int Service::cancelMedia(long long requestId, MediaDirection direction) {
  const std::lock_guard lock(mutex_);
  if (!initialized_) return CANCEL_MEDIA_ERR_NOT_INITIALIZED;
  if (!machine_.loggedIn()) return CANCEL_MEDIA_ERR_NOT_LOGGED_IN;
  if (!media_.has(requestId, direction)) return CANCEL_MEDIA_ERR_NOT_EXIST;
  notify(
      [requestId](IRtmServiceEventHandler& handler) { handler.onMediaCancelResult(requestId, CANCEL_MEDIA_ERR_OK); });
  media_.interrupt(requestId);
  return CANCEL_MEDIA_ERR_OK;
}

void Service::mediaProgress(long long id, MediaDirection direction, std::uint64_t size, std::uint64_t moved) {
  MediaOperationProgress progress{};
  progress.totalSize = static_cast<long long>(size);
  progress.currentSize = static_cast<long long>(moved);
  notify([id, direction, progress](IRtmServiceEventHandler& handler) {
    if (direction == MediaDirection::Upload) {
      handler.onMediaUploadingProgress(id, progress);
    } else {
      handler.onMediaDownloadingProgress(id, progress);
    }
  });
}

void Service::mediaEnded(MediaOutcome outcome) {
  const long long id = outcome.id;
  if (outcome.direction == MediaDirection::Upload) {
    const auto code = static_cast<UPLOAD_MEDIA_ERR_CODE>(outcome.code);
    const bool good = code == UPLOAD_MEDIA_ERR_OK;
    if (outcome.image) {
      auto* const message =
          good ? new ImageMessage(uploadedMessage(outcome, MESSAGE_TYPE_IMAGE), handedOver_) : nullptr;
      return notify([id, message, code](IRtmServiceEventHandler& handler) {
        handler.onImageMediaUploadResult(id, message, code);
      });
    }
    auto* const message = good ? new FileMessage(uploadedMessage(outcome, MESSAGE_TYPE_FILE), handedOver_) : nullptr;
    return notify(
        [id, message, code](IRtmServiceEventHandler& handler) { handler.onFileMediaUploadResult(id, message, code); });
  }
  const auto code = static_cast<DOWNLOAD_MEDIA_ERR_CODE>(outcome.code);
  if (outcome.toFile) {
    return notify([id, code](IRtmServiceEventHandler& handler) { handler.onMediaDownloadToFileResult(id, code); });
  }
  Bytes memory = code == DOWNLOAD_MEDIA_ERR_OK ? std::move(outcome.body.memory) : Bytes();
  notify([id, code, memory = std::move(memory)](IRtmServiceEventHandler& handler) {
    const auto* bytes = memory.empty() ? nullptr : reinterpret_cast<const char*>(memory.data());
    handler.onMediaDownloadToMemoryResult(id, bytes, static_cast<long long>(memory.size()), code);
  });
}

IFileMessage* Service::createFileMessageByMediaId(const char* mediaId) {
  if (!initialized_ || !loggedIn_ || !isValidMediaId(mediaId)) return nullptr;
  MessageData data{.messageId = nextMessageId(), .type = MESSAGE_TYPE_FILE};
  data.mediaId = mediaId;
  return new FileMessage(std::move(data));
}

IImageMessage* Service::createImageMessageByMediaId(const char* mediaId) {
  if (!initialized_ || !loggedIn_ || !isValidMediaId(mediaId)) return nullptr;
  MessageData data{.messageId = nextMessageId(), .type = MESSAGE_TYPE_IMAGE};
  data.mediaId = mediaId;
  return new ImageMessage(std::move(data));
}

}  // namespace rtm::client
