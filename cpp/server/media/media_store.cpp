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
  return {0, "mediaFolder: cannot use \"" + folder + "\": " + why + "; give a folder that this server may write"};
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

Result<std::string> makeTemporary() {
  std::error_code error;
  const fs::path base = fs::temp_directory_path(error);
  if (error) return unusable("(temporary)", error.message());
  std::string name = (base / "rtm-media-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) return unusable(name, std::strerror(errno));  // mode 0700
  return name;
}

}  // namespace

Result<std::unique_ptr<MediaStore>> MediaStore::open(std::string folder, std::uint64_t mostBytes, bool keep) {
  const bool temporary = folder.empty();
  if (temporary && keep) return unusable("", "the bodies shall outlive the server, and no folder was given for them");
  if (temporary) {
    auto made = makeTemporary();
    if (!made) return made.failure();
    folder = std::move(made.value());
  } else {
    std::error_code error;
    const bool made = fs::create_directories(folder, error);
    if (error) return unusable(folder, error.message());
    if (made) fs::permissions(folder, fs::perms::owner_all, error);
  }
  const std::string lockPath = (fs::path(folder) / kLockName).string();
  const int lock = ::open(lockPath.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) return unusable(folder, std::strerror(errno));
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    const bool taken = errno == EWOULDBLOCK;
    const std::string why = taken ? "another server keeps its media there" : std::strerror(errno);
    ::close(lock);
    return unusable(folder, why);
  }
  removeFiles(folder, !keep);  // files of a server that did not end in order
  std::unique_ptr<MediaStore> store(new MediaStore(std::move(folder), temporary, keep, lock, mostBytes));
  if (keep) store->findBodies();
  return store;
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
  removeFiles(folder_, !keep_);
  std::error_code ignored;
  fs::remove(fs::path(folder_) / kLockName, ignored);
  if (madeHere_) fs::remove(folder_, ignored);
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
