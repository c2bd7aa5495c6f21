#pragma once

#include <memory>
#include <string>

#include "net/admission/handshake_queue.hpp"
#include "net/loop/io_loop.hpp"
#include "net/transport/byte_transport.hpp"
#include "net/transport/tls/tls_layer.hpp"

namespace rtm::net {

/// TLS over another transport. Holds no buffer of its own while the transport below is writable.
class TlsTransport final : public ByteTransport, private ByteTransport::Sink, private HandshakeQueue::Step {
 public:
  /// The client's end. `layer` null (out of memory): open() fails.
  TlsTransport(IoLoop& loop, std::unique_ptr<ByteTransport> below, std::unique_ptr<TlsLayer> layer)
      : loop_(loop), below_(std::move(below)), layer_(std::move(layer)) {}
  /// The server's end, whose handshake waits its turn in `queue`.
  TlsTransport(IoLoop& loop, std::unique_ptr<ByteTransport> below, std::shared_ptr<TlsServerContext> context,
               std::shared_ptr<HandshakeQueue> queue)
      : loop_(loop), below_(std::move(below)), context_(std::move(context)), queue_(std::move(queue)) {}

  void open(ByteTransport::Sink& sink) override;
  void setReading(Reading reading) override { below_->setReading(reading); }
  std::size_t write(Bytes& bytes, std::size_t from) override;
  std::size_t unsentBytes() const override { return below_->unsentBytes(); }
  bool finish() override;
  void close() override;
  bool connected() const override { return below_->connected(); }
  const char* missing() const override;
  std::string remoteAddress() const override { return below_->remoteAddress(); }
  AddressPrefix remotePrefix() const override { return below_->remotePrefix(); }
  LinkInfo info() const override;
  bool admit(const std::shared_ptr<WriteGate>& gate) override { return below_->admit(gate); }
  OutsideWrite writeFromOutside(ByteView bytes) override;
  void goOnFromOutside() override;

 private:
  enum class Stage { Connecting, Handshaking, Open, Failed, Closed };

  void onOpen() override;
  void onOpenFailed(OpenFailure failure) override;
  void onBytes(ByteView bytes, bool last) override;
  void onWritable() override;
  void onWriteFailed(std::string detail) override;
  void onEnd(LinkEndCause cause, std::string detail) override;
  void onClosed() override { sink_->onClosed(); }
  // HandshakeQueue::Step
  void runStep() override;

  void continueHandshake();
  void waitForTurn(ByteView bytes);
  void leaveQueue();
  void failOpening(OpenFailure failure);
  void readRecords();
  void give(Bytes& records);

  IoLoop& loop_;
  ByteTransport::Sink* sink_ = nullptr;
  std::unique_ptr<ByteTransport> below_;
  std::unique_ptr<TlsLayer> layer_;            ///< of a server: null until the client has sent something
  std::shared_ptr<TlsServerContext> context_;  ///< server only, like queue_; null once the layer is made
  std::shared_ptr<HandshakeQueue> queue_;      ///< null once the handshake is over
  Bytes held_;                                 ///< what the client sent while its step waits
  Bytes backlog_;  ///< records of TLS itself that came up while the transport below was busy
  Stage stage_ = Stage::Connecting;
  bool heard_ = false;      ///< at least one byte came
  bool closeSaid_ = false;  ///< finish() has sent its alert
};

}  // namespace rtm::net
