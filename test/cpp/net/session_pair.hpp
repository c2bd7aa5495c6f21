#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "net/datagram/address_token.hpp"
#include "net/datagram/datagram_session.hpp"
#include "net/transport/tls/tls_context.hpp"
#include "virtual_network.hpp"

namespace rtm::net::test {

/// One end of a link in virtual time: does for a session what UdpTransport does.
class SessionEnd final : private DatagramSession::Sink, private DatagramSession::Output {
 public:
  using Send = std::function<void(const SocketAddress& to, ByteView datagram)>;
  SessionEnd(VirtualTime& time, Send send) : time_(time), send_(std::move(send)) {}

  void begin(std::unique_ptr<DatagramSession> made);
  void arrive(const SocketAddress& from, ByteView bytes);
  void write(ByteView bytes);
  void close() { session->close(*this); }
  DatagramSession::Sink& sink() { return *this; }

  std::unique_ptr<DatagramSession> session;
  std::function<void()> onOpen = [] {};
  std::function<void(ByteView)> onBytes = [](ByteView) {};
  std::string received;
  std::optional<OpenFailure> failure;
  std::optional<LinkEndCause> endCause;
  std::string endDetail;
  bool opened = false;
  bool mayStep = true;  ///< false: TLS waits for its turn, as in a server that is busy
  DatagramCounts counts;
  std::uint64_t pumps = 0;
  std::uint64_t sentBytes = 0;

  /// After anything has happened.
  void work();

 private:
  void onSessionOpen() override;
  void onSessionFailed(OpenFailure why) override;
  void onSessionEnd(LinkEndCause cause, std::string detail) override;
  void onStreamBytes(ByteView bytes) override;
  void onStreamEnd() override { endDetail = "end of the stream"; }
  void send(const SocketAddress& to, ByteView datagram) override;

  VirtualTime& time_;
  Send send_;
  Micros wakeAt_ = 0;
};

/// A client, a server that takes one link as UdpHub does, and the two ways between them.
class SessionPair {
 public:
  struct Options {
    VirtualPath::Options path{};
    std::shared_ptr<TlsServerContext> server;
    std::shared_ptr<TlsClientContext> client;
    std::string pin;
    bool withToken = false;  ///< the client has a token of an earlier session
    Bytes token{};           ///< another one
  };
  /// Looks at a datagram, or changes it. False: it is lost.
  using Tap = std::function<bool(Bytes& datagram)>;

  SessionPair(const Options& options, std::uint64_t seed);
  SessionPair(const SessionPair&) = delete;
  SessionPair& operator=(const SessionPair&) = delete;

  /// A datagram comes to the server at once.
  void toServer(const SocketAddress& from, ByteView datagram);
  /// Runs until `done` or the virtual time is over. False: it is over.
  bool await(const std::function<bool()>& done, Micros within);

  VirtualTime time;
  VirtualPath there;
  VirtualPath back;
  AddressTokens tokens = AddressTokens::create().value();
  const ConnectionId id{{1, 2, 3, 4, 5, 6, 7, 8}};
  const SocketAddress serverAddress = SocketAddress::parse("192.0.2.1", 9136).value();
  SocketAddress clientAddress = SocketAddress::parse("198.51.100.7", 40'000).value();
  Tap tapThere = [](Bytes&) { return true; };
  Tap tapBack = [](Bytes&) { return true; };
  /// What the server sends to addresses other than the client's.
  std::function<void(const SocketAddress& to, ByteView datagram)> onStray = [](const SocketAddress&, ByteView) {};
  SessionEnd client;
  std::unique_ptr<SessionEnd> server;  ///< null until the server keeps something
  std::function<void(SessionEnd&)> onAccepted = [](SessionEnd&) {};
  std::uint64_t retries = 0;
  std::uint64_t retryBytes = 0;

 private:
  void fromClient(ByteView datagram);
  void fromServer(const SocketAddress& to, ByteView datagram);

  std::shared_ptr<TlsServerContext> serverTls_;
};

}  // namespace rtm::net::test
