#include "binding/environment/process_end.hpp"

#include <algorithm>
#include <cstdlib>
#include <mutex>
#include <utility>
#include <vector>

#include "binding/environment/native_environment.hpp"

namespace rtm::binding::atProcessEnd {
namespace {

struct Ports {
  std::mutex mutex;
  std::vector<Port*> list;
};

Ports& ports() {
  static auto* const kept = new Ports;  // never destroyed: it is needed until the very end
  return *kept;
}

void shutDownAll() {
  // Workers have been stopped and joined by now, so only the main thread's ports are left, and this is its thread.
  std::vector<Port*> list;
  {
    const std::lock_guard lock(ports().mutex);
    list.swap(ports().list);
  }
  for (Port* port : list) {
    port->shutDown(false);
  }
}

}  // namespace

void add(Port* port) {
  const std::lock_guard lock(ports().mutex);
  // Registered late, so that it runs early: handlers of exit() run in reverse order, and OpenSSL's is there since Node
  // started.
  static const bool registered = std::atexit(&shutDownAll) == 0;
  static_cast<void>(registered);
  ports().list.push_back(port);
}

void remove(Port* port) {
  const std::lock_guard lock(ports().mutex);
  std::erase(ports().list, port);
}

}  // namespace rtm::binding::atProcessEnd
