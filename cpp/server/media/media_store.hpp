#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace rtm::server {

/// The folder of the bodies, and how many of its bytes are taken. Any thread.
///
/// A folder that is missing is made for the first upload, so that a server whose users upload nothing needs no disk.
///
/// Bodies outlive the server only if their catalog (MediaCatalog) does. If not, the folder is emptied at the start and
/// at the end. Bodies that are not whole are always removed.
class MediaStore {
 public:
  /// `folder` empty: a private one among the system's temporary files, which `keep` (bodies outlive the server) does
  /// not allow. A folder that exists is locked and looked through. Failure: it cannot be used, or could not be made.
  /// Blocks.
  static Result<std::unique_ptr<MediaStore>> open(std::string folder, std::uint64_t mostBytes, bool keep = false);
  /// A store that never has a folder, for a server without media.
  static std::unique_ptr<MediaStore> none();
  /// Removes the bodies that do not outlive the server, and the folder if it was made here. Blocks.
  ~MediaStore();
  MediaStore(const MediaStore&) = delete;
  MediaStore& operator=(const MediaStore&) = delete;

  /// Whether the folder is there, and this server's.
  bool made() const { return made_.load(std::memory_order_acquire); }
  /// Makes and locks the folder, if nobody has done so; needed before the first body. Blocks.
  Result<bool> make();

  /// The path of a body that is whole, and of a body that is not whole yet. The folder is made().
  std::string bodyPath(std::string_view mediaId) const { return path(mediaId, ".body"); }
  std::string partPath(std::string_view mediaId) const { return path(mediaId, ".part"); }

  /// Counts bytes that are about to be written. False: they do not fit, and are not counted.
  bool reserve(std::uint64_t bytes);
  void release(std::uint64_t bytes) { used_.fetch_sub(bytes, std::memory_order_relaxed); }
  bool hasRoomFor(std::uint64_t bytes) const { return bytes <= most_ && used() <= most_ - bytes; }
  std::uint64_t used() const { return used_.load(std::memory_order_relaxed); }
  const std::string& folder() const { return folder_; }
  bool keepsBodies() const { return keep_; }

  /// A body that was in the folder when this server took it; its bytes are counted.
  struct Found {
    std::string mediaId;
    std::uint64_t bytes = 0;
  };
  std::vector<Found> takeFound() { return std::exchange(found_, {}); }

 private:
  MediaStore(std::string folder, std::uint64_t mostBytes, bool keep);
  Result<bool> take(const std::string& folder);
  void findBodies();
  std::string path(std::string_view mediaId, std::string_view ending) const;

  std::mutex making_;
  std::string folder_;     ///< a temporary one has its name once it is made
  std::string temporary_;  ///< where a temporary folder is made; empty: the folder is not temporary
  bool keep_;
  std::atomic<bool> made_{false};
  std::vector<Found> found_;
  int lock_ = -1;  ///< descriptor of the lock file: one server to a folder
  std::uint64_t most_;
  std::atomic<std::uint64_t> used_{0};
};

/// The bytes of one body that count in a store, until they are released.
class MediaReservation {
 public:
  explicit MediaReservation(MediaStore& store) : store_(store) {}
  ~MediaReservation() { store_.release(bytes_); }
  MediaReservation(const MediaReservation&) = delete;
  MediaReservation& operator=(const MediaReservation&) = delete;

  bool grow(std::uint64_t bytes) {
    if (!store_.reserve(bytes)) return false;
    bytes_ += bytes;
    return true;
  }
  /// The bytes stay counted, because the body is in the catalog now.
  void keep() { bytes_ = 0; }

 private:
  MediaStore& store_;
  std::uint64_t bytes_ = 0;
};

}  // namespace rtm::server
