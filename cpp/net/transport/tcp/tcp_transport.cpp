#include "net/transport/tcp/tcp_transport.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <utility>

#include "net/loop/loop_buffers.hpp"
#include "net/transport/write_gate.hpp"

namespace rtm::net {
namespace {

TcpTransport& transportOf(void* data) {
  return *static_cast<TcpTransport*>(data);
}

}  // namespace

TcpTransport::~TcpTransport() {
  if (stage_ == Stage::New && accepted_) ::close(socket_);
}

void TcpTransport::open(Sink& sink) {
  sink_ = &sink;
  uv_tcp_init(loop_.uv(), &tcp_);
  tcp_.data = this;
  stage_ = Stage::Connecting;
  accepted_ ? adopt() : connect();
}

void TcpTransport::connect() {
  const int error = uv_tcp_connect(&request_.connect, &tcp_, remote_.get(), [](uv_connect_t* request, int status) {
    TcpTransport& self = transportOf(request->handle->data);
    if (self.stage_ != Stage::Connecting) return;  // closed meanwhile
    if (status == 0) return self.becomeOpen();
    self.sink_->onOpenFailed({ConnectError::Unreachable, uv_strerror(status), false});
  });
  if (error != 0) sink_->onOpenFailed({ConnectError::Unreachable, uv_strerror(error), false});
}

void TcpTransport::adopt() {
  const int error = uv_tcp_open(&tcp_, socket_);
  if (error == 0) return becomeOpen();
  ::close(socket_);
  sink_->onOpenFailed({ConnectError::Unreachable, uv_strerror(error), false});
}

void TcpTransport::becomeOpen() {
  stage_ = Stage::Open;
  uv_tcp_nodelay(&tcp_, 1);  // each turn's bytes leave at once; the link gathers them itself
  sink_->onOpen();
}

void TcpTransport::setReading(Reading reading) {
  if (stage_ != Stage::Open) return;
  const bool was = std::exchange(reading_, reading) != Reading::Off;
  const bool wanted = reading != Reading::Off;
  if (was == wanted) return;
  if (!wanted) {
    uv_read_stop(stream());
    return;
  }
  const auto onBuffer = [](uv_handle_t* handle, std::size_t, uv_buf_t* buffer) {
    LoopBuffers& buffers = transportOf(handle->data).loop_.buffers();
    *buffer = uv_buf_init(reinterpret_cast<char*>(buffers.socket.data()), LoopBuffers::kSocketBytes);
  };
  uv_read_start(stream(), onBuffer, [](uv_stream_t* handle, ssize_t result, const uv_buf_t* buffer) {
    transportOf(handle->data).onRead(result, *buffer);
  });
}

void TcpTransport::onRead(ssize_t result, const uv_buf_t& buffer) {
  if (stage_ != Stage::Open || result == 0) return;
  const auto held = WriteGate::hold(gate_);
  if (result > 0) {
    ++loop_.counters().reads;
    if (reading_ == Reading::Discard) return;
    return sink_->onBytes({reinterpret_cast<const std::uint8_t*>(buffer.base), static_cast<std::size_t>(result)}, true);
  }
  if (result == UV_EOF) return sink_->onEnd(LinkEndCause::PeerClosed, "the other side closed the connection");
  sink_->onEnd(LinkEndCause::NetworkError, uv_strerror(static_cast<int>(result)));
}

std::size_t TcpTransport::write(Bytes& bytes, std::size_t from) {
  const ByteView next = ByteView(bytes).subspan(from);
  const ssize_t written = tryWrite(next);
  if (written < 0) return 0;
  if (static_cast<std::size_t>(written) == next.size()) return next.size();
  const std::size_t size = next.size();
  unsent_.swap(bytes);
  startWrite(from + static_cast<std::size_t>(written));
  return busy_ ? size : 0;
}

/// How many bytes the kernel took at once; negative: writing has failed, and this transport may be closed.
ssize_t TcpTransport::tryWrite(ByteView bytes) {
  uv_buf_t buffer = uv_buf_init(reinterpret_cast<char*>(const_cast<std::uint8_t*>(bytes.data())),
                                static_cast<unsigned>(bytes.size()));
  const int written = uv_try_write(stream(), &buffer, 1);
  if (written == UV_EAGAIN) return 0;
  if (written < 0) {
    writeFailed(written);
    return -1;
  }
  ++loop_.counters().writes;
  return written;
}

void TcpTransport::startWrite(std::size_t from) {
  uv_buf_t buffer =
      uv_buf_init(reinterpret_cast<char*>(unsent_.data() + from), static_cast<unsigned>(unsent_.size() - from));
  const int error = uv_write(&request_.write, stream(), &buffer, 1, [](uv_write_t* request, int status) {
    transportOf(request->handle->data).onWritten(status);
  });
  busy_ = error == 0;
  if (error != 0) writeFailed(error);
}

void TcpTransport::onWritten(int status) {
  const auto held = WriteGate::hold(gate_);
  busy_ = false;
  if (stage_ != Stage::Open) return;
  loop_.buffers().giveBack(unsent_);
  if (status < 0) return writeFailed(status);
  sink_->onWritable();
}

void TcpTransport::writeFailed(int error) {
  sink_->onWriteFailed(uv_strerror(error));
}

std::size_t TcpTransport::unsentBytes() const {
  return uv_stream_get_write_queue_size(reinterpret_cast<const uv_stream_t*>(&tcp_));
}

bool TcpTransport::finish() {
  if (busy_) return false;
  uv_os_fd_t socket = -1;
  if (uv_fileno(reinterpret_cast<uv_handle_t*>(&tcp_), &socket) == 0) ::shutdown(socket, SHUT_WR);
  return true;
}

void TcpTransport::close() {
  if (stage_ == Stage::Closed) return;
  stage_ = Stage::Closed;
  uv_close(reinterpret_cast<uv_handle_t*>(&tcp_),
           [](uv_handle_t* handle) { transportOf(handle->data).sink_->onClosed(); });
}

bool TcpTransport::admit(const std::shared_ptr<WriteGate>& gate) {
  if (uv_fileno(reinterpret_cast<uv_handle_t*>(&tcp_), &socket_) != 0) return false;
  gate_ = gate;
  return true;
}

ByteTransport::OutsideWrite TcpTransport::writeFromOutside(ByteView bytes) {
  if (busy_) return OutsideWrite::Refused;
  const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  // The loop meets the same error when it goes on, and reports it.
  const std::size_t written = sent > 0 ? static_cast<std::size_t>(sent) : 0;
  if (written == bytes.size()) return OutsideWrite::Sent;
  const ByteView rest = bytes.subspan(written);
  unsent_.assign(rest.begin(), rest.end());
  busy_ = true;
  writtenOutside_ = true;
  return OutsideWrite::Rest;
}

void TcpTransport::goOnFromOutside() {
  if (std::exchange(writtenOutside_, false)) startWrite(0);
}

}  // namespace rtm::net
