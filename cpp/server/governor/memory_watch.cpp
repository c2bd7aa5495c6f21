#include "server/governor/memory_watch.hpp"

#include <unistd.h>

#if defined(__GLIBC__)
#include <malloc.h>
#endif

#include <algorithm>
#include <fstream>
#include <string>
#include <utility>

#include "net/loop/thread.hpp"

namespace rtm::server {
namespace {

constexpr std::uint64_t kPeriodMs = 1000;
constexpr std::uint64_t kTrimMs = 10'000;

/// A number from a file of the system; `otherwise` if there is none, or it says "max".
std::uint64_t readNumber(const char* path, std::uint64_t otherwise) {
  std::ifstream file(path);
  std::uint64_t number = 0;
  return file >> number ? number : otherwise;
}

std::uint64_t pageBytes() {
  const long size = sysconf(_SC_PAGESIZE);
  return size > 0 ? static_cast<std::uint64_t>(size) : 4096;
}

}  // namespace

std::uint64_t defaultMemoryBytes(bool ownsProcess) {
  const long pages = sysconf(_SC_PHYS_PAGES);
  std::uint64_t machine = pages > 0 ? static_cast<std::uint64_t>(pages) * pageBytes() : 0;
  for (const char* path : {"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}) {
    machine = std::min(machine, readNumber(path, machine));
  }
  return ownsProcess ? machine / 10 * 6 : machine / 4;
}

std::uint64_t residentBytes() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t size = 0;
  std::uint64_t resident = 0;
  std::uint64_t shared = 0;  // pages of files, which the system can take back
  if (!(file >> size >> resident >> shared) || shared > resident) return 0;
  return (resident - shared) * pageBytes();
}

void MemoryWatch::sweep(std::uint64_t nowMs) {
  if (nowMs < nextMs_) return;
  nextMs_ = nowMs + kPeriodMs;
  if (ownsProcess_) {
    setResident();
    if (ledger_.level() >= MemoryLevel::Hard && nowMs >= nextTrimMs_) giveBack(nowMs);
  }
  // Full counts as hard: the remedy is the same, and the operator has heard of it.
  const MemoryLevel level = std::min(ledger_.level(), MemoryLevel::Hard);
  if (level > told_) tell(level, nowMs);
  told_ = level;
}

void MemoryWatch::setResident() {
  const std::uint64_t resident = residentBytes();
  ledger_.setResident(resident - std::min(resident, atStart_));
}

void MemoryWatch::giveBack(std::uint64_t nowMs) {
#if defined(__GLIBC__)
  nextTrimMs_ = nowMs + kTrimMs;
  if (trimming_) return;
  if (trimmer_.joinable()) trimmer_.join();  // it has ended
  trimming_ = true;
  auto thread = net::startThread("rtm-trim", [this] {
    malloc_trim(0);
    trimming_ = false;
  });
  if (thread) {
    trimmer_ = std::move(thread.value());
  } else {
    trimming_ = false;
  }
#else
  nextTrimMs_ = nowMs + kTrimMs;
#endif
}

void MemoryWatch::tell(MemoryLevel level, std::uint64_t nowMs) {
  SecurityFacts facts;
  const std::vector<UserUsage> largest = ledger_.largest(1);
  std::string sentence = "memory: the users take " + std::to_string(ledger_.used()) + " of " +
                         std::to_string(ledger_.most()) + " bytes (limits.memoryBytes)";
  if (!largest.empty()) {
    facts.app = appIds_[static_cast<std::size_t>(largest.front().app)];
    facts.user = largest.front().userId;
    sentence += ", most of them, " + std::to_string(largest.front().bytes) + ", one user";
  }
  const bool hard = level == MemoryLevel::Hard;
  log_.tell(hard ? SecurityEvent::MemoryHard : SecurityEvent::MemorySoft, sentence, facts, nowMs);
}

}  // namespace rtm::server
