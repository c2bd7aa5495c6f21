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
  std::vector<std::unique_ptr<MemoryLoop>> loops;
};

/// One loop's part of the memory engine: the client that its gateway calls, and the tables of the partitions that the
/// loop owns. An operation runs on the loop that owns its partition: here at once, elsewhere in the batch of this turn.
/// Loop thread only, but for the two counts. Bounds: those of LoopExchange for what is on its way between loops.
class MemoryLoop final : public EngineClient {
 public:
  MemoryLoop(MemoryEngine::Shared& shared, std::uint32_t index);

  void attach(LoopHost& host, EngineSink& sink);
  void detach();
  LoopOutlet& outlet() { return outlet_; }
  /// Any thread, as channels().
  std::uint64_t sessions() const { return users_.size(); }
  std::uint64_t channels() const { return channels_.size(); }

 private:
  // EngineClient
  void sendToPeer(const PeerSendOp& op) override;
  void publish(const PublishOp& op) override;
  void acknowledge(const AcknowledgeOp& op) override;
  void openSession(OpenRequest request, MoveFunction<void(OpenOutcome)> done) override;
  void resumeSession(ResumeRequest request, MoveFunction<void(ResumeOutcome)> done) override;
  void startDelivery(const ScopedName& user, std::uint64_t fence) override;
  void confirmResume(const ScopedName& user, std::uint64_t fence) override;
  void linkLost(const ScopedName& user, std::uint64_t fence, std::uint64_t graceMs) override;
  void closeSession(const ScopedName& user, std::uint64_t fence, SessionEnd reason) override;
  void closeUser(const ScopedName& user, SessionEnd reason, MoveFunction<void(bool)> done) override;
  void kick(const ScopedName& user, std::string channelId, MoveFunction<void(bool)> done) override;
  void sessionEnded(const ScopedName& user, std::uint64_t sessionId) override;
  void join(JoinRequest request, MoveFunction<void(JoinOutcome)> done) override;
  void leave(const ScopedName& channel, const ScopedName& user, std::uint64_t fence,
             MoveFunction<void(bool)> done) override;
  void members(const ScopedName& channel, const ScopedName& user, std::uint64_t fence, std::size_t limit,
               MoveFunction<void(MembersOutcome)> done) override;
  void memberCount(const ScopedName& channel, MoveFunction<void(std::optional<std::uint32_t>)> done) override;
  void presence(AppNumber app, std::vector<std::string> userIds,
                MoveFunction<void(std::vector<wire::PresenceState>)> done) override;
  void watch(AppNumber app, std::vector<std::string> userIds, Task done) override;
  void unwatch(AppNumber app, std::vector<std::string> userIds) override;
  void noteSilence(const ScopedName& user, std::uint64_t fence, bool silent) override;
  void writeUserAttributes(AttributeWriteRequest request, MoveFunction<void(std::uint32_t)> done) override;
  void userAttributes(const ScopedName& user, std::vector<std::string> keys,
                      MoveFunction<void(AttributesOutcome)> done) override;
  void writeChannelAttributes(AttributeWriteRequest request, MoveFunction<void(std::uint32_t)> done) override;
  void channelAttributes(const ScopedName& channel, std::vector<std::string> keys,
                         MoveFunction<void(AttributesOutcome)> done) override;
  void queryHistory(HistoryFilter filter, MoveFunction<void(HistoryPage)> done) override;
  void onTurnEnd() override;
  void onTick() override;

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
