#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "server/engine/memory/channel_table.hpp"
#include "server/engine/memory/history_writes.hpp"
#include "server/engine/memory/loop_exchange.hpp"
#include "server/engine/memory/loop_outlet.hpp"
#include "server/engine/memory/memory_engine.hpp"
#include "server/engine/memory/partitions.hpp"
#include "server/engine/memory/returns.hpp"
#include "server/engine/memory/user_table.hpp"

namespace rtm::server {

class MemoryLoop;

/// What the loops of one memory engine share.
struct MemoryEngine::Shared {
  Shared(const EngineParameters& given, std::shared_ptr<MessageStore> messageStore, IdSource& idSource);
  ~Shared();

  const EngineParameters parameters;
  std::shared_ptr<MessageStore> store;
  IdSource& ids;
  LoopExchange exchange;
  Returns returns;
  std::vector<std::unique_ptr<MemoryLoop>> loops;
};

/// One loop's part of the memory engine: the client that its gateway calls, and the tables of the partitions that the
/// loop owns. An operation runs on the loop that owns its partition: here at once, elsewhere in the batch of this turn.
/// Loop thread only, but for the counts and the heaviest channels. Bounds: LoopExchange limits what is on its way
/// between loops.
class MemoryLoop final : public EngineClient {
 public:
  MemoryLoop(MemoryEngine::Shared& shared, std::uint32_t index);

  void attach(LoopHost& host, EngineSink& sink);
  void detach();
  void storeRest(Task done) { users_.messages().storeRest(std::move(done)); }
  LoopOutlet& outlet() { return outlet_; }
  /// Any thread, as channels().
  std::uint64_t sessions() const { return users_.size(); }
  std::uint64_t channels() const { return channels_.size(); }
  std::vector<ChannelUsage> heaviestChannels() const { return channels_.heaviest(); }

 private:
  // EngineClient
#include "server/engine/seam/engine_overrides.inc"

  std::uint32_t ownerOf(PartitionKind kind, const ScopedName& key) const;
  /// Runs `work(MemoryLoop&)` on the loop that owns `key`.
  template <typename Work>
  void atOwner(PartitionKind kind, const ScopedName& key, Work&& work) {
    const std::uint32_t owner = ownerOf(kind, key);
    if (owner == index_) return work(*this);
    outlet_.runOn(owner,
                  [target = shared_.loops[owner].get(), work = std::forward<Work>(work)]() mutable { work(*target); });
  }

  void receive();
  void handle(LoopBatch& batch);

  MemoryEngine::Shared& shared_;
  std::uint32_t index_;
  LoopOutlet outlet_;
  HistoryWrites history_;
  UserTable users_;
  ChannelTable channels_;
};

}  // namespace rtm::server
