#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "server/permissions/actions.hpp"
#include "server/permissions/pattern.hpp"

namespace rtm::server {

/// One rule, as the configuration writes it (docs/configuration.md, Rules). An empty list narrows nothing.
struct Rule {
  bool allow = false;
  std::vector<std::string> actions;   ///< by their names in kActionNames; at least one
  std::vector<std::string> channels;  ///< patterns of the channel that an action is done to
  std::vector<std::string> users;     ///< patterns of the user who asks
  std::vector<std::string> to;        ///< patterns of the user that an action is done to
  std::vector<std::string> roles;     ///< the user who asks has one of them
};

/// A bit for each role that the rules name.
using RoleSet = std::uint64_t;

/// What somebody wants to do.
struct Question {
  Action action{};
  std::string_view user;
  std::string_view channel;  ///< empty: not done to a channel
  std::string_view to;       ///< empty: not done to another user
  RoleSet roles = 0;
};

/// The rules of one App ID. The first rule that concerns a question answers it; if none does, the answer is yes.
/// Immutable, so any thread may read it.
class Rules {
 public:
  /// Null for no rules. Failure: the place of the first rule that is wrong, what was expected and what came.
  static Result<std::shared_ptr<const Rules>> compile(const std::vector<Rule>& rules);

  /// Whether a rule denies the action to somebody; if not, there is nothing to ask.
  bool mayDeny(Action action) const { return (denied_ & bit(action)) != 0; }
  bool allow(const Question& question) const;
  /// The roles that a rule names.
  RoleSet setOf(std::span<const std::string> roles) const;
  /// Never 0, and different from that of all other rules of this process: verdicts of other rules do not count.
  std::uint32_t version() const { return version_; }

 private:
  struct Compiled {
    bool allow = false;
    ActionSet actions = 0;
    RoleSet roles = 0;  ///< 0: any
    Patterns channels;
    Patterns users;
    Patterns to;
  };
  Rules();

  static bool concerns(const Compiled& rule, const Question& question);

  const std::uint32_t version_;
  ActionSet denied_ = 0;
  std::vector<Compiled> rules_;
  std::vector<std::string> roles_;  ///< by their bits
};

}  // namespace rtm::server
