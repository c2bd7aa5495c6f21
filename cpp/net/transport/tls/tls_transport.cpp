#include "net/transport/tls/tls_transport.hpp"

#include <algorithm>
#include <utility>

#include "net/loop/loop_buffers.hpp"
#include "net/transport/tls/client_hello.hpp"

namespace rtm::net {
namespace {

/// The most that one write() encrypts. Enough for full records and few system calls; the part that the kernel refuses
/// stays in memory as ciphertext, so a larger piece would cost memory.
constexpr std::size_t kFlushBytes = 16 * LoopBuffers::kRecordBytes;
/// More than TLS itself has any reason to say while a write is stuck.
constexpr std::size_t kMaxBacklog = 64 * 1024;
/// The most that a client sends in a handshake before it has to wait for an answer; a read brings no more.
constexpr std::size_t kMaxHeld = 64 * 1024;

}  // namespace

void TlsTransport::open(ByteTransport::Sink& sink) {
  sink_ = &sink;
  below_->open(*this);
}

const char* TlsTransport::missing() const {
  return stage_ == Stage::Connecting ? below_->missing() : "TLS handshake not done";
}

void TlsTransport::onOpen() {
  const bool server = context_ != nullptr;
  if (!server && layer_ == nullptr) return failOpening({ConnectError::Unreachable, "TLS: out of memory", true});
  stage_ = Stage::Handshaking;
  below_->setReading(Reading::On);
  if (!server) continueHandshake();
}

void TlsTransport::onOpenFailed(OpenFailure failure) {
  failOpening(std::move(failure));
}

void TlsTransport::failOpening(OpenFailure failure) {
  stage_ = Stage::Failed;
  leaveQueue();
  sink_->onOpenFailed(std::move(failure));
}

void TlsTransport::onBytes(ByteView bytes, bool) {
  heard_ = true;
  if (stage_ == Stage::Handshaking && queue_ != nullptr) return waitForTurn(bytes);
  layer_->feed(bytes);
  if (stage_ == Stage::Handshaking) continueHandshake();
  if (stage_ == Stage::Open) readRecords();
  layer_->feed({});
}

void TlsTransport::waitForTurn(ByteView bytes) {
  if (held_.size() + bytes.size() > kMaxHeld) {
    return failOpening({ConnectError::NotTls, "TLS: more bytes than a handshake needs", true});
  }
  held_.insert(held_.end(), bytes.begin(), bytes.end());
  const bool first = context_ != nullptr;
  if (first) {
    const ClientHello hello = lookAtClientHello(held_);
    if (hello == ClientHello::TooLong) {
      return failOpening({ConnectError::NotTls, "TLS: the ClientHello is longer than its record", true});
    }
    if (hello == ClientHello::Partial) return sink_->onOpening(false);
  }
  below_->setReading(Reading::Off);
  queue_->add(*this, remotePrefix(), !first);
  sink_->onOpening(true);
}

void TlsTransport::runStep() {
  // Later bytes need the layer at once. It was not made before: it costs more memory than all else of a connection.
  if (const auto context = std::exchange(context_, nullptr)) layer_ = TlsLayer::server(*context);
  if (layer_ == nullptr) return failOpening({ConnectError::Unreachable, "TLS: out of memory", true});
  const Bytes bytes = std::exchange(held_, {});
  layer_->feed(bytes);
  continueHandshake();
  if (stage_ == Stage::Open) readRecords();
  layer_->feed({});
  if (stage_ != Stage::Handshaking) return;
  below_->setReading(Reading::On);
  sink_->onOpening(false);
}

void TlsTransport::leaveQueue() {
  if (const auto queue = std::exchange(queue_, nullptr)) queue->remove(*this, remotePrefix());
  held_ = {};
}

void TlsTransport::continueHandshake() {
  Bytes& records = loop_.buffers().cipher;
  records.clear();
  const TlsLayer::Status status = layer_->handshake(records);
  if (status == TlsLayer::Status::Failed || status == TlsLayer::Status::Closed) {
    stage_ = Stage::Failed;
    // The alert in `records` tells the other side why. If the socket does not take it now, the alert is lost: our own
    // finding, which is reported here, says more.
    if (!records.empty() && !below_->busy()) below_->write(records, 0);
    return failOpening(
        {layer_->failureCode(),
         status == TlsLayer::Status::Closed ? "closed during the TLS handshake" : "TLS: " + layer_->error(), true});
  }
  if (!records.empty()) give(records);
  if (stage_ != Stage::Handshaking || status != TlsLayer::Status::Ok) return;
  stage_ = Stage::Open;
  if (queue_ != nullptr) sink_->onOpening(false);  // from here on this side waits for the client again
  queue_ = nullptr;
  sink_->onOpen();
}

/// Decrypts all whole records that have been fed.
void TlsTransport::readRecords() {
  LoopBuffers& buffers = loop_.buffers();
  TlsLayer::Status status = TlsLayer::Status::Ok;
  while (status == TlsLayer::Status::Ok) {
    std::size_t count = 0;
    buffers.cipher.clear();
    status = layer_->read(buffers.plain, count, buffers.cipher);
    if (!buffers.cipher.empty()) give(buffers.cipher);
    if (stage_ != Stage::Open) return;
    // Also without plaintext: a part of a record shows that the other side lives.
    sink_->onBytes(ByteView(buffers.plain).first(count), status != TlsLayer::Status::Ok);
    if (stage_ != Stage::Open) return;
  }
  if (status == TlsLayer::Status::Closed) return sink_->onEnd(LinkEndCause::PeerClosed, "closed by the other side");
  if (status == TlsLayer::Status::Failed) sink_->onEnd(LinkEndCause::TlsError, layer_->error());
}

std::size_t TlsTransport::write(Bytes& bytes, std::size_t from) {
  const ByteView part = ByteView(bytes).subspan(from, std::min(bytes.size() - from, kFlushBytes));
  Bytes& records = loop_.buffers().cipher;
  records.clear();
  if (layer_->write(part, records) != TlsLayer::Status::Ok) {
    sink_->onEnd(LinkEndCause::TlsError, layer_->error());
    return 0;
  }
  const std::size_t size = part.size();
  give(records);
  return stage_ == Stage::Open ? size : 0;
}

/// Hands records to the transport below, in order, and uses up `records`. The sink may close this transport inside.
void TlsTransport::give(Bytes& records) {
  if (below_->busy()) {
    backlog_.insert(backlog_.end(), records.begin(), records.end());
    if (backlog_.size() <= kMaxBacklog) return;
    return onEnd(LinkEndCause::QueueFull, "the other side makes TLS talk but does not read");
  }
  below_->write(records, 0);
  busy_ = below_->busy();
}

void TlsTransport::onWritable() {
  if (!backlog_.empty()) {
    Bytes backlog = std::exchange(backlog_, {});
    below_->write(backlog, 0);
  }
  busy_ = below_->busy();
  if (!busy_ && stage_ == Stage::Open) sink_->onWritable();
}

void TlsTransport::onWriteFailed(std::string detail) {
  backlog_ = {};
  if (stage_ == Stage::Handshaking) return failOpening({ConnectError::Unreachable, std::move(detail), true});
  if (stage_ == Stage::Open) sink_->onWriteFailed(std::move(detail));
}

void TlsTransport::onEnd(LinkEndCause cause, std::string detail) {
  if (stage_ == Stage::Open) return sink_->onEnd(cause, std::move(detail));
  if (stage_ != Stage::Handshaking) return;
  detail += heard_ ? " during the TLS handshake" : " instead of a TLS handshake (a plaintext port?)";
  failOpening({ConnectError::Unreachable, std::move(detail), true});
}

bool TlsTransport::finish() {
  if (busy_) return false;
  if (!closeSaid_) {
    closeSaid_ = true;
    Bytes& records = loop_.buffers().cipher;
    records.clear();
    layer_->close(records);
    give(records);
    if (busy_ || stage_ != Stage::Open) return false;
  }
  return below_->finish();
}

void TlsTransport::close() {
  if (stage_ == Stage::Closed) return;
  stage_ = Stage::Closed;
  leaveQueue();
  backlog_ = {};
  below_->close();
}

LinkInfo TlsTransport::info() const {
  return {true, layer_->resumed(), layer_->protocol()};
}

ByteTransport::OutsideWrite TlsTransport::writeFromOutside(ByteView bytes) {
  if (busy_) return OutsideWrite::Refused;
  thread_local Bytes records;  // the loop's buffers belong to the loop's thread
  records.clear();
  // A failure concerns the whole connection. The loop meets it with its next record and reports it.
  if (layer_->write(bytes, records) != TlsLayer::Status::Ok) return OutsideWrite::Refused;
  const OutsideWrite result = below_->writeFromOutside(records);
  busy_ = below_->busy();
  return result;
}

void TlsTransport::goOnFromOutside() {
  below_->goOnFromOutside();
  busy_ = below_->busy();
}

}  // namespace rtm::net
