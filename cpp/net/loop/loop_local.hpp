#pragma once

namespace rtm::net {

/// An object that exists once on each loop, such as the resolver: IoLoop::local() makes it at the first call and
/// destroys it on the loop when the loop stops.
class LoopLocal {
 public:
  LoopLocal() = default;
  virtual ~LoopLocal() = default;
  LoopLocal(const LoopLocal&) = delete;
  LoopLocal& operator=(const LoopLocal&) = delete;
};

}  // namespace rtm::net
