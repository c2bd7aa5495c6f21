#include "client/area_mask.hpp"

#include <cstddef>
#include <mutex>

#include "base/process_life.hpp"

namespace rtm::client {

namespace {

struct AreaMask {
  ProcessMutex mutex{&AreaMask::forgetClients};
  std::uint32_t areas = ~std::uint32_t{0};
  std::size_t clients = 0;

  static AreaMask& get() {
    static AreaMask* const kept = new AreaMask;  // never destroyed: threads may call until the process ends
    return *kept;
  }
  /// In a child of fork() the entries of the parent are dead.
  static void forgetClients() { get().clients = 0; }
};

AreaMask& mask() {
  return AreaMask::get();
}

/// GLOB without some areas has all the bits that no area has yet, and is a set like any other.
bool isSetOfAreas(std::uint32_t areas) {
  constexpr std::uint32_t kAreas = 0x3f;
  const std::uint32_t others = areas & ~kAreas;
  return (areas & kAreas) != 0 && (others == 0 || others == ~kAreas);
}

}  // namespace

bool setAreaMask(std::uint32_t areas) {
  if (!isSetOfAreas(areas)) return false;
  const std::lock_guard lock(mask().mutex);
  if (mask().clients != 0) return false;
  mask().areas = areas;
  return true;
}

std::uint32_t areaMask() {
  const std::lock_guard lock(mask().mutex);
  return mask().areas;
}

void clientBegins() {
  const std::lock_guard lock(mask().mutex);
  ++mask().clients;
}

void clientEnds() {
  const std::lock_guard lock(mask().mutex);
  --mask().clients;
}

}  // namespace rtm::client
