#include "base/log_file.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <filesystem>
#include <system_error>
#include <utility>
#include <vector>

namespace rtm {

namespace {

bool isSameFile(int one, int other) {
  struct stat first {};
  struct stat second {};
  return ::fstat(one, &first) == 0 && ::fstat(other, &second) == 0 && first.st_dev == second.st_dev &&
         first.st_ino == second.st_ino;
}

int openToAppend(const std::string& path, int more) {
  return ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | more, 0666);
}

iovec piece(std::string_view text) {
  return {.iov_base = const_cast<char*>(text.data()), .iov_len = text.size()};
}

/// The open log files. This lock is taken before the lock of a file.
struct OpenFiles {
  ProcessMutex mutex{&OpenFiles::forget};
  std::vector<std::weak_ptr<LogFile>> files;

  static OpenFiles& all() {
    static auto* const kept = new OpenFiles;  // never destroyed: services may end at the very end of the process
    return *kept;
  }
  /// In a child of fork() the entries of the parent are dead.
  static void forget() { all().files.clear(); }
};

}  // namespace

std::shared_ptr<LogFile> LogFile::open(const std::string& name, int kilobytes) {
  // The later rename must hit this file, even if the working directory has changed by then.
  std::error_code unknown;
  std::filesystem::path whole = std::filesystem::absolute(name, unknown);
  const std::string path = unknown ? name : whole.string();
  const int descriptor = openToAppend(path, 0);
  if (descriptor < 0) return nullptr;
  OpenFiles& open = OpenFiles::all();
  const std::lock_guard lock(open.mutex);
  open.files.erase(
      std::remove_if(open.files.begin(), open.files.end(), [](const auto& each) { return each.expired(); }),
      open.files.end());
  for (const std::weak_ptr<LogFile>& each : open.files) {
    std::shared_ptr<LogFile> shared = each.lock();
    if (shared == nullptr || !shared->joins(descriptor, kilobytes)) continue;
    ::close(descriptor);
    return shared;
  }
  const off_t size = ::lseek(descriptor, 0, SEEK_END);
  const std::shared_ptr<LogFile> made(
      new LogFile(path, descriptor, size > 0 ? static_cast<std::uint64_t>(size) : 0, kilobytes));
  open.files.push_back(made);
  return made;
}

LogFile::LogFile(std::string path, int descriptor, std::uint64_t size, int kilobytes)
    : path_(std::move(path)),
      descriptor_(descriptor),
      size_(size),
      limit_(static_cast<std::uint64_t>(kilobytes) * 1024) {}

LogFile::~LogFile() {
  if (descriptor_ >= 0) ::close(descriptor_);
}

bool LogFile::joins(int other, int kilobytes) {
  const std::lock_guard lock(mutex_);
  if (descriptor_ < 0 || !isSameFile(descriptor_, other)) return false;
  limit_ = std::min(limit_, static_cast<std::uint64_t>(kilobytes) * 1024);
  return true;
}

void LogFile::setSize(int kilobytes) {
  const std::lock_guard lock(mutex_);
  limit_ = static_cast<std::uint64_t>(kilobytes) * 1024;
}

void LogFile::write(LogLevel level, std::string_view line) {
  const auto now = std::chrono::system_clock::now();
  const std::time_t seconds = std::chrono::system_clock::to_time_t(now);
  const auto milliseconds =
      std::chrono::duration_cast<std::chrono::milliseconds>(now.time_since_epoch()).count() % 1000;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  std::array<char, 64> head{};
  const std::size_t stamp = std::strftime(head.data(), head.size(), "%Y-%m-%dT%H:%M:%S", &utc);
  const int rest = std::snprintf(head.data() + stamp, head.size() - stamp, ".%03dZ %-8s ",
                                 static_cast<int>(milliseconds), nameOf(level));
  const std::size_t headSize = stamp + static_cast<std::size_t>(rest > 0 ? rest : 0);

  const std::lock_guard lock(mutex_);
  const std::uint64_t added = headSize + line.size() + 1;
  // The parent goes on with the file: a child that renamed it would do so under the parent.
  if (size_ + added > limit_ && size_ > 0 && life::isOurs(life_)) beginAgain();
  if (descriptor_ < 0) return;  // the folder has gone: no place is left for log lines
  // One call for a line: lines of a parent and its children do not mix, and a fork finds no half line in a buffer.
  const std::array<iovec, 3> pieces{piece({head.data(), headSize}), piece(line), piece("\n")};
  // A disk that is full loses the line. Nobody is there to be told.
  if (::writev(descriptor_, pieces.data(), static_cast<int>(pieces.size())) > 0) size_ += added;
}

void LogFile::beginAgain() {
  ::close(std::exchange(descriptor_, -1));
  std::rename(path_.c_str(), (path_ + ".1").c_str());
  descriptor_ = openToAppend(path_, O_TRUNC);
  size_ = 0;
}

}  // namespace rtm
