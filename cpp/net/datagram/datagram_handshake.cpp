#include "net/datagram/datagram_handshake.hpp"

#include <array>
#include <utility>

#include "net/transport/tls/client_hello.hpp"

namespace rtm::net {
namespace {

/// More than a handshake with a long chain of certificates needs.
constexpr std::size_t kMostHandshakeBytes = 64 * 1024;

}  // namespace

DatagramHandshake::DatagramHandshake(ClearStream::Role role, const ConnectionId& id, Bytes token)
    : client_(role == ClearStream::Role::Client), stream_(role, id, std::move(token)) {}

std::unique_ptr<DatagramHandshake> DatagramHandshake::client(const ConnectionId& id, std::unique_ptr<TlsLayer> layer,
                                                             Bytes token) {
  std::unique_ptr<DatagramHandshake> made(new DatagramHandshake(ClearStream::Role::Client, id, std::move(token)));
  made->layer_ = std::move(layer);
  return made;
}

std::unique_ptr<DatagramHandshake> DatagramHandshake::server(const ConnectionId& id, MakeLayer makeLayer) {
  std::unique_ptr<DatagramHandshake> made(new DatagramHandshake(ClearStream::Role::Server, id, {}));
  made->makeLayer_ = std::move(makeLayer);
  return made;
}

void DatagramHandshake::onStreamBytes(ByteView bytes) {
  if (ticketCame_ || (!client_ && secrets_)) return;  // nobody reads it any more
  heard_ += bytes.size();
  if (heard_ > kMostHandshakeBytes) return fail(ConnectError::NotTls, "TLS: more bytes than a handshake needs");
  held_.insert(held_.end(), bytes.begin(), bytes.end());
  if (makeLayer_ && lookAtClientHello(held_) == ClientHello::TooLong)
    fail(ConnectError::NotTls, "TLS: the ClientHello is longer than its record");
}

bool DatagramHandshake::wantsStep() const {
  if (!error_.empty() || ticketCame_) return false;
  if (client_ && !begun_) return true;
  if (!client_ && secrets_) return false;  // the layer is gone
  return !held_.empty() && (!makeLayer_ || lookAtClientHello(held_) == ClientHello::Whole);
}

void DatagramHandshake::step() {
  begun_ = true;
  if (auto make = std::exchange(makeLayer_, nullptr)) layer_ = make();
  if (layer_ == nullptr) return fail(ConnectError::Unreachable, "TLS: out of memory");
  const Bytes bytes = std::exchange(held_, {});
  Bytes out;
  layer_->feed(bytes);
  if (!secrets_) shakeHands(out);
  if (secrets_ && client_) readTicket(out);
  if (layer_ != nullptr) layer_->feed({});
  stream_.write(out);
}

void DatagramHandshake::shakeHands(Bytes& out) {
  const TlsLayer::Status status = layer_->handshake(out);
  if (status == TlsLayer::Status::NeedsMore) return;
  if (status != TlsLayer::Status::Ok) {
    const bool closed = status == TlsLayer::Status::Closed;
    return fail(layer_->failureCode(), closed ? "closed during the TLS handshake" : "TLS: " + layer_->error());
  }
  resumed_ = layer_->resumed();
  secrets_ = DatagramSecrets::of(*layer_);
  if (!secrets_) return fail(ConnectError::NotTls, "TLS: datagrams need TLS 1.3, this is " + layer_->protocol());
  // The ticket of a server is in `out`: the largest object of a link is not needed any more.
  if (!client_) layer_.reset();
}

/// The ticket of the server is all that comes behind a handshake, and makes the next one shorter.
void DatagramHandshake::readTicket(Bytes& out) {
  const std::size_t before = layer_->rest().size();
  std::array<std::uint8_t, 64> nothing{};
  std::size_t count = 0;
  layer_->read(nothing, count, out);
  if (before == 0 || !layer_->rest().empty()) return;
  ticketCame_ = true;
  layer_.reset();
}

void DatagramHandshake::fail(ConnectError code, std::string error) {
  if (!error_.empty()) return;
  failureCode_ = code;
  error_ = std::move(error);
  held_ = {};
}

void DatagramHandshake::otherSideDone() {
  // The ticket of a server may still be on its way to a client that has sealed.
  if (client_) stream_.abandon();
}

}  // namespace rtm::net
