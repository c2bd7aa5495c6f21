#include "net/transport/udp/udp_transport.hpp"

#include <openssl/rand.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "net/transport/tls/tls_layer.hpp"

namespace rtm::net {
namespace {

/// What a stream holds of bytes that have not left once. Those on their way are counted nowhere, as in a kernel.
constexpr std::size_t kMostWaiting = 128 * 1024;

ConnectionId randomId() {
  ConnectionId id;
  // Ids that are equal only fail; without random bytes there is no TLS either.
  RAND_bytes(id.bytes.data(), static_cast<int>(id.bytes.size()));
  return id;
}

}  // namespace

UdpTransport::UdpTransport(IoLoop& loop, const SocketAddress& server, std::unique_ptr<TlsLayer> layer, Bytes token)
    : loop_(loop), timer_(loop, [this] { pump(); }) {
  shared_.counts = &ownCounts_;
  session_ = DatagramSession::client(randomId(), server, std::move(layer), std::move(token), *this);
}

UdpTransport::UdpTransport(IoLoop& loop, const ConnectionId& id, const SocketAddress& client,
                           DatagramHandshake::MakeLayer makeLayer, Shared shared)
    : loop_(loop), shared_(std::move(shared)), timer_(loop, [this] { pump(); }) {
  session_ = DatagramSession::server(id, client, std::move(makeLayer), *this);
}

UdpTransport::~UdpTransport() {
  leave();
}

Micros UdpTransport::nowMicros() {
  return uv_hrtime() / 1000;
}

void UdpTransport::open(ByteTransport::Sink& sink) {
  sink_ = &sink;
  uv_check_init(loop_.uv(), &handle_);
  handle_.data = this;
  stage_ = Stage::Opening;
  if (shared_.socket == nullptr) {
    auto socket = UdpSocket::connect(loop_, session_->remote(), *this);
    if (!socket) {
      stage_ = Stage::Ended;
      return sink_->onOpenFailed({ConnectError::Unreachable, socket.failure().message, false});
    }
    own_ = std::move(socket.value());
    shared_.socket = own_.get();
  }
  work();
}

/// After anything has happened: lets TLS work, and sends at the end of the turn.
void UdpTransport::work() {
  if (session_->wantsStep()) {
    if (shared_.handshakes != nullptr) {
      shared_.handshakes->add(*this, remotePrefix(), !session_->fresh());
      sink_->onOpening(true);
    } else {
      session_->step(nowMicros());
    }
  }
  if (stage_ != Stage::Closed) loop_.atTurnEnd(*this);
}

void UdpTransport::runStep() {
  session_->step(nowMicros());
  if (stage_ == Stage::Opening) sink_->onOpening(false);
  work();
}

void UdpTransport::onSessionOpen() {
  if (stage_ != Stage::Opening) return;
  stage_ = Stage::Open;
  session_->stream().pause();  // until the sink says how it reads
  if (shared_.handshakes != nullptr) sink_->onOpening(false);
  sink_->onOpen();
}

void UdpTransport::onSessionFailed(OpenFailure failure) {
  if (stage_ != Stage::Opening) return;
  // The alert of TLS tells the other side why; nobody repeats it if it gets lost.
  session_->pump(nowMicros(), *this);
  stage_ = Stage::Ended;
  sink_->onOpenFailed(std::move(failure));
}

void UdpTransport::setReading(Reading reading) {
  reading_ = reading;
  if (stage_ != Stage::Open) return;
  // What came meanwhile is not delivered inside, as it would not be from a socket.
  if (reading == Reading::Off) session_->stream().pause();
  loop_.atTurnEnd(*this);
}

void UdpTransport::datagramCame(const SocketAddress& from, const Datagram& datagram, ByteView whole) {
  if (stage_ != Stage::Opening && stage_ != Stage::Open) return;
  const Micros now = nowMicros();
  if (session_->datagramCame(now, from, datagram, whole, *shared_.counts)) heard_ = true;
  if (stage_ == Stage::Closed) return;
  work();
  if (session_->mustAnswer(now)) pump();
}

void UdpTransport::onDatagram(const SocketAddress& from, ByteView bytes) {
  ++ownCounts_.received;
  const auto datagram = parseDatagram(bytes);
  if (!datagram) {
    ++ownCounts_.malformed;
    return;
  }
  datagramCame(from, *datagram, bytes);
}

/// Before the first sealed datagram an error of the network is an answer; later anybody who can forge one could end a
/// link.
void UdpTransport::onSocketError(int error) {
  if (stage_ != Stage::Opening) return;
  stage_ = Stage::Ended;
  sink_->onOpenFailed({ConnectError::Unreachable, std::string("UDP: ") + std::strerror(error), false});
}

void UdpTransport::onStreamBytes(ByteView bytes) {
  if (stage_ == Stage::Open) sink_->onBytes(bytes, false);
}

void UdpTransport::onStreamEnd() {
  end(LinkEndCause::PeerClosed, "closed by the other side");
}

void UdpTransport::onSessionEnd(LinkEndCause cause, std::string detail) {
  end(cause, std::move(detail));
}

void UdpTransport::end(LinkEndCause cause, std::string detail) {
  if (stage_ != Stage::Open) return;
  // As of a socket, the end stands behind what has not been read.
  if (reading_ == Reading::Off) {
    end_ = std::make_unique<LinkEnd>(LinkEnd{cause, std::move(detail)});
    return;
  }
  sink_->onEnd(cause, std::move(detail));
}

void UdpTransport::onTurnEnd() {
  // An acknowledgement shows that the other side lives, and is the end of a read like any other.
  if (std::exchange(heard_, false) && stage_ == Stage::Open) sink_->onBytes({}, true);
  if (stage_ == Stage::Open && reading_ != Reading::Off) {
    session_->resume(nowMicros());
    if (const auto last = reading_ != Reading::Off ? std::move(end_) : nullptr) end(last->cause, last->detail);
  }
  pump();
  goOn();
}

void UdpTransport::pump() {
  if (stage_ != Stage::Opening && stage_ != Stage::Open) return;
  const Micros now = nowMicros();
  session_->pump(now, *this);
  const auto due = session_->dueAt(now);
  if (!due) return timer_.cancel();
  timer_.arm(*due > now ? (*due - now + kMillisecond - 1) / kMillisecond : 0);
}

void UdpTransport::goOn() {
  if (stage_ != Stage::Open || !busy_ || !session_->open()) return;
  if (session_->stream().waiting() > kMostWaiting / 2) return;
  busy_ = false;
  unsent_ = session_->stream().waiting();
  sink_->onWritable();
}

std::size_t UdpTransport::write(Bytes& bytes, std::size_t from) {
  if (!session_->open()) return 0;
  Stream& stream = session_->stream();
  const ByteView part = ByteView(bytes).subspan(from, std::min(bytes.size() - from, kMostWaiting));
  stream.write(part);
  pump();
  unsent_ = stream.waiting();
  busy_ = unsent_ > kMostWaiting / 2;
  return part.size();
}

bool UdpTransport::finish() {
  if (!session_->open()) return true;
  session_->stream().finish();
  pump();
  return true;
}

void UdpTransport::send(const SocketAddress& to, ByteView datagram) {
  if (shared_.socket == nullptr) return;
  ++shared_.counts->sent;
  shared_.socket->send(to, datagram);
}

void UdpTransport::leave() {
  if (const auto handshakes = std::exchange(shared_.handshakes, nullptr)) handshakes->remove(*this, remotePrefix());
  if (auto onGone = std::exchange(shared_.onGone, nullptr)) onGone();
  shared_.socket = nullptr;
}

void UdpTransport::close() {
  if (stage_ == Stage::Closed) return;
  session_->close(*this);
  stage_ = Stage::Closed;
  timer_.cancel();
  leave();
  own_.reset();
  uv_close(reinterpret_cast<uv_handle_t*>(&handle_),
           [](uv_handle_t* handle) { static_cast<UdpTransport*>(handle->data)->sink_->onClosed(); });
}

LinkInfo UdpTransport::info() const {
  return {true, session_->resumed(), "TLSv1.3"};
}

}  // namespace rtm::net
