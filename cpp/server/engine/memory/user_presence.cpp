// What others see of a user: whether it is online, and the attributes of its session (spec semantics §5, §6).

#include "server/engine/memory/user_table.hpp"
#include "server/model/codes.hpp"

namespace rtm::server {

wire::PresenceState UserTable::presence(const ScopedName& name) const {
  const auto found = users_.find(name);
  if (found == users_.end()) return wire::PresenceState::Offline;
  const User& user = *found->second;
  if (user.state != State::Ending) {
    return user.silent ? wire::PresenceState::Unreachable : wire::PresenceState::Online;
  }
  // A kicked session ends under the eyes of its successor: nobody hears of an OFFLINE that lasts a turn.
  return user.waiting ? wire::PresenceState::Online : wire::PresenceState::Offline;
}

void UserTable::announce(const ScopedName& name) {
  if (watches_.empty()) return;
  const wire::PresenceState state = presence(name);
  watches_.changed(name, state, [&](std::uint32_t loop) { outlet_.presence(loop, name, state); });
}

void UserTable::watch(const ScopedName& name, std::uint32_t loop) {
  const wire::PresenceState state = presence(name);
  watches_.watch(name, loop, state);
  outlet_.presence(loop, name, state);
}

void UserTable::unwatch(const ScopedName& name, std::uint32_t loop) {
  watches_.unwatch(name, loop);
}

void UserTable::noteSilence(const ScopedName& name, std::uint64_t fence, bool silent) {
  User* user = find(name, fence);
  if (user == nullptr || user->silent == silent) return;
  user->silent = silent;
  announce(name);
}

std::uint32_t UserTable::writeAttributes(const AttributeWriteRequest& request) {
  User* user = find({request.app, request.owner}, request.fence);
  if (user == nullptr || user->state == State::Ending) return code::attributes::kFailure;
  if (!user->attributes) user->attributes = std::make_unique<AttributeRecord>(parameters_.userAttributes);
  return user->attributes->write(request).code;
}

AttributesOutcome UserTable::attributes(const ScopedName& name, const std::vector<std::string>& keys) const {
  AttributesOutcome outcome;
  outcome.found = presence(name) != wire::PresenceState::Offline;
  if (!outcome.found) return outcome;
  const User& user = *users_.find(name)->second;
  // The successor of a kicked session begins without attributes.
  if (user.state != State::Ending && user.attributes) outcome.entries = user.attributes->set().read(keys);
  return outcome;
}

}  // namespace rtm::server
