#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.hpp"
#include "net/io_loop.hpp"
#include "wire/frame.hpp"

namespace rtm::net {

/// Why a link ended.
enum class LinkEndCause {
  PeerClosed,    ///< orderly end by the other side
  NetworkError,  ///< reset, unreachable, timed out by the kernel …
  TlsError,      ///< broken record or alert
  Malformed,     ///< a frame over the limit, or bytes that are no frame
  QueueFull,     ///< the other side reads too slowly: the out-queue passed its bound
};

struct LinkEnd {
  LinkEndCause cause;
  std::string detail;  ///< for the log
};

/// Receives what a link delivers; all calls on the link's loop.
class LinkObserver {
 public:
  /// One whole frame; `body` lives until return. Return false to hear nothing more (the rest of the read is dropped).
  virtual bool onFrame(wire::FrameKind kind, ByteView body) = 0;
  /// After the last frame of one read: the place to acknowledge a batch.
  virtual void onBatchEnd() {}
  /// The out-queue fell below half of its bound after send() had returned false or queuedBytes() had passed it.
  virtual void onDrained() {}
  /// At most once; nothing is called afterwards. Not called when the owner let go of the link first.
  virtual void onLinkEnd(const LinkEnd& end) = 0;

 protected:
  ~LinkObserver() = default;
};

/// One connection that carries frames. Knows nothing of sessions; nothing above it knows of TCP, TLS or (later) UDP.
///
/// send() only appends to the out-queue; everything queued in one turn of the loop leaves in one write at its end,
/// in as few TLS records as possible. Loop thread only.
class Link : protected TurnHook {
 public:
  /// Deletes a link: detaches the observer, closes the connection at once without flushing, frees the memory when the
  /// loop has let go of it. Safe inside the link's own callbacks.
  struct Closer {
    void operator()(Link* link) const { link->destroy(); }
  };

  void setObserver(LinkObserver* observer) { observer_ = observer; }

  /// Queues one frame. False: the body is over 64 KiB, or the queue is over its bound, or the link has ended; nothing
  /// was queued then.
  template <wire::MessageType M>
  bool send(const M& message) {
    if (!accepting()) return false;
    if (!wire::appendFrame(outgoing_, message)) return false;
    queued();
    return true;
  }

  /// Queues bytes that are already whole frames (a channel message is encoded once for all members).
  bool sendEncoded(ByteView frames) {
    if (!accepting()) return false;
    outgoing_.insert(outgoing_.end(), frames.begin(), frames.end());
    queued();
    return true;
  }

  /// Bytes queued here and not yet taken by the kernel.
  std::size_t queuedBytes() const { return outgoing_.size() + unsentBytes(); }
  void setQueueBound(std::size_t bytes) { queueBound_ = bytes; }
  void setFrameLimit(std::size_t maxBody) { decoder_.setLimit(maxBody); }

  /// Back-pressure: stops taking bytes from the socket, so that the peer's TCP stalls. Frames of a read that is being
  /// delivered still come.
  virtual void pauseReading() = 0;
  virtual void resumeReading() = 0;

  /// Sends what is queued, then closes; the observer hears nothing more. The handle may be let go right after: the
  /// link finishes by itself, at most 2 s later.
  virtual void closeAfterFlush() = 0;

  /// IoLoop::now() of the last bytes received: what a heartbeat watches.
  std::uint64_t lastReceivedMs() const { return lastReceivedMs_; }

  /// "[::1]:9136" of the other side.
  virtual std::string remoteAddress() const = 0;

 protected:
  explicit Link(IoLoop& loop) : loop_(loop) {}
  ~Link() override = default;

  virtual void destroy() = 0;
  virtual std::size_t unsentBytes() const = 0;
  bool accepting() const { return open_ && queuedBytes() <= queueBound_; }
  void queued() { loop_.atTurnEnd(*this); }
  /// Decodes a chunk of plaintext and reports its frames. False: stop reading (ended, or observer said so).
  bool deliver(ByteView chunk);
  void reportEnd(LinkEndCause cause, std::string detail);

  IoLoop& loop_;
  LinkObserver* observer_ = nullptr;
  Bytes outgoing_;  ///< plaintext frames of this turn and of turns the socket could not take
  wire::FrameDecoder decoder_;
  std::size_t queueBound_ = 8 * 1024 * 1024;
  std::uint64_t lastReceivedMs_ = 0;
  bool open_ = true;
};

using LinkHandle = std::unique_ptr<Link, Link::Closer>;

}  // namespace rtm::net
