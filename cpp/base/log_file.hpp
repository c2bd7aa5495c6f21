#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/log.hpp"
#include "base/process_life.hpp"

namespace rtm {

/// A log in two files of equal size (docs/spec/connection.md §9). Lines go to `name`. When that file is full it
/// replaces `name.1`, and `name` begins again. Any thread.
///
/// All services of a process that open the same file share one object. If each service counted the bytes by itself, the
/// file would grow too long, and the first service to rename it would do so under the others. A child of fork() opens
/// its files again; what the services that it inherited have to say goes to the end of the parent's file.
class LogFile {
 public:
  static constexpr int kMinKilobytes = 512;
  static constexpr int kMaxKilobytes = 1024 * 1024;
  static constexpr int kDefaultKilobytes = 102400;

  /// Opens `name` to append. Null if its folder does not exist or is not writable. The smallest size that any sharer
  /// asked for counts, until setSize().
  static std::shared_ptr<LogFile> open(const std::string& name, int kilobytes);
  ~LogFile();
  LogFile(const LogFile&) = delete;
  LogFile& operator=(const LogFile&) = delete;

  /// Size of each of the two files.
  void setSize(int kilobytes);
  /// Writes one line with time and level.
  void write(LogLevel level, std::string_view line);

 private:
  LogFile(std::string path, int descriptor, std::uint64_t size, int kilobytes);
  /// Whether `other` is the file of this log. If so, the file is limited to `kilobytes` from now on.
  bool joins(int other, int kilobytes);
  void beginAgain();

  LifeMutex<std::mutex> mutex_;
  const life::Number life_ = life::now();
  std::string path_;
  int descriptor_;  ///< -1: the file could not be opened again
  std::uint64_t size_;
  std::uint64_t limit_;
};

}  // namespace rtm
