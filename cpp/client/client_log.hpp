#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "base/log.hpp"
#include "base/log_file.hpp"
#include "base/process_life.hpp"

namespace rtm::client {

/// Where a client writes down what it does: its log file, and the observer of the process (process_settings.hpp). Has a
/// lock of its own, a leaf, which is not held while the observer runs.
class ClientLog {
 public:
  /// A set of LogLevel bits. False: it has other bits.
  bool setFilter(unsigned levels);
  /// An absolute path. False: it cannot be opened, or seal() was called.
  bool setFile(const std::string& path);
  /// Opens `path` unless there is a file already; a folder that cannot be written means no log.
  void openDefault(const std::string& path);
  /// False: out of LogFile's range.
  bool setKilobytes(int kilobytes);
  /// Stands before every line from now on.
  void setUser(std::string_view userId);
  /// The client is being released: the log stays where it is.
  void seal();
  /// A client that is gone has no say in the size of a log that others share.
  void close();

  void write(LogLevel level, std::string_view line) const;
  void info(std::string_view line) const { write(LogLevel::Info, line); }
  void warning(std::string_view line) const { write(LogLevel::Warning, line); }
  void error(std::string_view line) const { write(LogLevel::Error, line); }

 private:
  mutable LifeMutex<std::mutex> mutex_;
  std::shared_ptr<LogFile> file_;
  std::string user_;
  int kilobytes_ = LogFile::kDefaultKilobytes;
  bool sealed_ = false;
  std::atomic<unsigned> filter_{0xf};  ///< all but Debug
};

}  // namespace rtm::client
