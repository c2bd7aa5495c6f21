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

bool isBody(const fs::path& file) {
  return file.extension() == ".body" || file.extension() == ".part";
}

void removeBodies(const std::string& folder) {
  std::error_code error;
  for (fs::directory_iterator at(folder, error), end; !error && at != end; at.increment(error)) {
    std::error_code ignored;
    if (isBody(at->path())) fs::remove(at->path(), ignored);
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

Result<std::unique_ptr<MediaStore>> MediaStore::open(std::string folder, std::uint64_t mostBytes) {
  const bool temporary = folder.empty();
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
  removeBodies(folder);  // what a server left that did not end in order
  return std::unique_ptr<MediaStore>(new MediaStore(std::move(folder), temporary, lock, mostBytes));
}

MediaStore::~MediaStore() {
  removeBodies(folder_);
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
