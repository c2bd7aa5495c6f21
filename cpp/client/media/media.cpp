#include "client/media/media.hpp"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <limits>
#include <utility>

#include "base/identifiers.hpp"
#include "client/client_common.hpp"
#include "client/runtime/clock.hpp"
#include "client/session/session_keeper.hpp"

namespace rtm::client {

namespace {

// The codes that both directions share, so that a task does not have to know its direction's enumeration.
static_assert(static_cast<int>(UploadCode::Ok) == media_code::kOk &&
              static_cast<int>(DownloadCode::Ok) == media_code::kOk);
static_assert(static_cast<int>(UploadCode::Failure) == media_code::kFailure &&
              static_cast<int>(DownloadCode::Failure) == media_code::kFailure);
static_assert(static_cast<int>(UploadCode::Timeout) == media_code::kTimeout &&
              static_cast<int>(DownloadCode::Timeout) == media_code::kTimeout);
static_assert(static_cast<int>(UploadCode::Interrupted) == media_code::kInterrupted &&
              static_cast<int>(DownloadCode::Interrupted) == media_code::kInterrupted);
static_assert(static_cast<int>(UploadCode::ConcurrencyLimitExceeded) ==
              static_cast<int>(DownloadCode::ConcurrencyLimitExceeded));

bool isValidPath(std::string_view path) {
  return !path.empty() && path.find('\0') == std::string_view::npos && isValidUtf8(path);
}

/// Opens `path` for an upload and reads its size: the only work with files on the caller's thread. Never
/// waits for another program, even if the path names a pipe.
UploadCode openForUpload(const std::string& path, MediaJob& job) {
  job.file = UniqueFd(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat found {};
  if (!job.file || ::fstat(job.file.get(), &found) != 0 || !S_ISREG(found.st_mode)) return UploadCode::Failure;
  if (found.st_size == 0) return UploadCode::InvalidArgument;
  job.size = static_cast<std::uint64_t>(found.st_size);
  job.stamp = {.size = job.size,
               .modifiedSeconds = static_cast<std::int64_t>(found.st_mtim.tv_sec),
               .modifiedNanoseconds = static_cast<std::int64_t>(found.st_mtim.tv_nsec)};
  return UploadCode::Ok;
}

}  // namespace

Media::Media(net::IoLoop& loop, ClientCommon& common, SessionKeeper& session)
    : common_(common), session_(session), tasks_(loop, *this) {}

bool Media::isMediaId(std::string_view mediaId) {
  constexpr std::size_t kLongest = 256;
  return !mediaId.empty() && mediaId.size() <= kLongest &&
         std::all_of(mediaId.begin(), mediaId.end(), [](char c) { return c > ' ' && c <= '~'; });
}

UploadCode Media::upload(std::string_view filePath, bool image, RequestId& id) {
  if (const auto code = common_.access.check<UploadCode>(); code != UploadCode::Ok) return code;
  if (!isValidPath(filePath)) return UploadCode::InvalidArgument;
  MediaJob job{.direction = MediaDirection::Upload, .image = image};
  // Before the lock, because a slow disk must not stop the frames that the network brings.
  if (const auto problem = openForUpload(std::string(filePath), job); problem != UploadCode::Ok) return problem;
  const std::lock_guard lock(common_.lock);
  if (!common_.access.loggedIn()) return UploadCode::UserNotLoggedIn;
  if (job.size > maxBytes()) return UploadCode::SizeOverflow;
  return static_cast<UploadCode>(start(std::move(job), id));
}

DownloadCode Media::downloadToMemory(std::string_view mediaId, RequestId& id) {
  const std::lock_guard lock(common_.lock);
  return download(mediaId, {}, id);
}

DownloadCode Media::downloadToFile(std::string_view mediaId, std::string_view filePath, RequestId& id) {
  const std::lock_guard lock(common_.lock);
  const bool usable = common_.access.check<DownloadCode>() == DownloadCode::Ok;
  if (usable && !isValidPath(filePath)) return DownloadCode::InvalidArgument;
  return download(mediaId, filePath, id);
}

DownloadCode Media::download(std::string_view mediaId, std::string_view filePath, RequestId& id) {
  if (const auto code = common_.access.check<DownloadCode>(); code != DownloadCode::Ok) return code;
  if (!isMediaId(mediaId)) return DownloadCode::InvalidArgument;
  MediaJob job{.direction = MediaDirection::Download};
  job.path = filePath;
  job.mediaId = mediaId;
  return static_cast<DownloadCode>(start(std::move(job), id));
}

std::uint64_t Media::maxBytes() const {
  // Without a limit of the server, a body must still fit into the memory of one process.
  constexpr std::uint64_t kMost = std::numeric_limits<std::int32_t>::max();
  return common_.limits.mediaBytes != 0 ? common_.limits.mediaBytes : kMost;
}

int Media::start(MediaJob job, RequestId& id) {
  const std::size_t most = common_.limits.mediaTasks;
  if (most != 0 && tasks_.size() >= most) return static_cast<int>(UploadCode::ConcurrencyLimitExceeded);
  if (!common_.access.usable()) {  // in ABORTED: accepted, and interrupted (docs/spec/connection.md §1)
    id = common_.requests.nextId();
    onEnded({.id = id,
             .direction = job.direction,
             .code = media_code::kInterrupted,
             .image = job.image,
             .toFile = !job.path.empty()});
    return media_code::kOk;
  }
  const RequestId task = tasks_.start(std::move(job), maxBytes(), common_.config.timing);
  if (task == 0) return media_code::kFailure;
  id = task;
  return media_code::kOk;
}

CancelMediaCode Media::cancel(RequestId id, MediaDirection direction) {
  const std::lock_guard lock(common_.lock);
  if (const auto code = common_.access.check<CancelMediaCode>(); code != CancelMediaCode::Ok) return code;
  if (!tasks_.has(id, direction)) return CancelMediaCode::NotExist;
  common_.delivery->run([&events = common_.events, id] { events.onMediaCancelled(id, CancelMediaCode::Ok); });
  tasks_.interrupt(id);
  return CancelMediaCode::Ok;
}

RequestId Media::askForTicket(const MediaJob& job, RequestId task) {
  PendingRequest pending{.mediaTask = task};
  RequestId id = 0;
  if (job.direction == MediaDirection::Upload) {
    wire::MediaUpload request{.size = job.size, .image = job.image};
    common_.requests.start(*this, request, RequestKind::UploadTicket, std::move(pending), id);
  } else {
    wire::MediaDownload request{.mediaId = job.mediaId};
    common_.requests.start(*this, request, RequestKind::DownloadTicket, std::move(pending), id);
  }
  return id;
}

void Media::forgetTicket(RequestId requestId) {
  common_.requests.take(static_cast<std::uint64_t>(requestId));
  if (!session_.established()) return;  // the server ends the transfer when no byte moves
  common_.thread.post([this, request = static_cast<std::uint32_t>(requestId)](Connection&) {
    const std::lock_guard lock(common_.lock);
    if (net::Link* link = session_.link()) link->send(wire::MediaCancel{.requestId = request});
  });
}

void Media::take(const wire::MediaTicket& ticket) {
  const std::optional<PendingRequest> pending = common_.requests.take(ticket.requestId);
  if (!pending) return;  // the task was cancelled; the server forgets the ticket after a time
  const RequestId task = pending->mediaTask != 0 ? pending->mediaTask : pending->id;
  tasks_.onTicket(task, static_cast<int>(ticket.code), ticket.mediaId, ticket.ticket, ticket.size);
}

void Media::onRequestEnded(PendingRequest& request, int code) {
  tasks_.onTicket(request.mediaTask != 0 ? request.mediaTask : request.id, code, {}, {}, 0);
}

ClientLock& Media::lock() {
  return common_.lock;
}

void Media::onThread(MoveFunction<void(Connection&)> work) {
  common_.thread.post(std::move(work));
}

void Media::log(LogLevel level, const std::string& line) {
  common_.log.write(level, line);
}

std::uint64_t Media::nowMs() const {
  return steadyMs();
}

double Media::random() const {
  return randomUnit();
}

void Media::onProgress(RequestId id, MediaDirection direction, std::uint64_t size, std::uint64_t moved) {
  common_.delivery->run(
      [&events = common_.events, id, direction, size, moved] { events.onMediaProgress(id, direction, size, moved); });
}

void Media::onEnded(MediaOutcome outcome) {
  ClientEvents& events = common_.events;
  if (outcome.direction == MediaDirection::Upload) {
    return common_.delivery->run([&events, outcome = std::move(outcome)] {
      const auto code = static_cast<UploadCode>(outcome.code);
      UploadedMedia media{.image = outcome.image};
      if (code == UploadCode::Ok) {
        media.mediaId = outcome.mediaId;
        media.size = outcome.size;
        media.width = static_cast<std::uint32_t>(outcome.body.image.width);
        media.height = static_cast<std::uint32_t>(outcome.body.image.height);
      }
      events.onUploaded(outcome.id, media, code);
    });
  }
  const auto code = static_cast<DownloadCode>(outcome.code);
  if (outcome.toFile) {
    return common_.delivery->run([&events, id = outcome.id, code] { events.onDownloadedToFile(id, code); });
  }
  Bytes memory = code == DownloadCode::Ok ? std::move(outcome.body.memory) : Bytes();
  common_.delivery->run(
      [&events, id = outcome.id, code, memory = std::move(memory)] { events.onDownloadedToMemory(id, memory, code); });
}

}  // namespace rtm::client
