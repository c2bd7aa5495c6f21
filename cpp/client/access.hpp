#pragma once

#include <atomic>

#include "base/process_life.hpp"

namespace rtm::client {

class ClientLog;

/// What a client may be asked at the moment. Written with the client lock, read by sends without it.
///
/// A client is of use in the life of the process in which it was made: in a child of fork(), and when the process has
/// come to its end, it is like a client that was not initialized. The first call that is refused for this writes a
/// line.
class Access {
 public:
  explicit Access(ClientLog& log) : log_(log) {}

  /// Not: in a child of fork(), or at the end of the process.
  bool alive() const { return life_ == life::now(); }
  /// Not: in a child of fork().
  bool ours() const { return life::isOurs(life_); }
  bool initialized() const { return initialized_ && (alive() || sayDead()); }
  bool loggedIn() const { return loggedIn_ && alive(); }
  /// Logged in, and the connection is not in ABORTED: calls there are accepted and fail by their events.
  bool usable() const { return loggedIn() && !aborted_; }

  /// Ok, or why a call of this kind is refused before anything else is looked at.
  template <typename Code>
  Code check() const {
    if (!initialized()) return Code::NotInitialized;
    return loggedIn_ ? Code::Ok : Code::UserNotLoggedIn;
  }

  void setInitialized(bool initialized) { initialized_ = initialized; }
  void setSession(bool loggedIn, bool aborted) {
    loggedIn_ = loggedIn;
    aborted_ = aborted;
  }

 private:
  bool sayDead() const;

  const life::Number life_ = life::now();
  ClientLog& log_;
  mutable std::atomic<bool> said_{false};
  std::atomic<bool> initialized_{false};
  std::atomic<bool> loggedIn_{false};
  std::atomic<bool> aborted_{false};
};

}  // namespace rtm::client
