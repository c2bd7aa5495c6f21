#pragma once

#include <cstdint>
#include <memory>

#include "server/engine/seam/engine.hpp"
#include "server/engine/seam/parameters.hpp"
#include "server/store/message_store.hpp"

namespace rtm::server {

/// Everything in this process' memory. Only the loop that owns a partition (partition modulo number of loops) touches
/// it; an operation of another loop travels in a batch at the end of its turn.
class MemoryEngine final : public Engine {
 public:
  /// `store` null: one in memory, with the retention of the SDK. `ids` must be usable from any thread and outlive the
  /// engine.
  MemoryEngine(const EngineParameters& parameters, std::shared_ptr<MessageStore> store, IdSource& ids);
  ~MemoryEngine() override;

  EngineClient& attach(std::uint32_t loop, LoopHost& host, EngineSink& sink) override;
  void detach(std::uint32_t loop) override;
  void storeRest(std::uint32_t loop, Task done) override;
  EngineCounts counts() const override;
  std::vector<ChannelUsage> heaviestChannels(std::size_t most) const override;

  struct Shared;  ///< memory_loop.hpp

 private:
  std::unique_ptr<Shared> shared_;
};

}  // namespace rtm::server
