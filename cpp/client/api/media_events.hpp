#pragma once

#include <cstdint>
#include <string_view>

#include "base/bytes.hpp"
#include "client/api/media_codes.hpp"
#include "client/api/media_direction.hpp"
#include "client/api/request_id.hpp"

namespace rtm::client {

struct UploadedMedia {
  bool image = false;        ///< also of an upload that failed
  std::string_view mediaId;  ///< empty after an error
  std::uint64_t size = 0;    ///< bytes
  std::uint32_t width = 0;   ///< pixels; 0: unknown, or no image
  std::uint32_t height = 0;
};

/// Events of uploads and downloads. Views live until the event returns.
class MediaEvents {
 public:
  /// At most once a second for each task.
  virtual void onMediaProgress(RequestId, MediaDirection, std::uint64_t /*total*/, std::uint64_t /*moved*/) {}
  virtual void onUploaded(RequestId, const UploadedMedia&, UploadCode) {}
  virtual void onDownloadedToFile(RequestId, DownloadCode) {}
  /// After an error: no bytes.
  virtual void onDownloadedToMemory(RequestId, ByteView, DownloadCode) {}
  /// The task that was cancelled reports its own end besides.
  virtual void onMediaCancelled(RequestId, CancelMediaCode) {}

 protected:
  ~MediaEvents() = default;
};

}  // namespace rtm::client
