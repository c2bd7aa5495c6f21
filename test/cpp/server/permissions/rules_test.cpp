#include "server/permissions/rules.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "server/permissions/permissions.hpp"

namespace rtm::server {
namespace {

Rule allow(std::vector<std::string> actions) {
  return {.allow = true, .actions = std::move(actions), .channels = {}, .users = {}, .to = {}, .roles = {}};
}
Rule deny(std::vector<std::string> actions) {
  return {.allow = false, .actions = std::move(actions), .channels = {}, .users = {}, .to = {}, .roles = {}};
}
Rule inChannels(Rule rule, std::vector<std::string> channels) {
  rule.channels = std::move(channels);
  return rule;
}
Rule ofUsers(Rule rule, std::vector<std::string> users) {
  rule.users = std::move(users);
  return rule;
}
Rule to(Rule rule, std::vector<std::string> users) {
  rule.to = std::move(users);
  return rule;
}
Rule withRoles(Rule rule, std::vector<std::string> roles) {
  rule.roles = std::move(roles);
  return rule;
}

std::shared_ptr<const Rules> compiled(const std::vector<Rule>& rules) {
  auto made = Rules::compile(rules);
  EXPECT_TRUE(made.ok()) << made.failure().message;
  return made.value();
}

TEST(Rules, TheFirstRuleThatConcernsAQuestionAnswersIt) {
  const auto rules = compiled({
      ofUsers(deny({"login"}), {"retired-*"}),
      withRoles(inChannels(allow({"publish"}), {"news-*"}), {"staff", "chief"}),
      inChannels(deny({"publish", "setAttributes"}), {"news-*"}),
      inChannels(allow({"join", "publish"}), {"room-*", "news-*"}),
      inChannels(allow({"join", "publish", "setAttributes"}), {"desk-/me"}),
      deny({"join", "publish", "setAttributes", "upload"}),
      to(ofUsers(deny({"send", "invite"}), {"guest-*"}), {"vip-*"}),
  });
  const struct {
    Action action;
    const char* user;
    const char* target;
    std::vector<std::string> roles;
    bool allowed;
  } rows[] = {
      {Action::Login, "ann", "", {}, true},
      {Action::Login, "retired-ann", "", {}, false},
      {Action::Publish, "ann", "news-1", {}, false},
      {Action::Publish, "ann", "news-1", {"other"}, false},
      {Action::Publish, "ann", "news-1", {"staff"}, true},
      {Action::Publish, "ann", "news-1", {"other", "chief"}, true},
      {Action::SetAttributes, "ann", "news-1", {"staff"}, false},
      {Action::Join, "ann", "news-1", {}, true},
      {Action::Join, "ann", "room-1", {}, true},
      {Action::Join, "ann", "desk-ann", {}, true},
      {Action::Join, "ann", "desk-bob", {}, false},
      {Action::SetAttributes, "ann", "desk-ann", {}, true},
      {Action::SetAttributes, "ann", "room-1", {}, false},
      {Action::SetAttributes, "ann", "", {}, false},  // the user's own
      {Action::Join, "ann", "elsewhere", {}, false},
      {Action::Upload, "ann", "", {}, false},
      {Action::Send, "guest-1", "vip-1", {}, false},
      {Action::Invite, "guest-1", "vip-1", {}, false},
      {Action::Send, "guest-1", "guest-2", {}, true},
      {Action::Send, "ann", "vip-1", {}, true},
      {Action::Presence, "guest-1", "vip-1", {}, true},  // no rule says anything
      {Action::History, "ann", "", {}, true},
  };
  for (const auto& [action, user, target, roles, allowed] : rows) {
    Question question{.action = action, .user = user, .channel = {}, .to = {}, .roles = rules->setOf(roles)};
    ((kChannelActions & bit(action)) != 0 ? question.channel : question.to) = target;
    EXPECT_EQ(allowed, rules->allow(question))
        << kActionNames[static_cast<std::size_t>(action)] << " of " << user << " to " << target;
  }
}

TEST(Rules, ARuleAboutChannelsIsNoneAboutTheOwnAttributes) {
  const auto rules = compiled({inChannels(deny({"setAttributes"}), {"*"})});
  EXPECT_FALSE(rules->allow({.action = Action::SetAttributes, .user = "ann", .channel = "c", .to = {}}));
  EXPECT_TRUE(rules->allow({.action = Action::SetAttributes, .user = "ann", .channel = {}, .to = {}}));
}

TEST(Rules, OnlyActionsThatARuleDeniesHaveToBeAsked) {
  const auto rules = compiled({allow({"publish"}), deny({"send"})});
  EXPECT_FALSE(rules->mayDeny(Action::Publish));
  EXPECT_TRUE(rules->mayDeny(Action::Send));
  EXPECT_EQ(nullptr, compiled({}));
}

TEST(Rules, WhatIsMalformedIsRefusedWithItsPlace) {
  const std::vector<Rule> many(257, deny({"send"}));
  std::vector<Rule> patterns(2, to(deny({"send"}), std::vector<std::string>(513, "a")));
  std::vector<Rule> roles(1, deny({"send"}));
  for (int i = 0; i < 65; ++i) roles.front().roles.push_back("role " + std::to_string(i));
  const struct {
    std::vector<Rule> rules;
    std::string message;
  } rows[] = {
      {many, "rules: expected at most 256, got 257"},
      {{deny({})}, "rules[0].deny: expected at least one action, got none"},
      {{allow({"join"}), allow({"join", "fly"})},
       "rules[1].allow[1]: expected one of login, join, publish, setAttributes, send, invite, presence, upload, "
       "history, got "
       "\"fly\""},
      {{inChannels(deny({"join", "send"}), {"a"})},
       "rules[0].deny[1]: expected one of join, publish, setAttributes beside channels, got send"},
      {{to(deny({"publish"}), {"a"})},
       "rules[0].deny[0]: expected one of send, invite, presence beside to, got publish"},
      {{to(inChannels(deny({"join"}), {"a"}), {"a"})},
       "rules[0].deny[0]: expected no action beside channels to, got join"},
      {{withRoles(deny({"login"}), {"staff"})},
       "rules[0].deny[0]: expected one of join, publish, setAttributes, send, invite, presence, upload, history beside "
       "roles, "
       "got login"},
      {{inChannels(deny({"join"}), {"ok", "/you"})},
       "rules[0].channels[1]: expected 1 to 128 characters of ids, *, and /me once, got a / that begins no /me"},
      {{ofUsers(deny({"join"}), {""})},
       "rules[0].users[0]: expected 1 to 128 characters of ids, *, and /me once, got an empty text"},
      {{withRoles(deny({"join"}), {"*"})}, "rules[0].roles[0]: expected a name like a user id, got \"*\""},
      {patterns, "rules[1]: expected at most 1024 patterns in all rules, got more"},
      {roles, "rules[0].roles: expected at most 64 roles in all rules, got more"},
  };
  for (const auto& [rules, message] : rows) {
    const auto made = Rules::compile(rules);
    ASSERT_FALSE(made.ok()) << message;
    EXPECT_EQ(message, made.failure().message);
  }
}

struct PermissionsTest : ::testing::Test {
  Grants grants;
  Asker ann{AppNumber{0}, "ann", grants};
  Permissions permissions{std::vector<std::shared_ptr<const Rules>>(1)};
};

TEST_F(PermissionsTest, WithoutRulesEverythingIsAllowedAndNothingIsRemembered) {
  Verdict known;
  EXPECT_TRUE(permissions.mayPublish(ann, "room", known));
  EXPECT_TRUE(permissions.maySend(ann, Action::Send, "bob"));
  EXPECT_TRUE(permissions.may(ann, Action::Join, "room"));
  EXPECT_EQ(nullptr, grants.targets);
}

TEST_F(PermissionsTest, AVerdictCountsUntilTheRulesAreOthers) {
  Verdict known;
  permissions.set(AppNumber{0}, compiled({deny({"publish", "send"})}));
  for (int twice = 0; twice < 2; ++twice) {
    EXPECT_FALSE(permissions.mayPublish(ann, "room", known));
    EXPECT_FALSE(permissions.maySend(ann, Action::Send, "bob"));
    EXPECT_TRUE(permissions.maySend(ann, Action::Invite, "bob"));
  }
  permissions.set(AppNumber{0}, compiled({inChannels(deny({"publish"}), {"other"}), to(deny({"send"}), {"carl"})}));
  EXPECT_TRUE(permissions.mayPublish(ann, "room", known));
  EXPECT_TRUE(permissions.maySend(ann, Action::Send, "bob"));
  EXPECT_FALSE(permissions.maySend(ann, Action::Send, "carl"));
  permissions.set(AppNumber{0}, nullptr);
  EXPECT_TRUE(permissions.maySend(ann, Action::Send, "carl"));
}

TEST_F(PermissionsTest, AVerdictCountsUntilTheRolesAreOthers) {
  permissions.set(AppNumber{0}, compiled({withRoles(allow({"send"}), {"staff"}), deny({"send"})}));
  EXPECT_FALSE(permissions.maySend(ann, Action::Send, "bob"));
  grants.setRoles({"staff"});
  EXPECT_TRUE(permissions.maySend(ann, Action::Send, "bob"));
  grants.setRoles({});
  EXPECT_FALSE(permissions.maySend(ann, Action::Send, "bob"));
}

TEST_F(PermissionsTest, MoreReceiversThanItRemembersGetTheirOwnVerdicts) {
  permissions.set(AppNumber{0}, compiled({to(deny({"send"}), {"*7"})}));
  for (int round = 0; round < 2; ++round) {
    for (int i = 0; i < 1000; ++i) {
      const std::string peer = "user " + std::to_string(i);
      EXPECT_EQ(i % 10 != 7, permissions.maySend(ann, Action::Send, peer)) << peer;
    }
  }
}

}  // namespace
}  // namespace rtm::server
