#include "binding/environment/process_end.hpp"

#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <utility>
#include <vector>

#include "binding/environment/native_environment.hpp"

namespace rtm::binding::atProcessEnd {
namespace {

struct Environments {
  std::mutex mutex;
  std::vector<NativeEnvironment*> list;
};

Environments& environments() {
  static auto* const kept = new Environments;  // never destroyed, because the process needs it until the very end
  return *kept;
}

void shutDownAll() {
  // Workers have been stopped and joined by now: only environments of the main thread are left, and this is its thread.
  std::vector<NativeEnvironment*> list;
  {
    const std::lock_guard lock(environments().mutex);
    list.swap(environments().list);
  }
  for (NativeEnvironment* environment : list) {
    environment->shutDown(NativeEnvironment::End::Process);
  }
}

}  // namespace

void add(NativeEnvironment* environment) {
  const std::lock_guard lock(environments().mutex);
  // Registered late so that it runs early: handlers of exit() run in reverse order, and OpenSSL registered its own when
  // Node started.
  static const bool registered = std::atexit(&shutDownAll) == 0;
  static_cast<void>(registered);
  environments().list.push_back(environment);
}

void remove(NativeEnvironment* environment) {
  const std::lock_guard lock(environments().mutex);
  std::erase(environments().list, environment);
}

}  // namespace rtm::binding::atProcessEnd
