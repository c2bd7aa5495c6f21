#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/log.hpp"
#include "net/link/link.hpp"
#include "server/session/session.hpp"

namespace rtm::server {

class Gateway;

/// Up to where a client that resumes has the messages of a channel.
struct ChannelPlace {
  std::uint64_t epoch = 0;  ///< 0: the client named no position
  std::uint64_t offset = 0;
};

/// One connection of a client: what it may send now, and where that goes. A client that breaks the protocol loses this
/// connection, with a reason, and nobody else notices.
///
///   Hello ──HELLO──▶ Login ──LOGIN, RESUME──▶ LoggingIn ──success──▶ Established ──LOGOUT──▶ Closing
///                                                └──refused──▶ (closed)
///
/// Finishing: the server drains, and takes nothing but acknowledgements until the client has the results of what it
/// sent. Leaving: the server drains and has said BYE to an established client. What the client acknowledged before it
/// heard that still counts; of everything else that was under way it does not know what became.
class Peer final : public net::LinkObserver {
 public:
  enum Phase : std::uint8_t {
    kHello = 1,
    kLogin = 2,
    kLoggingIn = 4,
    kEstablished = 8,
    kClosing = 16,
    kLeaving = 32,
    kFinishing = 64
  };

  Peer(Gateway& gateway, net::LinkHandle link, std::uint64_t id, std::uint64_t nowMs);
  ~Peer() = default;

  Gateway& gateway() { return gateway_; }
  std::uint64_t id() const { return id_; }
  Phase phase() const { return phase_; }
  void setPhase(Phase phase) { phase_ = phase; }
  std::uint64_t connectedAt() const { return connectedAt_; }
  std::uint64_t lastReceived() const { return link_->lastReceivedMs(); }
  std::size_t queuedBytes() const { return link_ ? link_->queuedBytes() : 0; }
  std::uint64_t capabilities() const { return capabilities_; }
  void setCapabilities(std::uint64_t capabilities) { capabilities_ = capabilities; }
  /// Before login a frame may be as large as `bytes`.
  void setFrameLimit(std::size_t bytes) { link_->setFrameLimit(bytes); }

  /// Set while a session uses this link: phases Established and Closing, and LoggingIn during a resume.
  Session* session() { return session_; }
  void bind(Session* session) { session_ = session; }

  /// Positions that came ahead of a RESUME.
  void addPlace(std::string_view channelId, ChannelPlace place);
  TextMap<ChannelPlace> takePlaces() { return std::exchange(places_, {}); }

  /// Queues a frame. A client that does not read is cut at the end of the turn.
  template <wire::MessageType M>
  void send(const M& message) {
    if (link_ && phase_ != kLeaving && !link_->send(message)) markOverrun();
  }
  void sendFrames(ByteView frames) {
    if (link_ && phase_ != kLeaving && !link_->sendEncoded(frames)) markOverrun();
  }

  /// The client broke a rule: BYE, close, a line in the log; counted as malformed.
  void refuse(wire::ByeCode code, std::string_view reason);
  /// BYE, then close. The session, if any, has lost its link.
  void close(wire::ByeCode code, std::string_view reason);
  void close(const wire::Bye& bye);
  /// BYE as the last frame; the client shall close.
  void sendAway(const wire::Bye& bye);
  /// Flushes what is queued, then closes.
  void closeAfterFlush();
  /// Parts with the connection, inside onFrame(): the next frame goes to whoever becomes its observer.
  net::LinkHandle giveLink();
  /// The client reads too slowly; it is cut at the end of the turn, since this may come from the engine's midst.
  void markOverrun();
  /// At the end of a turn: BYE, close. The session can be resumed.
  void cutOverrun();

  // net::LinkObserver
  bool onFrame(wire::FrameKind kind, ByteView body) override;
  void onLinkEnd(const net::LinkEnd& end) override;

 private:
  void sayBye(LogLevel level, const wire::Bye& bye);
  void logClosed(LogLevel level, std::string_view what, std::string_view reason);

  Gateway& gateway_;
  net::LinkHandle link_;  ///< null once closed
  std::uint64_t id_;
  std::uint64_t connectedAt_;
  std::uint64_t capabilities_ = 0;
  Session* session_ = nullptr;
  Phase phase_ = kHello;
  bool overran_ = false;
  bool gaveLink_ = false;
  TextMap<ChannelPlace> places_;
};

}  // namespace rtm::server
