#pragma once

#include <cstddef>

namespace rtm::guard {

/// Calls of operator new by this thread.
std::size_t allocations();

}  // namespace rtm::guard
