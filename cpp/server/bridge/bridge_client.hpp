#pragma once

#include <string>
#include <vector>

#include "server/bridge/bridge_engine.hpp"
#include "server/engine/rules/count_throttle.hpp"
#include "server/engine/rules/session_routes.hpp"

namespace rtm::server {

/// One loop's way over the bridge: operations (bridge_client.cpp), and news to calls of the sink (bridge_news.cpp).
/// Loop thread only. An operation that fails completes as its outcome says; a send is answered with FAILURE. Bounds:
/// those of Bridge.
class BridgeClient final : public EngineClient {
 public:
  BridgeClient(BridgeEngine& engine, std::uint32_t index) : engine_(engine), index_(index) {}

  void attach(LoopHost& host, EngineSink& sink);
  void detach();

 private:
  // EngineClient
  bool shared() const override { return true; }
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

  /// Submits an operation; `answered` is not called once the gateway of this loop is gone.
  template <typename Fill, typename Read>
  void ask(Operation operation, Fill&& fill, Read&& answered) {
    engine_.bridge_->ask(*host_, operation, std::forward<Fill>(fill),
                         [this, then = std::forward<Read>(answered)](RecordReader* in) mutable {
                           if (sink_ != nullptr) then(in);
                         });
  }
  template <typename Fill>
  void tell(Operation operation, Fill&& fill) {
    engine_.bridge_->tell(operation, true, std::forward<Fill>(fill));
  }
  void finishResume(std::uint64_t sessionId, ResumeOutcome outcome, const SessionAddress& previous,
                    MoveFunction<void(ResumeOutcome)> done);
  void answerResume(std::uint64_t sessionId, ResumeOutcome outcome, MoveFunction<void(ResumeOutcome)> done);
  void write(Operation operation, const AttributeWriteRequest& request, MoveFunction<void(std::uint32_t)> done);
  void read(Operation operation, const ScopedName& owner, const std::vector<std::string>& keys,
            MoveFunction<void(AttributesOutcome)> done);

  // News.
  void onNews(NewsKind kind, RecordReader& in);
  /// Calls `tell(EngineSink&)`; false means that the session is not on this loop. Then the call is repeated on the loop
  /// of the session, or when the session arrives here.
  void toSession(std::uint64_t sessionId, MoveFunction<bool(EngineSink&)> tell);
  void onPeerMessage(RecordReader& in);
  void onChannelMessage(RecordReader& in);
  void onMemberEvent(RecordReader& in);
  void onAttributes(RecordReader& in);
  void noteCount(const ScopedName& channel, std::uint32_t count);
  void flushCounts();
  void spread(ChannelFrame::Kind kind, const ScopedName& channel, SharedFrame frame);

  /// How many members a channel has, and when its members on this loop are told.
  struct Count {
    std::uint32_t members = 0;
    std::uint64_t changedAt = 0;
    CountThrottle throttle;
  };

  BridgeEngine& engine_;
  const std::uint32_t index_;
  LoopHost* host_ = nullptr;
  EngineSink* sink_ = nullptr;  ///< null: the gateway is gone
  SessionRoutes routes_;
  ScopedMap<Count> counts_;  ///< of channels that changed in the last seconds
  bool countsDue_ = false;
};

}  // namespace rtm::server
