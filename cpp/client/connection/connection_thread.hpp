#pragma once

#include "base/move_function.hpp"

namespace rtm::client {

class Connection;

/// Where the connection of a client lives: the I/O thread.
class ConnectionThread {
 public:
  /// Runs `work` there soon, without any lock; not after the client's release. Any thread, with any lock of the client
  /// or none. The client lives until then.
  virtual void post(MoveFunction<void(Connection&)> work) = 0;

 protected:
  ~ConnectionThread() = default;
};

}  // namespace rtm::client
