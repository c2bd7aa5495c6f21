#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/log.hpp"
#include "net/link/link.hpp"
#include "server/quotas/frame_budget.hpp"
#include "server/session/session.hpp"
#include "server/stats.hpp"

namespace rtm::server {

class ClientConnection;

/// The gateway, as its connections see it. All calls on their loop.
class ConnectionOwner {
 public:
  /// One whole frame. The connection may be closed, or its link given away, when this returns.
  virtual void onClientFrame(ClientConnection& connection, wire::FrameKind kind, ByteView body) = 0;
  /// The link is gone or given away; something came last at `lastReceivedMs`. The owner frees the connection at the
  /// end of the turn, because the connection may be in the middle of a call.
  virtual void onConnectionEnd(ClientConnection& connection, std::uint64_t lastReceivedMs) = 0;
  /// The client reads too slowly: the owner calls cutOverrun() at the end of the turn.
  virtual void onOverrun(ClientConnection& connection) = 0;
  /// The client has sent what breaks the protocol, `what`, and is about to be closed.
  virtual void onMalformed(ClientConnection& connection, std::string_view what) = 0;
  virtual LoopStats& stats() = 0;
  virtual const LogSink& logSink() const = 0;

 protected:
  ~ConnectionOwner() = default;
};

/// The position of a resuming client in a channel.
struct ChannelPlace {
  std::uint64_t epoch = 0;  ///< 0: the client named no position
  std::uint64_t offset = 0;
};

/// What a connection has brought ahead of a login.
struct BeforeLogin {
  net::AddressPrefix prefix;     ///< of the client's address
  std::string counted;           ///< whose login or resume has been counted; empty: nobody's
  TextMap<ChannelPlace> places;  ///< positions that came ahead of a RESUME
};

/// One connection of a client: its link, what the client may send now, and the session that uses the link. A client
/// that breaks the protocol loses this connection, with a reason, and nobody else notices. Loop thread only.
///
///   Hello ──HELLO──▶ Login ──LOGIN, RESUME──▶ LoggingIn ──success──▶ Established ──LOGOUT──▶ Closing
///                                                └──refused──▶ (closed)
///
/// Finishing: the server drains, and takes only acknowledgements until the client has the results of its sends.
/// Leaving: the server drains and has said BYE to an established client. What the client acknowledged before it got
/// the BYE still counts; the outcome of everything else that was on its way is unknown.
class ClientConnection final : public net::LinkObserver {
 public:
  /// Bits, so that a request can name all phases that allow it.
  enum Phase : std::uint8_t {
    kHello = 1,
    kLogin = 2,
    kLoggingIn = 4,
    kEstablished = 8,
    kClosing = 16,
    kLeaving = 32,
    kFinishing = 64
  };

  ClientConnection(ConnectionOwner& owner, net::LinkHandle link, std::uint64_t id, std::uint64_t nowMs);
  ~ClientConnection() = default;

  std::uint64_t id() const { return id_; }
  Phase phase() const { return phase_; }
  /// With kEstablished the client may send frames of the full size, and has no place among the pending links any more.
  void setPhase(Phase phase);
  std::uint64_t connectedAt() const { return connectedAt_; }
  /// Empty once the connection is closed.
  std::string remoteAddress() const { return link_ ? link_->remoteAddress() : std::string(); }
  std::uint64_t lastReceived() const { return link_->lastReceivedMs(); }
  std::size_t queuedBytes() const { return link_ ? link_->queuedBytes() : 0; }
  std::uint64_t capabilities() const { return capabilities_; }
  void setCapabilities(std::uint64_t capabilities) { capabilities_ = capabilities; }

  /// Set while a session uses this link: phases Established and Closing, and LoggingIn during a resume.
  Session* session() const { return session_; }
  void bind(Session* session) { session_ = session; }

  BeforeLogin& beforeLogin() { return beforeLogin_; }

  /// Queues a frame. A client that does not read is cut at the end of the turn.
  template <wire::MessageType M>
  void send(const M& message) {
    if (link_ && phase_ != kLeaving && !link_->send(message)) markOverrun();
  }
  void sendFrames(ByteView frames) {
    if (link_ && phase_ != kLeaving && !link_->sendEncoded(frames)) markOverrun();
  }
  /// Queues the channel messages that a resuming client missed, which may be more than kQueueBytes. Until a sweep finds
  /// the queue short again, its bound is higher by their size, so that the next frame does not cut the client.
  void sendReplay(ByteView frames);
  /// Ends temporary states: restores the bound of the queue after a replay, and reads again from a client that was
  /// paused.
  void sweep(std::uint64_t nowMs);

  /// A frame has come that brings nobody anything. With Rest the client is not read for a while; with Cut the caller
  /// closes the connection.
  FrameBudget::Verdict countIdleFrame(std::uint64_t nowMs);

  /// The client broke a rule: BYE, close, a line in the log; counted as malformed.
  void refuse(wire::ByeCode code, std::string_view reason);
  /// BYE, then close. The session, if there is one, has lost its link.
  void close(wire::ByeCode code, std::string_view reason);
  void close(const wire::Bye& bye);
  /// BYE as the last frame. The client closes the connection.
  void sendAway(const wire::Bye& bye);
  /// Flushes the queue, then closes.
  void closeAfterFlush();
  /// Gives the link to another observer, inside onClientFrame(): the next frame goes to that observer.
  net::LinkHandle giveLink();
  /// The client reads too slowly. It is cut at the end of the turn, because the engine may be in the middle of a call.
  void markOverrun();
  /// At the end of a turn: BYE, close. The session can be resumed.
  void cutOverrun();

 private:
  // net::LinkObserver
  bool onFrame(wire::FrameKind kind, ByteView body) override;
  void onLinkEnd(const net::LinkEnd& end) override;

  void sayBye(LogLevel level, const wire::Bye& bye);
  void logClosed(LogLevel level, std::string_view what, std::string_view reason);

  /// Most bytes that wait for one client; above them it is cut.
  static constexpr std::size_t kQueueBytes = 4 * 1024 * 1024;

  ConnectionOwner& owner_;
  net::LinkHandle link_;  ///< null once closed
  std::uint64_t id_;
  std::uint64_t connectedAt_;
  std::uint64_t capabilities_ = 0;
  Session* session_ = nullptr;
  Phase phase_ = kHello;
  bool overran_ = false;
  bool replaying_ = false;  ///< the bound of the queue is raised
  bool gaveLink_ = false;
  FrameBudget idleFrames_;        ///< before a session; later the one of its quotas
  std::uint64_t restsUntil_ = 0;  ///< 0: the client is read
  BeforeLogin beforeLogin_;
};

}  // namespace rtm::server
