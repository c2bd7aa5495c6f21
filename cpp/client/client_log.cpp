#include "client/client_log.hpp"

#include "base/identifiers.hpp"
#include "client/process_settings.hpp"

namespace rtm::client {

bool ClientLog::setFilter(unsigned levels) {
  if ((levels & ~kLogLevels) != 0) return false;
  filter_ = levels;
  return true;
}

bool ClientLog::setFile(const std::string& path) {
  if (path.empty() || path.front() != '/' || !isValidUtf8(path)) return false;
  const std::lock_guard lock(mutex_);
  if (sealed_) return false;
  std::shared_ptr<LogFile> file = LogFile::open(path, kilobytes_);
  if (file == nullptr) return false;
  file_ = std::move(file);
  return true;
}

void ClientLog::openDefault(const std::string& path) {
  const std::lock_guard lock(mutex_);
  if (file_ == nullptr && !sealed_) file_ = LogFile::open(path, kilobytes_);
}

bool ClientLog::setKilobytes(int kilobytes) {
  if (kilobytes < LogFile::kMinKilobytes || kilobytes > LogFile::kMaxKilobytes) return false;
  const std::lock_guard lock(mutex_);
  kilobytes_ = kilobytes;
  if (file_ != nullptr) file_->setSize(kilobytes);
  return true;
}

void ClientLog::setUser(std::string_view userId) {
  const std::lock_guard lock(mutex_);
  user_ = userId;
}

void ClientLog::seal() {
  const std::lock_guard lock(mutex_);
  sealed_ = true;
}

void ClientLog::close() {
  const std::lock_guard lock(mutex_);
  file_.reset();
}

void ClientLog::write(LogLevel level, std::string_view line) const {
  if ((filter_.load(std::memory_order_relaxed) & static_cast<unsigned>(level)) == 0) return;
  {
    const std::lock_guard lock(mutex_);
    if (file_ != nullptr) file_->write(level, user_.empty() ? std::string(line) : user_ + ": " + std::string(line));
  }
  if (const LogSink observer = logObserver()) observer(level, line);
}

}  // namespace rtm::client
