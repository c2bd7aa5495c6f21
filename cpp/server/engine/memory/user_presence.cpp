// What others see of a user: whether it is online, and the attributes of its session (docs/spec/semantics.md §5, §6).

#include "server/engine/memory/user_table.hpp"
#include "server/model/codes.hpp"

namespace rtm::server {

wire::PresenceState UserTable::presence(const ScopedName& name) const {
  const User* user = users_.find(name);
  if (user == nullptr) return wire::PresenceState::Offline;
  if (user->state != User::State::Ending) {
    return user->silent ? wire::PresenceState::Unreachable : wire::PresenceState::Online;
  }
  // A login waits for the end of this session: watchers must not see an OFFLINE that lasts a turn.
  return user->waiting ? wire::PresenceState::Online : wire::PresenceState::Offline;
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
  User* user = users_.find(name, fence);
  if (user == nullptr || user->silent == silent) return;
  user->silent = silent;
  announce(name);
}

std::uint32_t UserTable::writeAttributes(const AttributeWriteRequest& request) {
  User* user = users_.find({request.app, request.owner}, request.fence);
  if (user == nullptr || user->state == User::State::Ending) return code::attributes::kFailure;
  if (!user->attributes) {
    const Payer payer{parameters_.ledger, request.app, MemoryCategory::UserAttributes};
    user->attributes = std::make_unique<AttributeRecord>(parameters_.userAttributes, payer, request.owner);
  }
  return user->attributes->write(request).code;
}

AttributesOutcome UserTable::attributes(const ScopedName& name, const std::vector<std::string>& keys) const {
  AttributesOutcome outcome;
  outcome.found = presence(name) != wire::PresenceState::Offline;
  if (!outcome.found) return outcome;
  const User& user = *users_.find(name);
  // While a session ends and the next login waits, the user is online and has no attributes yet.
  if (user.state != User::State::Ending && user.attributes) outcome.entries = user.attributes->set().read(keys);
  return outcome;
}

}  // namespace rtm::server
