#include "client/service_context.hpp"

#include <cstddef>
#include <mutex>

#include "base/process_life.hpp"

namespace rtm::client {

namespace {

struct Known {
  ProcessMutex mutex{&Known::forgetClients};
  ServiceContext context;
  std::size_t clients = 0;

  static Known& get() {
    static Known* const kept = new Known;  // never destroyed: threads may call until the process ends
    return *kept;
  }
  /// In a child of fork() the entries of the parent are dead.
  static void forgetClients() { get().clients = 0; }
};

Known& known() {
  return Known::get();
}

/// GLOB without some areas has all the bits that no area has yet, and is a set like any other.
bool isSetOfAreas(std::uint32_t areas) {
  constexpr std::uint32_t kAreas = 0x3f;
  const std::uint32_t others = areas & ~kAreas;
  return (areas & kAreas) != 0 && (others == 0 || others == ~kAreas);
}

}  // namespace

bool setServiceContext(const ServiceContext& context) {
  if (!isSetOfAreas(context.areas)) return false;
  const std::lock_guard lock(known().mutex);
  if (known().clients != 0) return false;
  known().context = context;
  return true;
}

std::uint32_t areaMask() {
  const std::lock_guard lock(known().mutex);
  return known().context.areas;
}

bool tcpOnly() {
  const std::lock_guard lock(known().mutex);
  return known().context.tcpOnly;
}

void clientBegins() {
  const std::lock_guard lock(known().mutex);
  ++known().clients;
}

void clientEnds() {
  const std::lock_guard lock(known().mutex);
  --known().clients;
}

}  // namespace rtm::client
