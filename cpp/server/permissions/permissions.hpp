#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "server/model/names.hpp"
#include "server/permissions/callout.hpp"
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

/// What users may do, by the rules of their App ID and by the callout. Each loop has its own; loop thread only. Without
/// a rule that denies an action, asking costs a branch.
class Permissions {
 public:
  /// `rules` by AppNumber, null: none. `callout` is null if nobody is asked; `home`: this loop.
  explicit Permissions(std::vector<std::shared_ptr<const Rules>> rules, std::shared_ptr<Callout> callout = nullptr,
                       LoopHost* home = nullptr)
      : rules_(std::move(rules)), callout_(std::move(callout)), home_(home) {}

  void set(AppNumber app, std::shared_ptr<const Rules> rules) { rules_[placeOf(app)] = std::move(rules); }

  /// For rare actions: nothing is remembered. `target`: a channel or a user, or nothing, as the action has it.
  bool may(const Asker& asker, Action action, std::string_view target = {}) const {
    const Rules* rules = about(asker.app, action);
    return rules == nullptr || ask(*rules, asker, action, target);
  }
  /// For frequent actions: remembers the verdict for each target.
  bool maySend(const Asker& asker, Action action, std::string_view to) const {
    const Rules* rules = about(asker.app, action);
    return rules == nullptr || askOnce(*rules, asker, action, to);
  }
  /// For members of a channel; `known` is kept with the membership.
  bool mayPublish(const Asker& asker, std::string_view channel, Verdict& known) const {
    const Rules* rules = about(asker.app, Action::Publish);
    return rules == nullptr || askOnce(*rules, asker, channel, known);
  }
  /// Whether the callout wants to hear of such events.
  bool asks(CalloutEvent event) const { return callout_ != nullptr && callout_->asks(event); }
  /// Only if it does. `done(CalloutAnswer)` is not called once this object is gone.
  template <typename Done>
  void ask(const CalloutQuestion& question, Done done) {
    callout_->ask(*home_, question,
                  [here = std::weak_ptr<const char>(here_), then = std::move(done)](CalloutAnswer answer) mutable {
                    if (!here.expired()) then(std::move(answer));
                  });
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
  std::shared_ptr<Callout> callout_;
  LoopHost* home_;
  std::shared_ptr<const char> here_ = std::make_shared<const char>();  ///< ends with this object
};

}  // namespace rtm::server
