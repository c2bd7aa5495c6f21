#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/engine/seam/engine.hpp"

namespace rtm::server {

class Session;
struct WatchedUser;

/// A user whose presence the client of a session wants to hear of. Its place must not move while it is listed.
struct Subscription {
  std::string_view userId;         ///< the key in SessionState::subscriptions
  WatchedUser* watched = nullptr;  ///< null while the session has no link
  std::uint32_t position = 0;      ///< among the watchers of `watched`
  /// The last state the client was told; nothing until the request that began the subscription, or the resume that
  /// continues it, is answered: that answer tells the first state, and nothing may come before it.
  std::optional<wire::PresenceState> told;
  bool news = false;  ///< listed in Session::presenceNews
};

/// A user somebody on this loop watches. The engine tells the loop once; its state goes to each session from here.
struct WatchedUser {
  struct Watcher {
    Session* session = nullptr;
    Subscription* subscription = nullptr;
  };
  std::vector<Watcher> watchers;
  std::optional<wire::PresenceState> state;  ///< nothing until the engine has said
};

/// Who on this loop watches whom. Changes are told at the end of the turn, in one PRESENCE_EVENT for each session; what
/// changed and changed back within a turn is not told. Sessions without a link are not listed.
class PresenceHub {
 public:
  explicit PresenceHub(EnginePort& port) : port_(port) {}

  /// Lists those subscriptions of the session that are not listed yet. `known` is called when the states of all named
  /// users are known; perhaps at once, perhaps when the session is gone.
  void list(Session& session, std::span<const std::string> userIds, Task known);
  /// Tells the client where these users stand, whatever it was told before. For those it watches only.
  void tell(Session& session, std::span<const std::string> userIds);
  /// Ends subscriptions; unknown names are no error.
  void unsubscribe(Session& session, std::span<const std::string> userIds);
  /// The session's link is gone; its subscriptions stay with it.
  void unlist(Session& session);

  /// From the engine. True: flush() has something to tell.
  bool update(const ScopedName& user, wire::PresenceState state);
  /// At the end of a turn.
  void flush();

 private:
  /// Adds the name to `abandoned` if nobody here watches the user any more.
  void detach(Session& session, Subscription& subscription, std::vector<std::string>& abandoned);
  void flush(Session& session);

  EnginePort& port_;
  ScopedMap<WatchedUser> users_;
  std::vector<Session*> dirty_;  ///< with presenceNews, each once
};

}  // namespace rtm::server
