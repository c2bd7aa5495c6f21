#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/bytes.hpp"
#include "base/move_function.hpp"
#include "net/datagram/clear_stream.hpp"
#include "net/datagram/datagram_header.hpp"
#include "net/datagram/datagram_keys.hpp"
#include "net/datagram/micros.hpp"
#include "net/transport/connect_error.hpp"
#include "net/transport/tls/tls_layer.hpp"

namespace rtm::net {

/// The TLS handshake of one link over clear datagrams. Pure: datagrams and the time come in, datagrams and keys come
/// out. TLS works only in step(), so that a server may let a handshake wait for its turn.
class DatagramHandshake final : private StreamSink {
 public:
  using MakeLayer = MoveFunction<std::unique_ptr<TlsLayer>()>;

  /// The client's side. `layer` null (out of memory): the first step fails.
  static std::unique_ptr<DatagramHandshake> client(const ConnectionId& id, std::unique_ptr<TlsLayer> layer,
                                                   Bytes token);
  /// The server's side. `makeLayer` is called once the client has sent its whole ClientHello: a layer costs more memory
  /// than all else of a link.
  static std::unique_ptr<DatagramHandshake> server(const ConnectionId& id, MakeLayer makeLayer);
  virtual ~DatagramHandshake() = default;
  DatagramHandshake(const DatagramHandshake&) = delete;
  DatagramHandshake& operator=(const DatagramHandshake&) = delete;

  void datagramCame(Micros now, const Datagram& datagram) { stream_.datagramCame(now, datagram, *this); }
  /// TLS has something to do. A client's first step needs no bytes.
  bool wantsStep() const;
  /// The server has not yet worked for this handshake.
  bool fresh() const { return layer_ == nullptr; }
  void step();

  /// Appends the next clear datagram. False: nothing may leave now.
  bool fill(Micros now, Bytes& datagram) { return stream_.fill(now, datagram); }
  std::optional<Micros> dueAt(Micros now) const { return stream_.dueAt(now); }

  /// The datagram of the last fill() was more than an acknowledgement.
  bool carriedBytes() const { return stream_.carriedBytes(); }
  /// The other side has answered.
  bool answered() const { return stream_.answered(); }
  /// The keys, once TLS is done.
  const std::optional<DatagramSecrets>& secrets() const { return secrets_; }
  /// Why TLS has failed; empty: it has not.
  const std::string& error() const { return error_; }
  ConnectError failureCode() const { return failureCode_; }
  bool resumed() const { return resumed_; }
  const SendHalf& path() const { return stream_.path(); }

  /// The other side has sealed a datagram, so it has all that a client sends in a handshake.
  void otherSideDone();
  /// All that was sent has arrived. A client still waits for the ticket of its next handshake.
  bool flushed() const { return stream_.flushed(); }

 private:
  DatagramHandshake(ClearStream::Role role, const ConnectionId& id, Bytes token);
  void onStreamBytes(ByteView bytes) override;
  void onStreamEnd() override {}
  void shakeHands(Bytes& out);
  void readTicket(Bytes& out);
  void fail(ConnectError code, std::string error);

  const bool client_;
  ClearStream stream_;
  std::unique_ptr<TlsLayer> layer_;
  MakeLayer makeLayer_;  ///< server only; empty once the layer is made
  Bytes held_;           ///< came, and waits for step()
  std::size_t heard_ = 0;
  std::optional<DatagramSecrets> secrets_;
  std::string error_;
  ConnectError failureCode_ = ConnectError::Unreachable;
  bool begun_ = false;
  bool ticketCame_ = false;
  bool resumed_ = false;
};

}  // namespace rtm::net
