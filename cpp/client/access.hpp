#pragma once

#include <atomic>

namespace rtm::client {

/// What a client may be asked at the moment. Written with the client lock, read by sends without it.
class Access {
 public:
  bool initialized() const { return initialized_; }
  bool loggedIn() const { return loggedIn_; }
  /// Logged in, and the connection is not in ABORTED: calls there are accepted and fail by their events.
  bool usable() const { return loggedIn_ && !aborted_; }

  /// Ok, or why a call of this kind is refused before anything else is looked at.
  template <typename Code>
  Code check() const {
    if (!initialized_) return Code::NotInitialized;
    return loggedIn_ ? Code::Ok : Code::UserNotLoggedIn;
  }

  void setInitialized(bool initialized) { initialized_ = initialized; }
  void setSession(bool loggedIn, bool aborted) {
    loggedIn_ = loggedIn;
    aborted_ = aborted;
  }

 private:
  std::atomic<bool> initialized_{false};
  std::atomic<bool> loggedIn_{false};
  std::atomic<bool> aborted_{false};
};

}  // namespace rtm::client
