#pragma once

#include <cstddef>
#include <memory>
#include <string>

#include "base/bytes.hpp"
#include "net/admission/address_prefix.hpp"
#include "net/transport/connect_error.hpp"
#include "net/transport/link_report.hpp"

namespace rtm::net {

class WriteGate;

/// A two-way stream of bytes: TCP, TLS over another transport, memory in tests. Knows no frames and keeps no out-queue.
///
/// A transport calls its sink once for each read and each finished write, never once for each message. Loop thread
/// only, except writeFromOutside(). Layers stack: a TLS transport owns the transport below and is its sink.
class ByteTransport {
 public:
  /// Receives the events of a transport; all calls on the loop. A sink may call close() in every one of them.
  class Sink {
   public:
    /// Ready for bytes in both directions. At most one of onOpen() and onOpenFailed() is called.
    virtual void onOpen() = 0;
    /// Before onOpen(), of a transport that a listener accepted: the other side has sent something that waits for this
    /// side (`waitsForUs`), or this side waits for more.
    virtual void onOpening(bool /*waitsForUs*/) {}
    virtual void onOpenFailed(OpenFailure failure) = 0;
    /// One piece of a read, valid until return; `last` marks the final piece, which may be empty. Pieces of one read
    /// still come after setReading(Reading::Off).
    virtual void onBytes(ByteView bytes, bool last) = 0;
    /// The transport is no longer busy().
    virtual void onWritable() = 0;
    /// Nothing can be written any more. Reading goes on: the other side may have said why before it went.
    virtual void onWriteFailed(std::string detail) = 0;
    /// The stream is over; nothing but onClosed() follows once close() is called.
    virtual void onEnd(LinkEndCause cause, std::string detail) = 0;
    /// The last call, after close(): the sink may destroy the transport inside.
    virtual void onClosed() = 0;

   protected:
    ~Sink() = default;
  };

  enum class Reading {
    Off,
    On,
    Discard,  ///< reads only to notice the end
  };

  virtual ~ByteTransport() = default;
  ByteTransport(const ByteTransport&) = delete;
  ByteTransport& operator=(const ByteTransport&) = delete;

  /// Begins: connects, shakes hands. Once. May call onOpenFailed() inside; a transport that a listener accepted may
  /// call onOpen() inside, a transport that was dialled must not: the connector does not know the link yet. From here
  /// on the owner must call close() and wait for onClosed() before it destroys the transport.
  virtual void open(Sink& sink) = 0;
  /// After onOpen(). The owner calls it once inside onOpen(): until then the state is the transport's own.
  virtual void setReading(Reading reading) = 0;

  /// Whether an earlier write is unfinished. onWritable() tells the end.
  bool busy() const { return busy_; }
  /// Sends `bytes` from `from` on; not while busy(). Returns how many bytes it took. May swap `bytes` for an empty
  /// vector, so that a partial write costs no copy. May call onWriteFailed() or onEnd() inside, and returns 0 then.
  virtual std::size_t write(Bytes& bytes, std::size_t from) = 0;
  /// Bytes that write() took and the kernel did not yet.
  virtual std::size_t unsentBytes() const = 0;
  /// Says that no more bytes come. False: call again after onWritable().
  virtual bool finish() = 0;
  /// Closes at once; unsent bytes are lost. Idempotent. onClosed() comes later, never inside.
  virtual void close() = 0;

  /// Before onOpen(): whether the other side has answered.
  virtual bool connected() const = 0;
  /// Before onOpen(): the missing step, as in "no connection".
  virtual const char* missing() const = 0;
  /// "[::1]:9136" of the other side.
  virtual std::string remoteAddress() const = 0;
  /// Whose share of the listener's places and time this connection uses.
  virtual AddressPrefix remotePrefix() const { return {}; }
  virtual LinkInfo info() const { return {}; }

  enum class OutsideWrite {
    Refused,  ///< nothing was written
    Sent,
    Rest,  ///< the socket took a part; goOnFromOutside() sends the rest
  };
  /// After onOpen(). True: other threads may write under the lock of `gate`, and this transport takes the same lock in
  /// every callback of the loop. False (the default): only the loop writes.
  virtual bool admit(const std::shared_ptr<WriteGate>& /*gate*/) { return false; }
  /// Another thread, with the gate's lock. Never waits.
  virtual OutsideWrite writeFromOutside(ByteView /*bytes*/) { return OutsideWrite::Refused; }
  /// Loop thread, with the gate's lock.
  virtual void goOnFromOutside() {}

 protected:
  ByteTransport() = default;
  bool busy_ = false;  ///< under the lock of the gate, once there is one
};

}  // namespace rtm::net
