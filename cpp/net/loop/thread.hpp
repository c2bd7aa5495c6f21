#pragma once

#include <string>
#include <thread>

#include "base/move_function.hpp"
#include "base/result.hpp"

namespace rtm::net {

/// Starts a thread that blocks all signals except the signals that a fault of the thread itself raises: the
/// application's handlers run on the application's threads, and SIGPIPE of a dead socket stays an error code. Debuggers
/// show the first 15 bytes of `name`.
Result<std::thread> startThread(std::string name, Task body);

}  // namespace rtm::net
