#include "server/media/media_store.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <system_error>

namespace rtm::server {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kLockName = "lock";

Failure unusable(const std::string& folder, const std::string& why) {
  return {0, "media.folder: cannot use \"" + folder + "\": " + why +
                 "; give a folder that this server may write, or switch media off (media: false)"};
}

constexpr std::string_view kBodyEnding = ".body";
constexpr std::string_view kPartEnding = ".part";

/// Removes the bodies that are not whole; with `bodies`, also the whole ones.
void removeFiles(const std::string& folder, bool bodies) {
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    const fs::path ending = at->path().extension();
    std::error_code ignored;
    if (ending == kPartEnding || (bodies && ending == kBodyEnding)) fs::remove(at->path(), ignored);
  }
}

/// Why a folder that is missing cannot be made; empty: nothing is known against it.
std::string whyNotMakeable(const std::string& folder) {
  std::error_code error;
  fs::path above = fs::absolute(folder, error).parent_path();
  while (!fs::exists(above, error) && above.has_relative_path()) {
    if (error) return above.string() + ": " + error.message();
    above = above.parent_path();
  }
  if (!fs::is_directory(above, error)) return above.string() + " is no folder";
  return ::access(above.c_str(), W_OK | X_OK) == 0 ? "" : above.string() + ": " + std::strerror(errno);
}

/// Where the system keeps temporary files. It is asked at the start, since a program may change its environment later.
std::string temporaryBase() {
  std::error_code error;
  const fs::path base = fs::temp_directory_path(error);
  return error ? "/tmp" : base.string();
}

}  // namespace

MediaStore::MediaStore(std::string folder, std::uint64_t mostBytes, bool keep)
    : folder_(std::move(folder)),
      temporary_(folder_.empty() ? temporaryBase() : std::string()),
      keep_(keep),
      most_(mostBytes) {}

std::unique_ptr<MediaStore> MediaStore::none() {
  return std::unique_ptr<MediaStore>(new MediaStore({}, 0, false));
}

Result<std::unique_ptr<MediaStore>> MediaStore::open(std::string folder, std::uint64_t mostBytes, bool keep) {
  if (folder.empty() && keep) {
    return unusable("", "the bodies shall outlive the server, and no folder was given for them");
  }
  std::unique_ptr<MediaStore> store(new MediaStore(std::move(folder), mostBytes, keep));
  if (store->folder_.empty()) return store;
  std::error_code error;
  if (fs::exists(store->folder_, error)) {
    if (const auto made = store->make(); !made) return made.failure();
  } else if (const std::string why = whyNotMakeable(store->folder_); !why.empty()) {
    return unusable(store->folder_, why);
  }
  return store;
}

Result<bool> MediaStore::make() {
  const std::lock_guard lock(making_);
  if (made()) return true;
  if (temporary_.empty()) {
    std::error_code error;
    const bool made = fs::create_directories(folder_, error);
    if (error) return unusable(folder_, error.message());
    if (made) fs::permissions(folder_, fs::perms::owner_all, error);
    return take(folder_);
  }
  std::string name = (fs::path(temporary_) / "rtm-media-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) return unusable(name, std::strerror(errno));  // mode 0700
  return take(name);
}

Result<bool> MediaStore::take(const std::string& folder) {
  const std::string lockPath = (fs::path(folder) / kLockName).string();
  const int lock = ::open(lockPath.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) return unusable(folder, std::strerror(errno));
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    const bool taken = errno == EWOULDBLOCK;
    const std::string why = taken ? "another server keeps its media there" : std::strerror(errno);
    ::close(lock);
    return unusable(folder, why);
  }
  removeFiles(folder, !keep_);  // files of a server that did not end in order
  folder_ = folder;
  lock_ = lock;
  if (keep_) findBodies();
  made_.store(true, std::memory_order_release);
  return true;
}

void MediaStore::findBodies() {
  std::uint64_t bytes = 0;
  std::error_code error;
  for (fs::directory_iterator at(folder_, error), end; !error && at != end; at.increment(error)) {
    if (at->path().extension() != kBodyEnding) continue;
    std::error_code unreadable;
    const std::uint64_t size = at->file_size(unreadable);
    if (unreadable) continue;
    found_.push_back({at->path().stem().string(), size});
    bytes += size;
  }
  used_ = bytes;  // more than `most_` if that was lowered: nothing fits until enough is removed
}

MediaStore::~MediaStore() {
  if (!made()) return;
  removeFiles(folder_, !keep_);
  std::error_code ignored;
  fs::remove(fs::path(folder_) / kLockName, ignored);
  if (!temporary_.empty()) fs::remove(folder_, ignored);
  ::close(lock_);
}

std::string MediaStore::path(std::string_view mediaId, std::string_view ending) const {
  return (fs::path(folder_) / mediaId).string().append(ending);
}

bool MediaStore::reserve(std::uint64_t bytes) {
  std::uint64_t used = used_.load(std::memory_order_relaxed);
  while (bytes <= most_ && used <= most_ - bytes) {
    if (used_.compare_exchange_weak(used, used + bytes, std::memory_order_relaxed)) return true;
  }
  return false;
}

}  // namespace rtm::server
