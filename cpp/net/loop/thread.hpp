#pragma once

#include <string>
#include <thread>

#include "base/move_function.hpp"
#include "base/result.hpp"

namespace rtm::net {

/// Starts a thread on which all signals are blocked but those that a fault of the thread itself raises: the
/// application's handlers run on its own threads, and SIGPIPE of a dead socket stays an error code.
/// `name` is shown by debuggers (its first 15 bytes).
Result<std::thread> startThread(std::string name, Task body);

}  // namespace rtm::net
