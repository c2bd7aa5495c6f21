#pragma once

#include <cstdint>

#include "base/move_function.hpp"

namespace rtm::server {

/// One loop, as the engine, the store and the bridge see it. Tests implement it with a fake clock.
class LoopHost {
 public:
  virtual std::uint64_t now() const = 0;          ///< monotonic ms
  virtual std::uint64_t wallClockMs() const = 0;  ///< since 1970 UTC
  /// Any thread: runs `task` on this loop.
  virtual void post(Task task) = 0;
  /// Loop thread: EngineClient::onTurnEnd() of this loop is called once at the end of this turn.
  virtual void requestTurnEnd() = 0;

 protected:
  ~LoopHost() = default;
};

}  // namespace rtm::server
