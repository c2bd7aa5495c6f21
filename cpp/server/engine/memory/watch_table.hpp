#pragma once

#include <bit>
#include <cstdint>

#include "server/engine/seam/parameters.hpp"
#include "server/model/names.hpp"
#include "wire/messages.hpp"

namespace rtm::server {

/// Which loops watch which users, in the partition of the watched user. A user need not be logged in, nor exist. A loop
/// watches a user once, however many of its sessions do; the gateway counts the sessions. Pure.
class WatchTable {
 public:
  static_assert(kMaxLoops <= 64, "loops are bits of a word");

  /// `loop` hears of changes from `present` on.
  void watch(const ScopedName& user, std::uint32_t loop, wire::PresenceState present);
  void unwatch(const ScopedName& user, std::uint32_t loop);

  /// The user's state is `state` now. Calls tell(loop) for each watching loop, if that is a change.
  template <typename Tell>
  void changed(const ScopedName& user, wire::PresenceState state, Tell&& tell) {
    const auto found = watched_.find(user);
    if (found == watched_.end() || found->second.state == state) return;
    found->second.state = state;
    for (std::uint64_t left = found->second.loops; left != 0; left &= left - 1) {
      tell(static_cast<std::uint32_t>(std::countr_zero(left)));
    }
  }

  bool empty() const { return watched_.empty(); }
  std::size_t size() const { return watched_.size(); }

 private:
  struct Watched {
    std::uint64_t loops = 0;  ///< bit set
    wire::PresenceState state{};
  };
  ScopedMap<Watched> watched_;
};

}  // namespace rtm::server
