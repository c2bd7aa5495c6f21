#include "server/engine/memory/memory_engine.hpp"

#include "server/engine/memory/memory_loop.hpp"
#include "server/store/memory_store.hpp"

namespace rtm::server {

MemoryEngine::Shared::Shared(const MemoryEngineOptions& given, IdSource& idSource)
    : options(given), ids(idSource), exchange(given.loops) {
  if (!options.store) options.store = std::make_shared<MemoryStore>(Retention{});
  for (std::uint32_t loop = 0; loop < options.loops; ++loop) loops.push_back(std::make_unique<MemoryLoop>(*this, loop));
}

MemoryEngine::Shared::~Shared() = default;

MemoryEngine::MemoryEngine(const MemoryEngineOptions& options, IdSource& ids)
    : shared_(std::make_unique<Shared>(options, ids)) {}

MemoryEngine::~MemoryEngine() = default;

EnginePort& MemoryEngine::attach(std::uint32_t loop, EngineHost& host, EngineSink& sink) {
  shared_->loops[loop]->attach(host, sink);
  return *shared_->loops[loop];
}

void MemoryEngine::detach(std::uint32_t loop) {
  shared_->loops[loop]->detach();
}

EngineCounts MemoryEngine::counts() const {
  EngineCounts counts;
  for (const auto& loop : shared_->loops) {
    counts.sessions += loop->sessions();
    counts.channels += loop->channels();
  }
  return counts;
}

}  // namespace rtm::server
