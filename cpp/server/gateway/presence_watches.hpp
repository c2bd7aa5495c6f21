#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "server/engine/seam/engine.hpp"
#include "server/session/session.hpp"

namespace rtm::server {

/// A user whom sessions of this loop watch. The engine tells the loop a state once; each session gets it from here.
struct WatchedUser {
  struct Watcher {
    Session* session = nullptr;
    Subscription* subscription = nullptr;
  };
  std::vector<Watcher> watchers;
  std::optional<wire::PresenceState> state;  ///< nothing until the engine has said
};

/// Which sessions of this loop watch which users. Changes are told at the end of the turn, in one PRESENCE_EVENT for
/// each session; a state that changes and changes back within a turn is not told. Sessions without a link are not
/// listed. Loop thread only; bounded by the subscriptions of the sessions (Limits::subscribedPeers each).
class PresenceWatches {
 public:
  explicit PresenceWatches(EngineClient& engine) : engine_(engine) {}

  /// Lists the subscriptions of the session that are not listed yet. `known` is called when the states of all named
  /// users are known: perhaps at once, perhaps after the session has ended.
  void list(Session& session, std::span<const std::string> userIds, Task known);
  /// Tells the client the states of these users, whatever it was told before. Users that it does not watch are left
  /// out.
  void tell(Session& session, std::span<const std::string> userIds);
  /// Ends subscriptions; unknown names are no error.
  void unsubscribe(Session& session, std::span<const std::string> userIds);
  /// The session's link is gone; its subscriptions stay with it.
  void unlist(Session& session);

  /// A state from the engine. True: flush() has something to tell.
  bool update(const ScopedName& user, wire::PresenceState state);
  /// At the end of a turn.
  void flush();

 private:
  /// Adds the name to `abandoned` if nobody here watches the user any more.
  void detach(Session& session, Subscription& subscription, std::vector<std::string>& abandoned);
  void flush(Session& session);

  EngineClient& engine_;
  ScopedMap<WatchedUser> users_;
  std::vector<Session*> dirty_;  ///< with presenceNews, each once
};

}  // namespace rtm::server
