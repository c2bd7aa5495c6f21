#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "net/link/listener.hpp"
#include "net/loop/io_loop.hpp"
#include "net/loop/timer.hpp"
#include "server/connection/client_connection.hpp"
#include "server/context.hpp"
#include "server/gateway/channel_members.hpp"
#include "server/gateway/presence_watches.hpp"
#include "server/session/session.hpp"
#include "server/stats.hpp"

namespace rtm::server {

class MediaGate;
struct DrainOptions;

/// One loop's end of all connections it accepted and of the sessions that use them. Lives on that loop.
class Gateway final : public EngineSink, private net::TurnHook {
 public:
  Gateway(ServerContext& context, net::IoLoop& loop, std::uint32_t index, EngineHost& host, LoopStats& stats);
  ~Gateway() override;

  /// Takes a connection whose handshake is done.
  void accept(net::LinkHandle link);
  /// BYE to everyone; nothing is accepted or served from here on.
  void shutDown();
  /// Sends everyone away, spread over time, and whoever comes from now on; `gone` is called once those who were here,
  /// and their sessions, are gone. Once only.
  void drain(std::shared_ptr<const DrainOptions> options, Task gone);
  bool draining() const { return drain_ != nullptr; }
  /// Nobody is let in now: sends `peer` away. False: it may log in.
  bool turnAway(Peer& peer);
  /// BYE with where to go, at once; while draining.
  void sendAway(Peer& peer);
  void requestTurnEnd() { loop_.atTurnEnd(*this); }

  ServerContext& context() { return context_; }
  EnginePort& port() { return port_; }
  PresenceHub& presence() { return presence_; }
  MediaGate& media() { return *media_; }
  LoopStats& stats() { return stats_; }
  std::uint32_t index() const { return index_; }
  std::uint64_t now() const { return loop_.now(); }
  std::uint64_t wallClockMs() const { return loop_.wallClockMs(); }

  Peer* findPeer(std::uint64_t id);
  Session* findSession(std::uint64_t sessionId);
  /// `peer` has logged in as what `state` says.
  Session& addSession(std::unique_ptr<SessionState> state);
  void bind(Session& session, Peer& peer);

  /// The result of a send, remembered for a repeat and told at the end of the turn.
  void answerSend(Session& session, std::uint64_t firstSeq, std::uint64_t count, std::uint32_t code);
  /// Tells again how sends have been answered.
  void repeatAnswer(Session& session, std::uint64_t firstSeq, std::uint64_t count, std::uint32_t code);
  /// Tells results now rather than at the end of the turn.
  void flushResults(Session& session);
  void listInHub(Session& session, std::string_view channelId, std::uint32_t memberCount);
  void forgetChannel(Session& session, std::string_view channelId);
  /// CHANNEL_KICKED for each channel that the session has been put out of, if it has a link.
  void tellKicked(Session& session);
  void closeSession(Session& session, SessionEnd reason);
  /// The session has no link (any more): its grace period has begun when something came the last time.
  void loseLink(Session& session, std::uint64_t lastReceivedMs);
  /// The session goes on over another connection: its present one, if any, is told so and closed.
  void takeLink(Session& session);

  // What a Peer reports.
  /// `peer`'s link is gone or being closed: its session begins its grace period, its memory goes at the turn's end.
  void release(Peer& peer, std::uint64_t lastReceivedMs);
  void noteOverrun(Peer& peer);

  // EngineSink
  bool onSendResults(std::uint64_t sessionId, std::uint64_t firstSeq, std::uint64_t count, std::uint32_t code) override;
  void onPeerMessage(std::uint64_t sessionId, ByteView frame) override;
  void onChannelFrame(const ChannelFrame& frame) override;
  void onPresence(const ScopedName& user, wire::PresenceState state) override;
  bool onKick(std::uint64_t sessionId, std::string_view channelId) override;
  bool onSessionEnd(std::uint64_t sessionId, SessionEnd reason) override;
  std::unique_ptr<SessionCarry> surrender(std::uint64_t sessionId) override;
  void onSuspend(std::uint32_t retryAfterMs) override;
  void onResume() override { suspended_.reset(); }

 private:
  void onTurnEnd() override;
  void sweep();
  void armSweep(std::uint64_t now);
  /// Numbers that are not worth a count per event.
  void measure(std::uint64_t now);
  /// Ends what has taken too long, tells what is silent; gives the time of the next look.
  std::uint64_t sweepPeer(Peer& peer, std::uint64_t now);
  void sendToMember(Session& session, ByteView frame, ChannelFrame::Kind kind);
  void noteSilence(Session& session, bool silent);
  void countConnections();
  void sweepDrain(std::uint64_t now);
  /// Takes no more sends of a client; it is sent away as soon as those that it has sent are answered.
  void letFinish(Peer& peer, std::uint64_t now);
  void sendFinishedAway(std::uint64_t now);
  void sweepLost(std::uint64_t now);
  void markDirty(Session& session);
  void unlistAll(Session& session);
  /// Takes the link away from its session without grace: the session goes on elsewhere, or is over.
  void unbind(Session& session);
  /// A session that is over and leaves its channels.
  struct Ending {
    std::unique_ptr<Session> session;
    std::size_t left = 0;          ///< channels that have not confirmed yet
    std::uint64_t logoutPeer = 0;  ///< waits for the answer to its LOGOUT
  };
  void leaveAll(std::unique_ptr<Session> session, std::uint64_t logoutPeer);
  void finishEnd(Ending& ending);

  ServerContext& context_;
  net::IoLoop& loop_;
  std::uint32_t index_;
  LoopStats& stats_;
  EnginePort& port_;
  Hub hub_;
  PresenceHub presence_;
  std::shared_ptr<MediaGate> media_;  ///< nobody else keeps it for longer than a call
  std::unordered_map<std::uint64_t, std::unique_ptr<Peer>> peers_;
  std::unordered_map<std::uint64_t, std::unique_ptr<Session>> sessions_;
  /// When to look at a peer again. Apart from the peers, so that a sweep touches the memory of those only who are due;
  /// one that has gone stays here until then.
  struct Watched {
    std::uint64_t peerId = 0;
    std::uint64_t dueMs = 0;
  };
  std::vector<Watched> watched_;
  /// A session whose link was lost under `fence`.
  struct Lost {
    std::uint64_t sessionId = 0;
    std::uint64_t fence = 0;
  };
  std::multimap<std::uint64_t, Lost> lost_;      ///< by the time others shall know that nothing comes from it
  std::vector<std::unique_ptr<Peer>> released_;  ///< may be in the middle of their own calls: freed at turn's end
  std::vector<Session*> dirty_;                  ///< with results to tell
  std::vector<std::uint64_t> overrun_;           ///< peers to be cut
  wire::SendResults scratch_;
  std::uint64_t lastPeerId_ = 0;
  bool shutDown_ = false;
  std::optional<std::uint32_t> suspended_;  ///< when clients shall come again, in ms
  /// drain() is under way, or done.
  struct Draining {
    std::shared_ptr<const DrainOptions> options;
    Task gone;
    std::uint64_t begun = 0;
    std::vector<std::uint64_t> peers;  ///< who was here then, in the order of going
    std::size_t next = 0;              ///< who goes next
    std::uint64_t leftMs = 0;          ///< when the last of them had left
    struct Finishing {
      std::uint64_t peerId = 0;
      std::uint64_t until = 0;
    };
    std::vector<Finishing> finishing;  ///< who waits for results before it goes
  };
  std::unique_ptr<Draining> drain_;
  std::uint64_t sweepDue_ = 0;
  std::uint64_t delayWindowEnds_ = 0;
  std::uint64_t delayMs_ = 0;  ///< most lateness of this window, and of the one before
  std::uint64_t lastDelayMs_ = 0;
  net::Timer sweepTimer_;  ///< one for all peers and for the engine: no timer per connection
};

}  // namespace rtm::server
