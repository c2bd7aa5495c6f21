#pragma once

#include <cstdint>

namespace rtm::net {

/// Microseconds of a monotonic clock.
using Micros = std::uint64_t;

inline constexpr Micros kMillisecond = 1000;
inline constexpr Micros kSecond = 1'000'000;

}  // namespace rtm::net
