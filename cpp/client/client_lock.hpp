#pragma once

#include <mutex>

#include "base/process_life.hpp"

namespace rtm::client {

/// The client lock (see client.hpp).
using ClientLock = LifeMutex<std::mutex>;

}  // namespace rtm::client
