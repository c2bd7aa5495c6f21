#pragma once

#include <cstdint>

namespace rtm::client {

/// Milliseconds of the monotonic clock, which is also that of uv_now(), so that both may be compared.
std::uint64_t steadyMs();
/// The same clock as of the last tick of the kernel, up to 10 ms ago: a fifth of the price. For sends.
std::uint64_t coarseMs();
/// In [0, 1). Each thread has a generator of its own.
double randomUnit();

}  // namespace rtm::client
