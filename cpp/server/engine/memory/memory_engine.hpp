#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "server/engine/memory/inbox.hpp"
#include "server/engine/seam/engine.hpp"
#include "server/store/message_store.hpp"
#include "wire/size_limits.hpp"

namespace rtm::server {

struct MemoryEngineOptions {
  std::uint32_t loops = 1;
  std::uint32_t noticeLimit = 512;  ///< most members of a channel whose joins and leaves are told; 0: always
  InboxBounds inbox;
  wire::AttributeLimits userAttributes = wire::kSdkUserAttributes;
  wire::AttributeLimits channelAttributes = wire::kSdkChannelAttributes;
  std::uint64_t attributeAfterlifeMs = 180'000;  ///< channel attributes without members in the channel
  std::shared_ptr<MessageStore> store;           ///< null: one in memory, with the retention of the SDK
};

/// Everything in this process' memory. Each partition is touched by the loop that owns it only (partition modulo
/// number of loops); an operation of another loop travels in a batch at the end of its turn.
class MemoryEngine final : public Engine {
 public:
  /// `ids` must be usable from any thread and outlive the engine.
  MemoryEngine(const MemoryEngineOptions& options, IdSource& ids);
  ~MemoryEngine() override;

  EnginePort& attach(std::uint32_t loop, EngineHost& host, EngineSink& sink) override;
  void detach(std::uint32_t loop) override;
  EngineCounts counts() const override;

  struct Shared;  ///< memory_loop.hpp

 private:
  std::unique_ptr<Shared> shared_;
};

}  // namespace rtm::server
