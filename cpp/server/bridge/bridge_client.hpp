#pragma once

#include <string>
#include <vector>

#include "server/bridge/bridge_engine.hpp"
#include "server/engine/rules/count_throttle.hpp"
#include "server/engine/rules/session_routes.hpp"

namespace rtm::server {

struct ChannelMessageNews;
struct MemberEventNews;
struct PeerMessageNews;

/// One loop's way over the bridge: operations (bridge_client*.cpp), and news to calls of the sink (bridge_news.cpp).
/// Loop thread only. An operation that fails completes as its outcome says; a send is answered with FAILURE. Bounds:
/// see Bridge.
class BridgeClient final : public EngineClient {
 public:
  BridgeClient(BridgeEngine& engine, std::uint32_t index) : engine_(engine), index_(index) {}

  void attach(LoopHost& host, EngineSink& sink);
  void detach();

 private:
  // EngineClient: what only crosses is in bridge_client_operations.cpp, which is generated.
  bool shared() const override { return true; }
#include "server/engine/seam/engine_overrides.inc"

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

  // News.
  void onNews(NewsKind kind, RecordReader& in);
  /// Calls `tell(EngineSink&)`; false means that the session is not on this loop. Then the call is repeated on the loop
  /// of the session, or when the session arrives here.
  void toSession(std::uint64_t sessionId, MoveFunction<bool(EngineSink&)> tell);
  template <typename News, typename Tell>
  void with(RecordReader& in, Tell&& tell);
  void onPeerMessage(const PeerMessageNews& news);
  void onChannelMessage(const ChannelMessageNews& news);
  void onMemberEvent(const MemberEventNews& news);
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
