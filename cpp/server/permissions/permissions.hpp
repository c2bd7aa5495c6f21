#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/model/names.hpp"
#include "server/permissions/rules.hpp"
#include "server/permissions/verdicts.hpp"

namespace rtm::server {

/// What a session brings to the rules, and what they said to it before. It moves with the session.
struct Grants {
  std::vector<std::string> roles;
  RoleSet roleSet = 0;            ///< of `roles`, by the rules of `roleVersion`
  std::uint32_t roleVersion = 0;  ///< 0: not found yet
  std::unique_ptr<TargetVerdicts> targets;

  /// The user has other roles from now on: nothing that was found before counts.
  void setRoles(std::vector<std::string> given) {
    roles = std::move(given);
    roleVersion = 0;
    targets.reset();
  }
};

/// Who asks.
struct Asker {
  AppNumber app{};
  std::string_view user;
  Grants& grants;
};

/// What users may do, by the rules of their App ID. Each loop has its own; loop thread only. Without a rule that denies
/// an action, asking costs a branch.
class Permissions {
 public:
  /// By AppNumber; null: no rules.
  explicit Permissions(std::vector<std::shared_ptr<const Rules>> rules) : rules_(std::move(rules)) {}

  void set(AppNumber app, std::shared_ptr<const Rules> rules) { rules_[placeOf(app)] = std::move(rules); }

  /// For what is rare: nothing is remembered. `target`: a channel or a user, or nothing, as the action has it.
  bool may(const Asker& asker, Action action, std::string_view target = {}) const {
    const Rules* rules = about(asker.app, action);
    return rules == nullptr || ask(*rules, asker, action, target);
  }
  /// For what is frequent: remembers the verdict for each target.
  bool maySend(const Asker& asker, Action action, std::string_view to) const {
    const Rules* rules = about(asker.app, action);
    return rules == nullptr || askOnce(*rules, asker, action, to);
  }
  /// For members of a channel; `known` is kept with the membership.
  bool mayPublish(const Asker& asker, std::string_view channel, Verdict& known) const {
    const Rules* rules = about(asker.app, Action::Publish);
    return rules == nullptr || askOnce(*rules, asker, channel, known);
  }
  /// Whether mayPublish() has to be asked at all.
  bool rulesPublish(AppNumber app) const { return about(app, Action::Publish) != nullptr; }

 private:
  static std::size_t placeOf(AppNumber app) { return static_cast<std::size_t>(app); }
  const Rules* about(AppNumber app, Action action) const {
    const Rules* rules = rules_[placeOf(app)].get();
    return rules != nullptr && rules->mayDeny(action) ? rules : nullptr;
  }
  static bool ask(const Rules& rules, const Asker& asker, Action action, std::string_view target);
  static bool askOnce(const Rules& rules, const Asker& asker, Action action, std::string_view to);
  static bool askOnce(const Rules& rules, const Asker& asker, std::string_view channel, Verdict& known);

  std::vector<std::shared_ptr<const Rules>> rules_;
};

}  // namespace rtm::server
