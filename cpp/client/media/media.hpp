#pragma once

#include <string>
#include <string_view>

#include "client/api/media_values.hpp"
#include "client/media/media_tasks.hpp"
#include "client/requests/pending_request.hpp"
#include "wire/messages.hpp"

namespace rtm::client {

class SessionKeeper;
struct ClientCommon;

/// Uploads and downloads of files and images (docs/spec/semantics.md §8). Lock: the client lock, taken by the calls of
/// the user and held by the client when it calls the rest, unless a comment says otherwise.
class Media final : private RequestOwner, private MediaTasks::Owner {
 public:
  Media(net::IoLoop& loop, ClientCommon& common, SessionKeeper& session);

  /// Opens the file and reads its size on the caller's thread. All other work with files happens beside the I/O thread.
  /// Ok: onUploaded follows.
  UploadCode upload(std::string_view filePath, bool image, RequestId& id);
  /// Ok: onDownloadedToMemory follows.
  DownloadCode downloadToMemory(std::string_view mediaId, RequestId& id);
  /// Ok: onDownloadedToFile follows. The file appears when it is complete and replaces a file of its name.
  DownloadCode downloadToFile(std::string_view mediaId, std::string_view filePath, RequestId& id);
  /// Ok: onMediaCancelled follows, and the task ends with Interrupted.
  CancelMediaCode cancel(RequestId id, MediaDirection direction);
  /// Whether the text can be a media id: visible ASCII, at most 256 bytes. Without a lock.
  static bool isMediaId(std::string_view mediaId);

  // From the client.

  void take(const wire::MediaTicket& ticket);
  void onSession(MediaInput input) { tasks_.onSession(input); }
  void interruptAll() { tasks_.interruptAll(); }
  bool tick() { return tasks_.tick(); }
  /// At the release of the client.
  void forgetAll() { tasks_.forgetAll(); }
  /// I/O thread, without the lock.
  void dropTransfers() { tasks_.dropTransfers(); }

 private:
  void onRequestEnded(PendingRequest& request, int code) override;

  // MediaTasks::Owner.
  ClientLock& lock() override;
  RequestId askForTicket(const MediaJob& job, RequestId task) override;
  void forgetTicket(RequestId requestId) override;
  void onThread(MoveFunction<void(Connection&)> work) override;
  void onProgress(RequestId id, MediaDirection direction, std::uint64_t size, std::uint64_t moved) override;
  void onEnded(MediaOutcome outcome) override;
  void log(LogLevel level, const std::string& line) override;
  std::uint64_t nowMs() const override;
  double random() const override;

  DownloadCode download(std::string_view mediaId, std::string_view filePath, RequestId& id);
  int start(MediaJob job, RequestId& id);
  std::uint64_t maxBytes() const;

  ClientCommon& common_;
  SessionKeeper& session_;
  MediaTasks tasks_;
};

}  // namespace rtm::client
