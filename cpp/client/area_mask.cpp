#include "client/area_mask.hpp"

#include <cstddef>
#include <mutex>

namespace rtm::client {

namespace {

struct AreaMask {
  std::mutex mutex;
  std::uint32_t areas = ~std::uint32_t{0};
  std::size_t clients = 0;
};

AreaMask& mask() {
  static AreaMask* const kept = new AreaMask;  // never destroyed: threads may call until the process ends
  return *kept;
}

}  // namespace

bool setAreaMask(std::uint32_t areas) {
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
