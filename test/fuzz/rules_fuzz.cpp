// Rules of an App ID, as lines of a configuration. Rules that compile must judge like a second, slower reading of the
// same lines; other ones must be refused with a short reason that names its place.
//
// fuzz: cpp/server/permissions/pattern.cpp cpp/server/permissions/rules.cpp
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/identifiers.hpp"
#include "server/permissions/rules.hpp"

namespace {

using rtm::server::Action;
using rtm::server::Question;
using rtm::server::Rule;
using rtm::server::Rules;

constexpr std::size_t kLongestReason = 1000;
constexpr std::size_t kMostLines = 300;

void require(bool condition) {
  if (!condition) std::abort();
}

std::string_view cut(std::string_view& text, char at) {
  const std::size_t end = std::min(text.find(at), text.size());
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

/// `+join,publish|channel,channel|user|to|role`; `-` denies.
Rule ruleOf(std::string_view line) {
  Rule rule;
  rule.allow = line.starts_with('+');
  if (!line.empty()) line.remove_prefix(1);
  for (std::vector<std::string>* list : {&rule.actions, &rule.channels, &rule.users, &rule.to, &rule.roles}) {
    std::string_view part = cut(line, '|');
    while (!part.empty()) list->emplace_back(cut(part, ','));
  }
  return rule;
}

/// The meaning of a pattern, by its definition.
bool matches(std::string_view pattern, std::string_view id, std::string_view me) {
  if (pattern.empty()) return id.empty();
  if (pattern.front() == '*') {
    pattern.remove_prefix(1);
    if (pattern.find('*') == std::string_view::npos && pattern.find('/') == std::string_view::npos) {
      return id.ends_with(pattern);
    }
    for (std::size_t run = 0; run <= id.size(); ++run) {
      if (matches(pattern, id.substr(run), me)) return true;
    }
    return false;
  }
  if (pattern.starts_with("/me")) return id.starts_with(me) && matches(pattern.substr(3), id.substr(me.size()), me);
  return id.starts_with(pattern.front()) && matches(pattern.substr(1), id.substr(1), me);
}

bool any(const std::vector<std::string>& patterns, std::string_view id, std::string_view me) {
  return std::any_of(patterns.begin(), patterns.end(),
                     [&](const std::string& pattern) { return matches(pattern, id, me); });
}

/// Many runs in a pattern take the definition too long.
bool isQuick(const std::vector<Rule>& rules) {
  const auto quick = [](const std::vector<std::string>& patterns) {
    return std::all_of(patterns.begin(), patterns.end(),
                       [](const std::string& each) { return std::count(each.begin(), each.end(), '*') <= 3; });
  };
  return std::all_of(rules.begin(), rules.end(),
                     [&](const Rule& rule) { return quick(rule.channels) && quick(rule.users) && quick(rule.to); });
}

bool judge(const std::vector<Rule>& rules, const Question& question, const std::vector<std::string>& roles) {
  for (const Rule& rule : rules) {
    const std::string_view name = rtm::server::kActionNames[static_cast<std::size_t>(question.action)];
    if (std::find(rule.actions.begin(), rule.actions.end(), name) == rule.actions.end()) continue;
    if (!rule.channels.empty() && (question.channel.empty() || !any(rule.channels, question.channel, question.user)))
      continue;
    if (!rule.to.empty() && (question.to.empty() || !any(rule.to, question.to, question.user))) continue;
    if (!rule.users.empty() && !any(rule.users, question.user, question.user)) continue;
    const bool role = std::any_of(rule.roles.begin(), rule.roles.end(), [&](const std::string& each) {
      return std::find(roles.begin(), roles.end(), each) != roles.end();
    });
    if (!rule.roles.empty() && !role) continue;
    return rule.allow;
  }
  return true;
}

}  // namespace

/// The first line: user, target and roles of the questions. The others: rules.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::string_view text(reinterpret_cast<const char*>(data), size);
  std::string_view first = cut(text, '\n');
  const std::string user(cut(first, '|'));
  const std::string target(cut(first, '|'));
  std::vector<std::string> roles;
  while (!first.empty()) roles.emplace_back(cut(first, ','));
  std::vector<Rule> rules;
  while (!text.empty() && rules.size() < kMostLines) rules.push_back(ruleOf(cut(text, '\n')));

  const auto compiled = Rules::compile(rules);
  if (!compiled) {
    const std::string& reason = compiled.failure().message;
    require(reason.starts_with("rules") && reason.size() <= kLongestReason);
    return 0;
  }
  require((compiled.value() == nullptr) == rules.empty());
  if (rules.empty() || !rtm::isValidUserId(user) || (!target.empty() && !rtm::isValidUserId(target))) return 0;
  const bool quick = isQuick(rules);
  for (std::size_t i = 0; i < rtm::server::kActionNames.size(); ++i) {
    const auto action = static_cast<Action>(i);
    const bool channel = (rtm::server::kChannelActions & rtm::server::bit(action)) != 0;
    const Question question{.action = action,
                            .user = user,
                            .channel = channel ? std::string_view(target) : std::string_view(),
                            .to = channel ? std::string_view() : std::string_view(target),
                            .roles = compiled.value()->setOf(roles)};
    const bool allowed = compiled.value()->allow(question);
    require(allowed || compiled.value()->mayDeny(action));
    if (quick) require(allowed == judge(rules, question, roles));
  }
  return 0;
}
