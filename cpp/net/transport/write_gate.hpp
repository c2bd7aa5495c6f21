#pragma once

#include <atomic>
#include <memory>
#include <mutex>

#include "base/bytes.hpp"
#include "net/transport/byte_transport.hpp"

namespace rtm::net {

class IoLoop;

/// The way into a link for threads other than the loop's: writes frames at once while the link is idle, so that a lone
/// message does not wait until the loop's thread has woken up (docs/decisions/007).
///
/// Shared by the link and its writers; outlives the link, and refuses then.
class WriteGate : public std::enable_shared_from_this<WriteGate> {
 public:
  /// A longer write is a stream: the loop's thread encrypts it, while the caller's thread makes the next message.
  static constexpr std::size_t kMaxBytes = std::size_t{16} * 1024;

  /// The link behind the gate. Both calls come with the gate's lock.
  class Target {
   public:
    virtual ByteTransport::OutsideWrite writeFromOutside(ByteView frames) = 0;
    /// Loop thread: sends the rest of a write that the socket took in part.
    virtual void goOnFromOutside() = 0;

   protected:
    ~Target() = default;
  };

  using Hold = std::unique_lock<std::recursive_mutex>;

  WriteGate(IoLoop& loop, Target& target, bool queued) : loop_(loop), target_(&target), queued_(queued) {}
  WriteGate(const WriteGate&) = delete;
  WriteGate& operator=(const WriteGate&) = delete;

  /// Any thread but the loop's. Encrypts whole frames and gives them to the socket. Never waits, neither for the
  /// loop's thread nor for the socket: the loop sends the part that the socket did not take. False: nothing was
  /// written, because the frames are over kMaxBytes, or the link is at work, has frames queued, or has ended. Hand the
  /// frames over on the loop then.
  ///
  /// Frames that the caller queued on the loop before are not overtaken if the caller orders both calls, by a lock of
  /// its own, say.
  bool tryWrite(ByteView frames);

  // For the link and its transport.

  /// Keeps other threads out while the loop's thread works on the link; costs nothing without a gate.
  static Hold hold(const std::shared_ptr<WriteGate>& gate) { return gate != nullptr ? Hold(gate->mutex_) : Hold(); }
  /// With hold(): refuses from now on.
  void close() { target_ = nullptr; }
  /// Loop thread: whether the link's out-queue has frames.
  void setQueued(bool queued) { queued_.store(queued, std::memory_order_relaxed); }

 private:
  void askLoopToGoOn();

  IoLoop& loop_;
  std::recursive_mutex mutex_;  ///< recursive: links call out, and the callee may call back
  Target* target_;              ///< under the mutex; null: closed for ever
  /// Set by the loop's thread without the mutex: see tryWrite() about order.
  std::atomic<bool> queued_;
};

}  // namespace rtm::net
