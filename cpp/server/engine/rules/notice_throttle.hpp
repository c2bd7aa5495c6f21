#pragma once

#include <algorithm>
#include <cstdint>

#include "server/engine/seam/engine_constants.hpp"

namespace rtm::server {

/// When the members of a channel are told its attributes: kNoticeBurst notices may come at once, then one in each
/// interval of the member counts (a second, or three in a large channel), always with the newest set. So a write costs
/// its members little, however often somebody writes, and the last state always arrives.
///
/// It also says what a write makes the server send: the whole notice, if no notice was owed yet, or the growth of the
/// owed notice. The sum of what all writers are charged is never less than what the members are sent. Pure: time comes
/// in.
class NoticeThrottle {
 public:
  struct Verdict {
    bool atOnce = false;       ///< tell now; otherwise take() says when
    std::uint64_t charge = 0;  ///< bytes times members that this write adds
  };

  /// A write asks for a notice, or is part of an owed one without asking. `bytes`: size of the notice now.
  Verdict written(std::uint64_t nowMs, std::uint64_t bytes, std::uint64_t members, bool small) {
    if (pending_) {
      const std::uint64_t grown = bytes - std::min(bytes, charged_);
      charged_ += grown;
      return {false, grown * members};
    }
    const std::uint64_t interval = small ? kSmallCountIntervalMs : kLargeCountIntervalMs;
    const std::uint64_t begin = std::max(paceMs_, nowMs);
    paceMs_ = begin + interval;
    const std::uint64_t dueMs = begin - std::min(begin, (kNoticeBurst - 1) * interval);
    if (dueMs > nowMs) {
      pending_ = true;
      dueMs_ = dueMs;
      charged_ = bytes;
    }
    return {!pending_, bytes * members};
  }
  bool pending() const { return pending_; }

  /// True if the owed notice is to be told now; it counts as told then.
  bool take(std::uint64_t nowMs) {
    if (!pending_ || nowMs < dueMs_) return false;
    pending_ = false;
    return true;
  }

 private:
  bool pending_ = false;
  std::uint64_t dueMs_ = 0;    ///< of the owed notice
  std::uint64_t charged_ = 0;  ///< bytes of the owed notice that writers have been charged
  std::uint64_t paceMs_ = 0;   ///< rises by an interval with each notice; the burst is how far it may be ahead of now
};

}  // namespace rtm::server
