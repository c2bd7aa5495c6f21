#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/log.hpp"

namespace rtm {

/// A log in two files of equal size (docs/spec/connection.md §9): `name` is written; when it is full it becomes
/// `name.1`, over what was there, and `name` begins anew. Any thread.
///
/// Whoever opens the same file in one process shares it: if each counted for itself, a file would become as many times
/// too long as there are services that write to it, and the first to turn it over would do so under the others.
class LogFile {
 public:
  static constexpr int kMinKilobytes = 512;
  static constexpr int kMaxKilobytes = 1024 * 1024;
  static constexpr int kDefaultKilobytes = 102400;

  /// Opens (appends to) `name`. Null if its folder does not exist or is not writable. Of a file that is shared the
  /// smallest size counts, until setSize().
  static std::shared_ptr<LogFile> open(const std::string& name, int kilobytes);
  ~LogFile();
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;

  /// Size of each of the two files.
  void setSize(int kilobytes);
  /// Writes one line with time and level.
  void write(LogLevel level, std::string_view line);

 private:
  LogFile(std::string path, std::FILE* file, std::uint64_t size, int kilobytes);
  /// Whether this writes to the file that `other` is; then its size is at most `kilobytes` from now on.
  bool joins(std::FILE* other, int kilobytes);

  std::mutex mutex_;
  std::string path_;
  std::FILE* file_;
  std::uint64_t size_;
  std::uint64_t limit_;
};

}  // namespace rtm
