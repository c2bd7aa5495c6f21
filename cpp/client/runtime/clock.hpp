#pragma once

#include <cstdint>

namespace rtm::client {

/// Milliseconds of the monotonic clock. uv_now() uses the same clock, so the two can be compared.
std::uint64_t steadyMs();
/// The same clock at the last tick of the kernel, up to 10 ms ago; a call costs a fifth of steadyMs(). For sends.
std::uint64_t coarseMs();
/// A random number in [0, 1). Each thread has a generator of its own.
double randomUnit();

}  // namespace rtm::client
