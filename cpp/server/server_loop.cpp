#include "server/server_loop.hpp"

#include <algorithm>
#include <chrono>

namespace rtm::server {

std::uint64_t ServerLoop::standstillMs() const {
  constexpr std::uint64_t kExpectedMs = 200;                                   // two sweeps
  const auto sinceBoot = std::chrono::steady_clock::now().time_since_epoch();  // the clock of the loops
  const auto now = static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::milliseconds>(sinceBoot).count());
  const std::uint64_t swept = stats.sweptAtMs.get();
  const std::uint64_t quiet = now - std::min(now, swept);
  return swept != 0 && quiet > kExpectedMs ? quiet : 0;
}

}  // namespace rtm::server
