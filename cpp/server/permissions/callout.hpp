#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/move_function.hpp"
#include "server/model/loop_host.hpp"
#include "server/model/names.hpp"
#include "server/permissions/actions.hpp"

namespace rtm::server {

/// A user whose token is good wants something.
struct CalloutQuestion {
  CalloutEvent event{};
  AppNumber app{};
  std::string_view user;
  std::string_view channel;  ///< empty but for a join
  std::string_view address;  ///< of the user, without a port
};

struct CalloutAnswer {
  bool allowed = false;
  /// Somebody said so, now or before. Else there is no answer, and a setting decides.
  bool known = false;
  std::vector<std::string> roles;
  std::string failure;  ///< why there is no answer now, for the log; empty: there is one
};

/// Somebody outside of the server who may say no (lib/server/callout). Any loop.
class Callout {
 public:
  virtual ~Callout() = default;
  /// Whether it wants to be asked about such events.
  virtual bool asks(CalloutEvent event) const = 0;
  /// On the loop `home`. `done` is called on that loop, perhaps before this returns, and not at all once the server
  /// closes.
  virtual void ask(LoopHost& home, const CalloutQuestion& question, MoveFunction<void(CalloutAnswer)> done) = 0;
};

}  // namespace rtm::server
