#pragma once

#include <cstddef>

namespace rtm::guard {

/// Calls of the kernel so far, of all threads, that move bytes or wait for them: read, write and their kin, and epoll.
std::size_t systemCalls();

}  // namespace rtm::guard
