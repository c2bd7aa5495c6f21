#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "server/engine/memory/channel_table.hpp"
#include "server/engine/memory/history_writes.hpp"
#include "server/engine/memory/loop_exchange.hpp"
#include "server/engine/memory/memory_engine.hpp"
#include "server/engine/memory/partitions.hpp"
#include "server/engine/memory/user_table.hpp"
#include "server/engine/rules/session_routes.hpp"

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

/// One loop's part of the memory engine: the port its gateway calls, the tables of the partitions it owns, and the way
/// to and from the other loops.
class MemoryLoop final : public EngineClient, private Outlet {
 public:
  MemoryLoop(MemoryEngine::Shared& shared, std::uint32_t index);

  void attach(LoopHost& host, EngineSink& sink);
  void detach();
  std::uint64_t sessions() const { return users_.size(); }
  std::uint64_t channels() const { return channels_.size(); }

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

 private:
  // Outlet
  std::uint64_t now() const override { return host_->now(); }
  LoopHost& host() const override { return *host_; }
  bool hasRoom(std::uint32_t loop) const override;
  void sendResults(const SessionAddress& to, std::uint64_t firstSeq, std::uint64_t count, std::uint32_t code) override;
  void peerMessage(const SessionAddress& to, ByteView frame) override;
  void channelFrame(std::uint32_t loop, const ChannelFrame& frame) override;
  void presence(std::uint32_t loop, const ScopedName& user, wire::PresenceState state) override;
  void endSession(const SessionAddress& session, const ScopedName& user, SessionEnd reason) override;
  void kick(const SessionAddress& session, const std::string& channelId, Reply<bool> reply) override;
  void surrender(const SessionAddress& from, std::uint32_t to,
                 MoveFunction<void(std::unique_ptr<SessionCarry>)> done) override;
  void runOn(std::uint32_t loop, Task task) override;
  void requestFlush() override;

  std::uint32_t ownerOf(PartitionKind kind, const ScopedName& key) const;
  /// Runs `work(MemoryLoop&)` on the loop that owns `key`.
  template <typename Work>
  void atOwner(PartitionKind kind, const ScopedName& key, Work&& work) {
    const std::uint32_t owner = ownerOf(kind, key);
    if (owner == index_) return work(*this);
    runOn(owner, [target = shared_.loops[owner].get(), work = std::forward<Work>(work)]() mutable { work(*target); });
  }

  /// A new record for another loop, with its texts in the arena.
  LoopBatch::Record& record(std::uint32_t loop, LoopBatch::Kind kind, std::string_view first, std::string_view second,
                            ByteView content);
  void receive();
  void handle(LoopBatch& batch);
  void deliverResults(std::uint64_t sessionId, std::uint64_t firstSeq, std::uint64_t count, std::uint32_t code);
  std::unique_ptr<SessionCarry> giveUp(std::uint64_t sessionId, std::uint32_t to);

  MemoryEngine::Shared& shared_;
  std::uint32_t index_;
  LoopHost* host_ = nullptr;
  EngineSink* sink_ = nullptr;
  HistoryWrites history_;
  UserTable users_;
  ChannelTable channels_;
  SessionRoutes routes_;
  bool flushChannels_ = false;
};

}  // namespace rtm::server
