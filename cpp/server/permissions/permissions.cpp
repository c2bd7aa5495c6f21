#include "server/permissions/permissions.hpp"

namespace rtm::server {

bool Permissions::ask(const Rules& rules, const Asker& asker, Action action, std::string_view target) {
  Grants& grants = asker.grants;
  if (grants.roleVersion != rules.version()) {
    grants.roleSet = rules.setOf(grants.roles);
    grants.roleVersion = rules.version();
  }
  Question question{.action = action, .user = asker.user, .channel = {}, .to = {}, .roles = grants.roleSet};
  ((kChannelActions & bit(action)) != 0 ? question.channel : question.to) = target;
  return rules.allow(question);
}

bool Permissions::askOnce(const Rules& rules, const Asker& asker, Action action, std::string_view to) {
  std::unique_ptr<TargetVerdicts>& targets = asker.grants.targets;
  if (!targets) targets = std::make_unique<TargetVerdicts>();
  // The app of a session never changes, so its place in the hash tells the actions apart.
  const std::uint64_t hash = hashName({static_cast<AppNumber>(action), to}, hashSeed());
  if (const auto known = targets->find(rules.version(), hash)) return *known;
  const bool allowed = ask(rules, asker, action, to);
  targets->keep(rules.version(), hash, allowed);
  return allowed;
}

bool Permissions::askOnce(const Rules& rules, const Asker& asker, std::string_view channel, Verdict& known) {
  if (const auto said = known.of(rules.version())) return *said;
  const bool allowed = ask(rules, asker, Action::Publish, channel);
  known.keep(rules.version(), allowed);
  return allowed;
}

}  // namespace rtm::server
