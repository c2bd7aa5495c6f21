#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "server/governor/ledger.hpp"
#include "server/governor/security_log.hpp"

namespace rtm::server {

/// Bytes of memory for a server whose settings name none: a part of what the machine, or the cgroup of this process,
/// has. `ownsProcess`: nothing but the server runs in this process.
std::uint64_t defaultMemoryBytes(bool ownsProcess);

/// Anonymous memory of this process, which is what it cannot give back; 0 if the system does not say.
std::uint64_t residentBytes();

/// Looks at the memory of the server from time to time: what the system counts and the ledger does not see, and whether
/// to tell the operator. One loop calls it.
class MemoryWatch {
 public:
  /// `appIds`: by AppNumber. `ownsProcess`: all that the process takes from now on belongs to the server.
  MemoryWatch(Ledger& ledger, SecurityLog& log, std::vector<std::string> appIds, bool ownsProcess)
      : ledger_(ledger),
        log_(log),
        appIds_(std::move(appIds)),
        ownsProcess_(ownsProcess),
        atStart_(ownsProcess ? residentBytes() : 0) {}

  ~MemoryWatch() {
    if (trimmer_.joinable()) trimmer_.join();
  }
  MemoryWatch(const MemoryWatch&) = delete;
  MemoryWatch& operator=(const MemoryWatch&) = delete;

  void sweep(std::uint64_t nowMs);

 private:
  void setResident();
  /// Has the allocator give back to the system what nobody uses. That may take a while, so another thread does it.
  void giveBack(std::uint64_t nowMs);
  void tell(MemoryLevel level, std::uint64_t nowMs);

  Ledger& ledger_;
  SecurityLog& log_;
  const std::vector<std::string> appIds_;
  bool ownsProcess_;
  std::uint64_t atStart_;
  std::uint64_t nextMs_ = 0;
  std::uint64_t nextTrimMs_ = 0;
  MemoryLevel told_ = MemoryLevel::Enough;
  std::atomic<bool> trimming_{false};
  std::thread trimmer_;
};

}  // namespace rtm::server
