#pragma once

#include <atomic>
#include <memory>
#include <mutex>

#include "base/bytes.hpp"

namespace rtm::net {

class IoLoop;
class StreamLink;

/// The way into a link for other threads than its loop's: writes frames at once while the link is idle, so that a lone
/// message does not wait until the loop's thread has woken up (docs/decisions/007).
///
/// Shared by the link and whoever writes; outlives the link, and refuses then.
class WriteGate : public std::enable_shared_from_this<WriteGate> {
 public:
  /// More is a stream, and better left to the loop's thread: the caller's would encrypt instead of making more of it.
  static constexpr std::size_t kMaxBytes = std::size_t{16} * 1024;

  WriteGate(const WriteGate&) = delete;
  WriteGate& operator=(const WriteGate&) = delete;

  /// Any thread but the loop's. Encrypts whole frames and gives them to the socket, and never waits: not for the
  /// loop's thread, and not for the socket (what that does not take goes on at the loop). False: nothing was written,
  /// because it is too much, or the link is at work, has something queued, or has ended; hand the frames over on the
  /// loop instead.
  ///
  /// Frames that the caller queued on the loop before are not overtaken if the caller orders that and this call, by a
  /// lock of its own, say.
  bool tryWrite(ByteView frames);

 private:
  friend class Link;
  friend class StreamLink;
  WriteGate(IoLoop& loop, StreamLink& link) : loop_(loop), link_(&link) {}
  void askLoopToGoOn();

  IoLoop& loop_;
  std::recursive_mutex mutex_;  ///< recursive: links call out, and what they call may call back
  StreamLink* link_;            ///< under the mutex; null: closed for ever
  /// The link's out-queue has frames. Set by the loop's thread without the mutex: see tryWrite() about order.
  std::atomic<bool> queued_{false};
};

}  // namespace rtm::net
