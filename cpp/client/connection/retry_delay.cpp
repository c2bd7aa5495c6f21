#include "client/connection/retry_delay.hpp"

#include <algorithm>

namespace rtm::client {

namespace {

constexpr std::uint64_t kFirstMs = 500;
constexpr std::uint64_t kLongestMs = 5000;
constexpr unsigned kMostDoublings = 4;  // 500 ms doubled four times is above kLongestMs

}  // namespace

std::uint64_t RetryDelay::next(double random) {
  const std::uint64_t ceiling = std::min(kLongestMs, kFirstMs << std::min(attempts_, kMostDoublings));
  ++attempts_;
  const std::uint64_t half = ceiling / 2;
  return half + static_cast<std::uint64_t>(static_cast<double>(half) * random);
}

}  // namespace rtm::client
