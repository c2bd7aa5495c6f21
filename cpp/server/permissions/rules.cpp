#include "server/permissions/rules.hpp"

#include <algorithm>
#include <atomic>
#include <optional>
#include <utility>

#include "base/identifiers.hpp"

namespace rtm::server {
namespace {

std::uint32_t nextVersion() {
  static std::atomic<std::uint32_t> last{0};
  return ++last;
}

std::string indexed(std::string_view name, std::size_t index) {
  return std::string(name) + "[" + std::to_string(index) + "]";
}

std::string inQuotes(std::string_view text) {
  constexpr std::size_t kMostShown = 64;
  return '"' + std::string(text.substr(0, kMostShown)) + (text.size() > kMostShown ? "…\"" : "\"");
}

Failure wrong(const std::string& place, std::string_view expected, std::string_view got) {
  return {0, place + ": expected " + std::string(expected) + ", got " + std::string(got)};
}

std::optional<Action> actionOf(std::string_view name) {
  const auto found = std::find(kActionNames.begin(), kActionNames.end(), name);
  if (found == kActionNames.end()) return std::nullopt;
  return static_cast<Action>(found - kActionNames.begin());
}

std::string namesOf(ActionSet actions) {
  std::string names;
  for (std::size_t i = 0; i < kActionNames.size(); ++i) {
    if ((actions & bit(static_cast<Action>(i))) == 0) continue;
    if (!names.empty()) names += ", ";
    names += kActionNames[i];
  }
  return names;
}

/// A rule that could never concern one of its actions would look like a protection and be none.
Result<ActionSet> actionsOf(const Rule& rule, const std::string& place) {
  const std::string list = place + (rule.allow ? ".allow" : ".deny");
  if (rule.actions.empty()) return wrong(list, "at least one action", "none");
  ActionSet all = bit(static_cast<Action>(kActionNames.size())) - 1;
  if (!rule.channels.empty()) all &= kChannelActions;
  if (!rule.to.empty()) all &= kUserActions;
  if (!rule.roles.empty()) all &= ~kActionsWithoutRoles;
  ActionSet actions = 0;
  for (std::size_t i = 0; i < rule.actions.size(); ++i) {
    const auto action = actionOf(rule.actions[i]);
    if (!action) return wrong(indexed(list, i), "one of " + namesOf(~ActionSet{0}), inQuotes(rule.actions[i]));
    if ((all & bit(*action)) == 0) {
      std::string beside;
      if (!rule.channels.empty()) beside += " channels";
      if (!rule.to.empty()) beside += " to";
      if (!rule.roles.empty()) beside += " roles";
      const std::string fitting = all == 0 ? "no action" : "one of " + namesOf(all);
      return wrong(indexed(list, i), fitting + " beside" + beside, kActionNames[static_cast<std::size_t>(*action)]);
    }
    actions |= bit(*action);
  }
  return actions;
}

Result<Patterns> patternsOf(const std::vector<std::string>& texts, const std::string& place) {
  Patterns patterns;
  for (std::size_t i = 0; i < texts.size(); ++i) {
    const std::string_view problem = Pattern::wrongWith(texts[i]);
    if (!problem.empty()) {
      return wrong(indexed(place, i),
                   "1 to " + std::to_string(kMostRulePatternBytes) + " characters of ids, *, and /me once", problem);
    }
    patterns.emplace_back(texts[i]);
  }
  return patterns;
}

bool anyMatches(const Patterns& patterns, std::string_view id, std::string_view me) {
  return std::any_of(patterns.begin(), patterns.end(), [&](const Pattern& each) { return each.matches(id, me); });
}

}  // namespace

Rules::Rules() : version_(nextVersion()) {}

Result<std::shared_ptr<const Rules>> Rules::compile(const std::vector<Rule>& rules) {
  if (rules.empty()) return std::shared_ptr<const Rules>();
  if (rules.size() > kMostRules) {
    return wrong("rules", "at most " + std::to_string(kMostRules), std::to_string(rules.size()));
  }
  std::shared_ptr<Rules> made(new Rules());
  std::size_t patterns = 0;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const Rule& rule = rules[i];
    const std::string place = indexed("rules", i);
    patterns += rule.channels.size() + rule.users.size() + rule.to.size();
    if (patterns > kMostRulePatterns) {
      return wrong(place, "at most " + std::to_string(kMostRulePatterns) + " patterns in all rules", "more");
    }
    const auto actions = actionsOf(rule, place);
    if (!actions) return actions.failure();
    auto channels = patternsOf(rule.channels, place + ".channels");
    if (!channels) return channels.failure();
    auto users = patternsOf(rule.users, place + ".users");
    if (!users) return users.failure();
    auto to = patternsOf(rule.to, place + ".to");
    if (!to) return to.failure();
    for (std::size_t at = 0; at < rule.roles.size(); ++at) {
      const std::string& role = rule.roles[at];
      if (!isValidUserId(role)) return wrong(indexed(place + ".roles", at), "a name like a user id", inQuotes(role));
      if (std::find(made->roles_.begin(), made->roles_.end(), role) == made->roles_.end()) made->roles_.push_back(role);
    }
    if (made->roles_.size() > kMostRuleRoles) {
      return wrong(place + ".roles", "at most " + std::to_string(kMostRuleRoles) + " roles in all rules", "more");
    }
    made->rules_.push_back({.allow = rule.allow,
                            .actions = actions.value(),
                            .roles = made->setOf(rule.roles),
                            .channels = std::move(channels.value()),
                            .users = std::move(users.value()),
                            .to = std::move(to.value())});
    if (!rule.allow) made->denied_ |= actions.value();
  }
  return std::shared_ptr<const Rules>(std::move(made));
}

bool Rules::concerns(const Compiled& rule, const Question& question) {
  if ((rule.actions & bit(question.action)) == 0) return false;
  if (rule.roles != 0 && (rule.roles & question.roles) == 0) return false;
  // A rule about channels says nothing of an action without a channel, such as a write of the user's attributes.
  if (!rule.channels.empty() &&
      (question.channel.empty() || !anyMatches(rule.channels, question.channel, question.user))) {
    return false;
  }
  if (!rule.to.empty() && (question.to.empty() || !anyMatches(rule.to, question.to, question.user))) return false;
  return rule.users.empty() || anyMatches(rule.users, question.user, question.user);
}

bool Rules::allow(const Question& question) const {
  const auto first = std::find_if(rules_.begin(), rules_.end(),
                                  [&question](const Compiled& rule) { return concerns(rule, question); });
  return first == rules_.end() || first->allow;
}

RoleSet Rules::setOf(std::span<const std::string> roles) const {
  RoleSet set = 0;
  for (std::size_t i = 0; i < roles_.size(); ++i) {
    if (std::find(roles.begin(), roles.end(), roles_[i]) != roles.end()) set |= RoleSet{1} << i;
  }
  return set;
}

}  // namespace rtm::server
