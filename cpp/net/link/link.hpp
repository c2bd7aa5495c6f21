#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

#include "base/bytes.hpp"
#include "net/admission/pending_links.hpp"
#include "net/loop/io_loop.hpp"
#include "net/transport/link_report.hpp"
#include "net/transport/write_gate.hpp"
#include "wire/frame.hpp"

namespace rtm::net {

/// Receives the events of a link; all calls on the link's loop.
class LinkObserver {
 public:
  /// One whole frame; `body` lives until return. Return false to hear nothing more, not even of the end: the link drops
  /// the rest of the read, and its owner closes it or lets go of it.
  virtual bool onFrame(wire::FrameKind kind, ByteView body) = 0;
  /// After the last frame of one read: the place to acknowledge a batch.
  virtual void onBatchEnd() {}
  /// The out-queue fell below half of its bound after send() had returned false or queuedBytes() had passed the bound.
  virtual void onDrained() {}
  /// At most once; nothing is called afterwards. Not called when the owner let go of the link first. The connection is
  /// closed already; the owner still has to let go of the handle, here or later.
  virtual void onLinkEnd(const LinkEnd& end) = 0;

 protected:
  ~LinkObserver() = default;
};

/// One connection that carries frames. Knows nothing of sessions; nothing above a link knows how its bytes travel.
///
/// This class owns the out-queue: send() only appends, and everything queued in one turn of the loop leaves together at
/// the turn's end. FrameLink carries the queue over a stream of bytes. Loop thread only.
class Link : protected TurnHook {
 public:
  /// Deletes a link: detaches the observer, closes the connection at once without flushing, frees the memory when the
  /// loop has let go of it. Safe inside the link's own callbacks.
  struct Closer {
    void operator()(Link* link) const { link->destroy(); }
  };

  /// Must happen before the callback that hands over a new link returns. A link without an observer stands still; an
  /// observer that is set later hears nothing until resumeReading(). May be called again at any time, also inside
  /// onFrame: the next frame goes to the new observer (and is lost if that is null).
  void setObserver(LinkObserver* observer) { observer_ = observer; }

  /// Queues one frame. False: the body is over 64 KiB, or the queue is over its bound, or the link has ended; nothing
  /// was queued then.
  template <wire::MessageType M>
  bool send(const M& message) {
    if (!accepting() || !wire::appendFrame(outgoing_, message)) return false;
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
  std::size_t queuedBytes() const { return outgoing_.size() - taken_ + (stuck_ ? unsentBytes() : 0); }
  void setQueueBound(std::size_t bytes) { queueBound_ = bytes; }
  /// The largest body that the other side may send; holds from the next frame on.
  virtual void setFrameLimit(std::size_t maxBody) = 0;

  /// Back-pressure: stops taking bytes from the socket, so that the other side stalls. The frames of a read that is
  /// being delivered still come. The end of a paused link is noticed when it is resumed, or when sending fails.
  virtual void pauseReading() = 0;
  virtual void resumeReading() = 0;

  /// Sends the queue, then closes; the observer hears nothing more. The owner may let go of the handle at once: the
  /// link finishes by itself, at most 2 s later.
  virtual void closeAfterFlush() = 0;

  /// IoLoop::now() of the last bytes received: the measure of silence.
  std::uint64_t lastReceivedMs() const { return lastReceivedMs_; }

  /// Before the link is ready: whether the other side has answered.
  virtual bool connected() const = 0;
  /// "[::1]:9136" of the other side.
  virtual std::string remoteAddress() const = 0;
  /// Of the other side's address.
  virtual AddressPrefix remotePrefix() const { return {}; }
  virtual LinkInfo info() const { return {}; }
  /// The place of an accepted link among the links whose clients are not logged in. Its owner gives the place back once
  /// the client has logged in.
  PendingPlace& place() { return place_; }

  /// The way for other threads to write while this link is idle; made at the first call, which must not come from a
  /// callback of this link (the code that runs behind the call would not be protected). Null if there is none.
  virtual std::shared_ptr<WriteGate> writeGate() { return nullptr; }

 protected:
  explicit Link(IoLoop& loop) : loop_(loop) {}
  ~Link() override = default;

  virtual void destroy() = 0;
  /// Bytes below the out-queue that wait for the kernel; asked only while stuck_.
  virtual std::size_t unsentBytes() const = 0;
  bool accepting() {
    if (!open_) return false;
    if (queuedBytes() > queueBound_) {
      congested_ = true;
      return false;
    }
    if (outgoing_.capacity() == 0) borrowQueue();
    return true;
  }
  void queued() {
    // The bytes below the queue may leave before the next flush looks, and onDrained() would never come.
    if (stuck_) noteCongestion();
    if (gate_ != nullptr) gate_->setQueued(true);
    loop_.atTurnEnd(*this);
  }
  void reportEnd(LinkEndCause cause, std::string detail);
  ByteView nextToSend() const { return ByteView(outgoing_).subspan(taken_); }
  /// Counts `size` bytes at the front of the out-queue as taken; gives the queue's memory back once it is empty.
  void takeFromQueue(std::size_t size);
  void dropQueue();
  void noteCongestion() { congested_ = congested_ || queuedBytes() > queueBound_; }
  /// Tells the observer if there is room again. May end with this link's destruction.
  void reportDrained();

  IoLoop& loop_;
  LinkObserver* observer_ = nullptr;
  std::shared_ptr<WriteGate> gate_;
  PendingPlace place_;
  Bytes outgoing_;         ///< plaintext frames of this turn and of turns the transport could not take
  std::size_t taken_ = 0;  ///< bytes at the front of outgoing_ that have gone on to the transport
  std::size_t queueBound_ = 8 * 1024 * 1024;
  std::uint64_t lastReceivedMs_ = 0;
  bool open_ = true;
  bool congested_ = false;  ///< onDrained is owed
  bool stuck_ = false;      ///< the transport has not finished a write; the loop's thread alone reads and sets this

 private:
  void borrowQueue();
};

using LinkHandle = std::unique_ptr<Link, Link::Closer>;

}  // namespace rtm::net
