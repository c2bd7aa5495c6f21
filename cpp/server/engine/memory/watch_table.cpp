#include "server/engine/memory/watch_table.hpp"

namespace rtm::server {

void WatchTable::watch(const ScopedName& user, std::uint32_t loop, wire::PresenceState present) {
  auto found = watched_.find(user);
  if (found == watched_.end()) found = watched_.emplace(ScopedKey(user), Watched{0, present}).first;
  found->second.loops |= std::uint64_t{1} << loop;
}

void WatchTable::unwatch(const ScopedName& user, std::uint32_t loop) {
  const auto found = watched_.find(user);
  if (found == watched_.end()) return;
  found->second.loops &= ~(std::uint64_t{1} << loop);
  if (found->second.loops == 0) watched_.erase(found);
}

}  // namespace rtm::server
