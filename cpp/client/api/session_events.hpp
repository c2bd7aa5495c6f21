#pragma once

#include <cstdint>
#include <string_view>

#include "client/api/session_codes.hpp"

namespace rtm::client {

/// A link that is logged in.
struct Established {
  enum class How {
    Login,    ///< the answer to login(); onLoginSuccess follows
    Resume,   ///< a lost link is back, with the session that it had
    NewLogin  ///< a lost link is back, but the server had forgotten the session: the client has restored it
  };
  How how{};
  bool complete = false;         ///< of a resume: no peer message was lost
  std::uint64_t tookMs = 0;      ///< since the call of login(), or since the link was lost
  std::string_view server = {};  ///< "127.0.0.1:9136", or "chat.example:9136 at 127.0.0.1:9136"
};

/// Events of the login and its connection. events.hpp says when and on which thread events come.
class SessionEvents {
 public:
  virtual void onConnectionState(ConnectionState, ConnectionReason) {}
  virtual void onEstablished(const Established&) {}
  virtual void onLoginSuccess() {}
  virtual void onLoginFailure(LoginCode) {}
  virtual void onLogout(LogoutCode) {}
  virtual void onRenewTokenResult(std::string_view /*token*/, RenewTokenCode) {}
  /// The server refused the token of a session that is being resumed; or the session is over for it.
  virtual void onTokenExpired() {}
  /// The token in use has 30 s left. Once for each token.
  virtual void onTokenWillExpire() {}

 protected:
  ~SessionEvents() = default;
};

}  // namespace rtm::client
