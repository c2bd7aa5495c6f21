#pragma once

#include <uv.h>

#include <cstddef>
#include <memory>
#include <string>

#include "net/loop/io_loop.hpp"
#include "net/resolve/socket_address.hpp"
#include "net/transport/byte_transport.hpp"

namespace rtm::net {

/// Bytes over a TCP socket.
class TcpTransport final : public ByteTransport {
 public:
  /// open() connects to `remote`.
  TcpTransport(IoLoop& loop, const SocketAddress& remote) : loop_(loop), remote_(remote) {}
  /// Takes over a connected socket, also if open() fails.
  TcpTransport(IoLoop& loop, const SocketAddress& remote, int accepted)
      : loop_(loop), remote_(remote), socket_(accepted), accepted_(true) {}
  ~TcpTransport() override;

  void open(Sink& sink) override;
  void setReading(Reading reading) override;
  std::size_t write(Bytes& bytes, std::size_t from) override;
  std::size_t unsentBytes() const override;
  bool finish() override;
  void close() override;
  bool connected() const override { return stage_ == Stage::Open; }
  const char* missing() const override { return "no connection"; }
  std::string remoteAddress() const override { return remote_.toString(); }
  AddressPrefix remotePrefix() const override { return AddressPrefix::of(remote_); }
  bool admit(const std::shared_ptr<WriteGate>& gate) override;
  OutsideWrite writeFromOutside(ByteView bytes) override;
  void goOnFromOutside() override;

 private:
  enum class Stage { New, Connecting, Open, Closed };

  void connect();
  void adopt();
  void becomeOpen();
  void onRead(ssize_t result, const uv_buf_t& buffer);
  ssize_t tryWrite(ByteView bytes);
  void startWrite(std::size_t from);
  void onWritten(int status);
  void writeFailed(int error);
  uv_stream_t* stream() { return reinterpret_cast<uv_stream_t*>(&tcp_); }

  IoLoop& loop_;
  Sink* sink_ = nullptr;
  uv_tcp_t tcp_{};
  union {
    uv_connect_t connect;
    uv_write_t write;
  } request_{};
  SocketAddress remote_;
  std::shared_ptr<WriteGate> gate_;
  Bytes unsent_;     ///< libuv is writing these bytes
  int socket_ = -1;  ///< libuv's; for other threads, and for an accepted socket before open()
  Stage stage_ = Stage::New;
  Reading reading_ = Reading::Off;
  bool accepted_ = false;
  bool writtenOutside_ = false;  ///< unsent_ is the rest of another thread's write; libuv does not have it yet
};

}  // namespace rtm::net
