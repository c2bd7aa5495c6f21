#include "base/log_file.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <filesystem>
#include <system_error>
#include <vector>

namespace rtm {

namespace {

const char* nameOf(LogLevel level) {
  switch (level) {
    case LogLevel::Info:
      return "INFO";
    case LogLevel::Warning:
      return "WARN";
    case LogLevel::Error:
      return "ERROR";
    case LogLevel::Critical:
      return "CRITICAL";
    case LogLevel::Debug:
      return "DEBUG";
  }
  return "?";
}

bool isSameFile(std::FILE* one, std::FILE* other) {
  struct stat first {};
  struct stat second {};
  return ::fstat(::fileno(one), &first) == 0 && ::fstat(::fileno(other), &second) == 0 &&
         first.st_dev == second.st_dev && first.st_ino == second.st_ino;
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
  std::FILE* file = std::fopen(path.c_str(), "ae");
  if (file == nullptr) return nullptr;
  OpenFiles& open = OpenFiles::all();
  const std::lock_guard lock(open.mutex);
  open.files.erase(
      std::remove_if(open.files.begin(), open.files.end(), [](const auto& each) { return each.expired(); }),
      open.files.end());
  for (const std::weak_ptr<LogFile>& each : open.files) {
    std::shared_ptr<LogFile> shared = each.lock();
    if (shared == nullptr || !shared->joins(file, kilobytes)) continue;
    std::fclose(file);
    return shared;
  }
  std::fseek(file, 0, SEEK_END);
  const long size = std::ftell(file);
  const std::shared_ptr<LogFile> made(
      new LogFile(path, file, size > 0 ? static_cast<std::uint64_t>(size) : 0, kilobytes));
  open.files.push_back(made);
  return made;
}

LogFile::LogFile(std::string path, std::FILE* file, std::uint64_t size, int kilobytes)
    : path_(std::move(path)), file_(file), size_(size), limit_(static_cast<std::uint64_t>(kilobytes) * 1024) {}

LogFile::~LogFile() {
  if (file_ != nullptr) std::fclose(file_);
}

bool LogFile::joins(std::FILE* other, int kilobytes) {
  const std::lock_guard lock(mutex_);
  if (file_ == nullptr || !isSameFile(file_, other)) return false;
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
  if (file_ == nullptr) return;
  const std::uint64_t added = headSize + line.size() + 1;
  if (size_ + added > limit_ && size_ > 0) {
    std::fclose(file_);
    std::rename(path_.c_str(), (path_ + ".1").c_str());
    file_ = std::fopen(path_.c_str(), "we");
    size_ = 0;
    if (file_ == nullptr) return;  // the folder has gone: no place is left for log lines
  }
  std::fwrite(head.data(), 1, headSize, file_);
  std::fwrite(line.data(), 1, line.size(), file_);
  std::fputc('\n', file_);
  std::fflush(file_);
  size_ += added;
}

}  // namespace rtm
