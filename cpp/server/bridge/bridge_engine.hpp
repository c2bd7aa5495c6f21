#pragma once

#include <atomic>
#include <memory>
#include <vector>

#include "server/bridge/bridge.hpp"
#include "server/engine/seam/engine.hpp"

namespace rtm::server {

class BridgeClient;

/// The state that nodes share, behind the bridge (lib/server/cluster/engine.ts): operations cross the bridge, and what
/// the shared state tells this node becomes calls of the sinks.
class BridgeEngine final : public Engine {
 public:
  /// `noticeLimit`: most members of a small channel, whose size is told more often.
  BridgeEngine(std::shared_ptr<Bridge> bridge, std::uint32_t loops, std::uint32_t noticeLimit);
  ~BridgeEngine() override;

  EngineClient& attach(std::uint32_t loop, LoopHost& host, EngineSink& sink) override;
  void detach(std::uint32_t loop) override;
  /// Channels are not counted: only the shared state knows which channels have members here.
  EngineCounts counts() const override { return {sessions_, 0}; }

 private:
  friend class BridgeClient;
  const std::shared_ptr<Bridge> bridge_;
  const std::uint32_t noticeLimit_;
  std::atomic<std::uint64_t> sessions_{0};
  std::vector<std::unique_ptr<BridgeClient>> clients_;
};

}  // namespace rtm::server
