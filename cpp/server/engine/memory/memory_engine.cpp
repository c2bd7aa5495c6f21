#include "server/engine/memory/memory_engine.hpp"

#include <algorithm>
#include <iterator>

#include "server/engine/memory/memory_loop.hpp"
#include "server/store/memory_store.hpp"

namespace rtm::server {

MemoryEngine::Shared::Shared(const EngineParameters& given, std::shared_ptr<MessageStore> messageStore,
                             IdSource& idSource)
    : parameters(given), store(std::move(messageStore)), ids(idSource), exchange(given.loops), returns(given.returnMs) {
  if (!store) store = std::make_shared<MemoryStore>(Retention{});
  for (std::uint32_t loop = 0; loop < given.loops; ++loop) loops.push_back(std::make_unique<MemoryLoop>(*this, loop));
}

MemoryEngine::Shared::~Shared() = default;

MemoryEngine::MemoryEngine(const EngineParameters& parameters, std::shared_ptr<MessageStore> store, IdSource& ids)
    : shared_(std::make_unique<Shared>(parameters, std::move(store), ids)) {}

MemoryEngine::~MemoryEngine() = default;

EngineClient& MemoryEngine::attach(std::uint32_t loop, LoopHost& host, EngineSink& sink) {
  shared_->loops[loop]->attach(host, sink);
  return *shared_->loops[loop];
}

void MemoryEngine::detach(std::uint32_t loop) {
  shared_->loops[loop]->detach();
}

void MemoryEngine::storeRest(std::uint32_t loop, Task done) {
  shared_->loops[loop]->storeRest(std::move(done));
}

EngineCounts MemoryEngine::counts() const {
  EngineCounts counts;
  for (const auto& loop : shared_->loops) {
    counts.sessions += loop->sessions();
    counts.channels += loop->channels();
  }
  return counts;
}

std::vector<ChannelUsage> MemoryEngine::heaviestChannels(std::size_t most) const {
  std::vector<ChannelUsage> all;
  for (const auto& loop : shared_->loops) {
    std::vector<ChannelUsage> ofLoop = loop->heaviestChannels();
    std::move(ofLoop.begin(), ofLoop.end(), std::back_inserter(all));
  }
  std::sort(all.begin(), all.end(), [](const ChannelUsage& a, const ChannelUsage& b) { return a.bytes > b.bytes; });
  if (all.size() > most) all.resize(most);
  return all;
}

}  // namespace rtm::server
