#pragma once

#include <cstdint>
#include <vector>

#include "server/model/names.hpp"

namespace rtm::server {

class Gateway;
struct SessionState;

/// Puts the session out of the channels that its user may not join.
void leaveForbidden(Gateway& gateway, SessionState& state);

/// New rules meet the sessions of one loop, some in each turn, so that nobody else waits for long. Loop thread only.
class RuleChange {
 public:
  /// Sessions in a step.
  static constexpr std::size_t kSlice = 1000;

  /// The rules of `app` are set already. Later sessions use them from the start, so this object ignores later sessions.
  RuleChange(Gateway& gateway, AppNumber app);

  /// Looks at the next sessions: ends the sessions whose users may not log in any more, and takes from the other
  /// sessions the channels and subscriptions that they may not have any more. False: no session is left.
  bool step();

 private:
  void look(std::uint64_t sessionId);

  Gateway& gateway_;
  std::vector<std::uint64_t> left_;
};

}  // namespace rtm::server
