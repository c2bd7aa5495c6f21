#pragma once

#include <cstdint>
#include <memory>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "server/engine/seam/engine.hpp"
#include "server/gateway/channel_fan_out.hpp"
#include "server/gateway/connections.hpp"
#include "server/gateway/presence_watches.hpp"
#include "server/gateway/send_answers.hpp"
#include "server/governor/history_queue.hpp"
#include "server/permissions/permissions.hpp"
#include "server/session/session.hpp"

namespace rtm::server {

class MediaLoop;

/// The sessions whose link ends, or last ended, on this loop: how they get and lose a connection, move to another loop,
/// leave a channel, and end. Loop thread only; bounded by the connections and the grace period.
class SessionTable {
 public:
  SessionTable(EngineClient& engine, Connections& connections, ChannelFanOut& channels, PresenceWatches& presence,
               SendAnswers& answers, MediaLoop& media, HistoryQueue& historyQueue, LoopStats& stats,
               Permissions permissions)
      : engine_(engine),
        connections_(connections),
        channels_(channels),
        presence_(presence),
        answers_(answers),
        media_(media),
        historyQueue_(historyQueue),
        stats_(stats),
        permissions_(std::move(permissions)) {}

  /// Null if the session is not on this loop.
  Session* find(std::uint64_t sessionId) {
    const auto found = sessions_.find(sessionId);
    return found == sessions_.end() ? nullptr : found->second.get();
  }
  bool empty() const { return sessions_.empty(); }
  /// The sessions of an app.
  std::vector<std::uint64_t> ids(AppNumber app) const;
  /// What they may do.
  Permissions& permissions() { return permissions_; }
  /// Sessions whose link is lost.
  std::vector<Session*> withoutConnection() const;

  /// A session that was opened, resumed or rebuilt on this loop.
  Session& add(std::unique_ptr<SessionState> state);
  /// The session uses this connection from now on.
  void bind(Session& session, ClientConnection& connection);
  /// Takes the connection away from its session. What the client is still to be told stays in the session's state.
  void unbind(Session& session);
  /// The session goes on over another connection: the present one, if there is one, gets BYE and is closed.
  void takeLink(Session& session);
  /// Asks the engine to end the session; end() follows. Once only.
  void close(Session& session, SessionEnd reason);

  /// EngineSink::surrender().
  std::unique_ptr<SessionCarry> surrender(std::uint64_t sessionId);
  /// EngineSink::onSessionEnd().
  bool end(std::uint64_t sessionId, SessionEnd reason);

  /// EngineSink::onKick(). The kick goes to the session, which knows its channels. The session leaves the channel as if
  /// its client had asked.
  bool kick(std::uint64_t sessionId, std::string_view channelId);
  /// CHANNEL_KICKED for each channel that the session was removed from; without a link, the next resume tells it.
  void tellKicked(Session& session);

 private:
  /// A session that is over and leaves its channels.
  struct Ending {
    std::unique_ptr<Session> session;
    std::size_t left = 0;                ///< channels that have not confirmed yet
    std::uint64_t logoutConnection = 0;  ///< waits for the answer to its LOGOUT
  };
  /// Says BYE, or for a logout returns the connection that waits for its answer.
  std::uint64_t sayEnd(const Session& session, ClientConnection& connection, SessionEnd reason);
  void leaveAll(std::unique_ptr<Session> session, std::uint64_t logoutConnection);
  void finishEnd(Ending& ending);

  EngineClient& engine_;
  Connections& connections_;
  ChannelFanOut& channels_;
  PresenceWatches& presence_;
  SendAnswers& answers_;
  MediaLoop& media_;
  HistoryQueue& historyQueue_;
  LoopStats& stats_;
  Permissions permissions_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Session>> sessions_;
};

}  // namespace rtm::server
