#pragma once

#include <uv.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/move_function.hpp"
#include "net/admission/handshake_queue.hpp"
#include "net/datagram/datagram_session.hpp"
#include "net/loop/io_loop.hpp"
#include "net/loop/timer.hpp"
#include "net/resolve/socket_address.hpp"
#include "net/transport/byte_transport.hpp"
#include "net/transport/udp/udp_socket.hpp"

namespace rtm::net {

/// Bytes over sealed datagrams. Gives a DatagramSession its socket, its time and its turns.
class UdpTransport final : public ByteTransport,
                           private DatagramSession::Sink,
                           private DatagramSession::Output,
                           private UdpSocket::Receiver,
                           private HandshakeQueue::Step,
                           private TurnHook {
 public:
  /// What a server's transport shares with the others of its socket.
  struct Shared {
    UdpSocket* socket = nullptr;
    DatagramCounts* counts = nullptr;
    std::shared_ptr<HandshakeQueue> handshakes;
    MoveFunction<void()> onGone;  ///< no datagrams are for this transport any more; the socket may be gone then
  };

  /// The client's end: open() makes a socket. `layer` null (out of memory): open() fails. `token`: see DialTarget.
  UdpTransport(IoLoop& loop, const SocketAddress& server, std::unique_ptr<TlsLayer> layer, Bytes token);
  /// The server's end of a client whose address is proven.
  UdpTransport(IoLoop& loop, const ConnectionId& id, const SocketAddress& client,
               DatagramHandshake::MakeLayer makeLayer, Shared shared);
  ~UdpTransport() override;
  UdpTransport(const UdpTransport&) = delete;
  UdpTransport& operator=(const UdpTransport&) = delete;

  void open(ByteTransport::Sink& sink) override;
  void setReading(Reading reading) override;
  std::size_t write(Bytes& bytes, std::size_t from) override;
  std::size_t unsentBytes() const override { return unsent_; }
  bool finish() override;
  void close() override;
  bool connected() const override { return session_->answered(); }
  const char* missing() const override { return connected() ? "TLS handshake over UDP not done" : "no answer by UDP"; }
  std::string remoteAddress() const override { return session_->remote().toString(); }
  AddressPrefix remotePrefix() const override { return AddressPrefix::of(session_->remote()); }
  LinkInfo info() const override;

  /// For a server's transport, from its socket. `whole` holds `datagram`.
  void datagramCame(const SocketAddress& from, const Datagram& datagram, ByteView whole);

 private:
  enum class Stage : std::uint8_t { New, Opening, Open, Ended, Closed };

  // DatagramSession::Sink
  void onSessionOpen() override;
  void onSessionFailed(OpenFailure failure) override;
  void onSessionEnd(LinkEndCause cause, std::string detail) override;
  void onStreamBytes(ByteView bytes) override;
  void onStreamEnd() override;
  // DatagramSession::Output
  void send(const SocketAddress& to, ByteView datagram) override;
  // UdpSocket::Receiver, of a client's own socket
  void onDatagram(const SocketAddress& from, ByteView datagram) override;
  void onSocketError(int error) override;
  // HandshakeQueue::Step
  void runStep() override;
  void onTurnEnd() override;

  static Micros nowMicros();
  void work();
  void pump();
  void goOn();
  void leave();
  void end(LinkEndCause cause, std::string detail);

  IoLoop& loop_;
  ByteTransport::Sink* sink_ = nullptr;
  DatagramCounts ownCounts_;
  Shared shared_;
  UdpSocket::Handle own_;  ///< client only
  std::unique_ptr<DatagramSession> session_;
  std::unique_ptr<LinkEnd> end_;  ///< came while nobody read
  Timer timer_;
  uv_check_t handle_{};  ///< never started: libuv calls back when it is closed
  Stage stage_ = Stage::New;
  Reading reading_ = Reading::Off;
  std::size_t unsent_ = 0;  ///< as of the last call of the sink or of write(): the link above counts it then
  bool heard_ = false;      ///< a genuine datagram came in this turn
};

}  // namespace rtm::net
