#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "net/link/listener.hpp"
#include "net/loop/io_loop.hpp"
#include "server/context.hpp"
#include "server/gateway/channel_fan_out.hpp"
#include "server/gateway/connections.hpp"
#include "server/gateway/drain.hpp"
#include "server/gateway/presence_watches.hpp"
#include "server/gateway/send_answers.hpp"
#include "server/gateway/session_table.hpp"
#include "server/gateway/silence_watch.hpp"
#include "server/gateway/sweep_timer.hpp"
#include "server/media/media_loop.hpp"
#include "server/stats.hpp"

namespace rtm::server {

class Gateway;

/// Does what a frame of a client asks for (requests/dispatch.cpp). Injected, because requests know the gateway and not
/// the other way round.
using FrameHandler = void (*)(Gateway& gateway, ClientConnection& connection, wire::FrameKind kind, ByteView body);

/// One loop's end of all connections that it accepted, and of the sessions that use them: puts the parts together,
/// gives them their turns, and passes on what the engine tells. Loop thread only, from construction to destruction.
class Gateway final : private EngineSink, private ConnectionOwner, private net::TurnHook {
 public:
  Gateway(ServerContext& context, net::IoLoop& loop, std::uint32_t index, LoopHost& host, LoopStats& stats,
          FrameHandler handler);
  ~Gateway() override;

  /// Takes a connection whose handshake is done. Above this loop's share of ServerOptions::maxConnections the client is
  /// told to try another server.
  void accept(net::LinkHandle link);
  /// A connection that never became a link, for the log.
  void noteRefused(net::Listener::Refusal refusal, const std::string& remote, const std::string& why);
  /// An address has done something wrong; `remote`: the same address, for the log.
  void penalise(const net::AddressPrefix& prefix, net::Penalties::Offence offence, const std::string& remote);
  /// BYE to everyone. Nothing is accepted or served after this.
  void shutDown();
  /// Sends all clients away, spread over time; a client that connects from now on is sent away at once. `gone` is
  /// called once the present clients, and their sessions, are gone. Once only.
  void drain(std::shared_ptr<const DrainOptions> options, Task gone);
  /// While nobody may log in: sends the client away. False: it may log in.
  bool turnAway(ClientConnection& connection);
  void requestTurnEnd() { loop_.atTurnEnd(*this); }

  /// For the listeners of this loop.
  const std::shared_ptr<net::Admission>& admission() const { return connections_.admission(); }
  ServerContext& context() { return context_; }
  EngineClient& engine() { return engine_; }
  Connections& connections() { return connections_; }
  SessionTable& sessions() { return sessions_; }
  Permissions& permissions() { return sessions_.permissions(); }
  SendAnswers& answers() { return answers_; }
  ChannelFanOut& channels() { return channels_; }
  PresenceWatches& presence() { return presence_; }
  SilenceWatch& silence() { return silence_; }
  MediaLoop& media() { return *media_; }
  LoopStats& stats() override { return stats_; }
  std::uint32_t index() const { return index_; }
  std::uint64_t now() const { return loop_.now(); }
  std::uint64_t wallClockMs() const { return loop_.wallClockMs(); }

 private:
  // ConnectionOwner
  void onClientFrame(ClientConnection& connection, wire::FrameKind kind, ByteView body) override;
  void onConnectionEnd(ClientConnection& connection, std::uint64_t lastReceivedMs) override;
  void onOverrun(ClientConnection& connection) override;
  void onMalformed(ClientConnection& connection, std::string_view what) override;
  const LogSink& logSink() const override { return context_.options.log; }

  // EngineSink
  bool onSendResults(std::uint64_t sessionId, std::uint64_t firstSeq, std::uint64_t count, std::uint32_t code) override;
  void onPeerMessage(std::uint64_t sessionId, ByteView frame) override;
  void onChannelFrame(const ChannelFrame& frame) override { channels_.deliver(frame); }
  void onPresence(const ScopedName& user, wire::PresenceState state) override;
  bool onKick(std::uint64_t sessionId, std::string_view channelId) override {
    return sessions_.kick(sessionId, channelId);
  }
  bool onSessionEnd(std::uint64_t sessionId, SessionEnd reason) override;
  std::unique_ptr<SessionCarry> surrender(std::uint64_t sessionId) override { return sessions_.surrender(sessionId); }
  void onSuspend(std::uint32_t retryAfterMs) override;
  void onResume() override { closed_.suspendedMs.reset(); }

  void onTurnEnd() override;
  void sweep();
  /// Drops clients that send nothing, and notes how many are not logged in and what they cost.
  void sweepPending(std::uint64_t nowMs);
  /// Ends logins and silences that have taken too long, notes silent clients; returns the time of the next look.
  std::uint64_t sweepConnection(ClientConnection& connection, std::uint64_t nowMs);
  void countConnections();
  /// The connection has sent too many frames without effect: it is cut, and its user stays away for a while.
  void cutFlood(ClientConnection& connection);

  /// Why nobody may log in now, if so.
  struct Closed {
    bool shutDown = false;
    std::optional<std::uint32_t> suspendedMs;  ///< when clients may come again
    std::unique_ptr<Drain> drain;              ///< null until drain()
  };

  ServerContext& context_;
  net::IoLoop& loop_;
  std::uint32_t index_;
  LoopStats& stats_;
  FrameHandler handler_;
  EngineClient& engine_;
  Connections connections_;
  ChannelFanOut channels_;
  PresenceWatches presence_;
  SendAnswers answers_;
  std::shared_ptr<MediaLoop> media_;  ///< nobody else keeps it for longer than a call
  SessionTable sessions_;
  SilenceWatch silence_;
  Closed closed_;
  SweepTimer sweepTimer_;
};

}  // namespace rtm::server
