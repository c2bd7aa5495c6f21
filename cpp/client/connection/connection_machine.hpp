#pragma once

// The connection states of one client (docs/spec/connection.md §1, §2) as a pure machine: inputs in, effects out; no
// socket, no clock, no lock. SessionKeeper carries the effects out and reports what happens.

#include <cstdint>
#include <vector>

#include "client/api/session_codes.hpp"
#include "client/connection/retry_delay.hpp"

namespace rtm::client {

/// What SessionKeeper is to do, in order.
enum class EffectKind {
  Connect,         ///< look for a server, after delayMs
  DropLink,        ///< close the link or end the search; their reports are stale from here on
  SendLogout,      ///< ask the server to end the session
  ArmLoginTimer,   ///< feed loginTimeout() after the login timeout
  ArmOutageTimer,  ///< feed outageTimeout() when the link has been silent for 4 s
  ArmDrainTimer,   ///< feed logoutTimeout() when unanswered sends have had their time
  ArmLogoutTimer,  ///< feed logoutTimeout() after the logout timeout
  CancelTimers,
  ChangeState,    ///< report state, reason
  LoginSuccess,   ///< report onLoginSuccess
  LoginFailure,   ///< report onLoginFailure(loginError)
  LogoutDone,     ///< report onLogout(OK)
  TokenExpired,   ///< report onTokenExpired
  ForgetSession,  ///< the session is over: pending work ends, and so do memberships
  Flush,          ///< the session goes on: send everything without an answer
  Restore,        ///< a new session replaced the old one: join again, set attributes and subscriptions again
};

struct Effect {
  EffectKind kind{};
  ConnectionState state{};
  ConnectionReason reason{};
  LoginCode loginError{};
  std::uint64_t delayMs = 0;
  bool asked = false;  ///< with Connect: the server wants to be left alone for so long
};

using Effects = std::vector<Effect>;

/// Facts about a link that has ended; all zero if no link could be made.
struct EndedLink {
  std::uint64_t upMs = 0;           ///< how long it had been logged in
  bool answered = false;            ///< something came over it after the login, and the server did not end it
  std::uint64_t retryAfterMs = 0;   ///< the wait that the server asked for
  std::uint64_t sessionLeftMs = 0;  ///< how much longer the session can be resumed; 0: not at all, or unknown
};

class ConnectionMachine {
 public:
  enum class Phase {
    Disconnected,
    LoggingIn,     ///< CONNECTING: no success yet, retries until the login timeout
    Online,        ///< CONNECTED, link up
    Interrupted,   ///< CONNECTED to the user: link lost less than 4 s ago
    Reconnecting,  ///< RECONNECTING: retries for ever
    Aborted,
    Draining,    ///< logged out to the user; unanswered sends get their results before the server is asked
    LoggingOut,  ///< the server has been asked; ends with its answer, a lost link or a timeout
  };

  Phase phase() const { return phase_; }
  ConnectionState state() const;
  /// True while operations may be called (return 102 otherwise): after a login until logout, also in ABORTED.
  bool loggedIn() const { return phase_ != Phase::Disconnected && phase_ != Phase::LoggingIn && !leaving(); }
  /// True if logout() would be accepted.
  bool mayLogout() const { return phase_ != Phase::Disconnected && !leaving(); }
  /// True if login() would be accepted. After ABORTED by token expiry a direct login is
  /// (docs/spec/connection.md §5).
  bool mayLogin() const {
    return phase_ == Phase::Disconnected ||
           (phase_ == Phase::Aborted && abortReason_ == ConnectionReason::TokenExpired);
  }

  // Calls of the user; preconditions: mayLogin(), mayLogout().
  Effects login();
  /// `drain`: something is on its way. Without a link there is nothing to wait for, and it ends at once.
  Effects logout(bool drain);

  /// The user has given a new token: if that one has expired too, the user hears of it again.
  void tokenRenewed() { tokenExpiryReported_ = false; }

  // Reports of the network.
  Effects loginAccepted();
  /// The server refused a login or a resume: the end of a first login; a reconnect goes on trying.
  Effects loginRefused(LoginCode code, double random);
  /// A connect or login failed, and repeating it cannot help (wrong certificate, no common protocol version).
  Effects cannotConnect(LoginCode code, double random);
  Effects resumed();
  /// No link could be made, or the present link has ended. The first retry after a link that stood for kProvenMs is
  /// immediate, since most losses are one broken connection and not a broken network. After a younger link that carried
  /// something the spacing restarts, counted from the login: the network flaps, and longer waits would not help. The
  /// spacing grows for a server that accepts and hangs up. Towards the end of the grace period tries come closer: each
  /// waits at most half of the time that is left.
  Effects linkLost(double random, const EndedLink& link = {});
  static constexpr std::uint64_t kProvenMs = 2000;
  /// The network has changed, and the waiting try is made at once: if it fails, the spacing starts again.
  void networkChanged() { retryDelay_.reset(); }
  /// The server ended the session: REMOTE_LOGIN, BANNED_BY_SERVER or TOKEN_EXPIRED.
  Effects aborted(ConnectionReason reason);

  /// All that was on its way has its result.
  Effects drained();
  /// The server has confirmed the logout.
  Effects logoutDone();

  // Timers.
  Effects loginTimeout();
  Effects outageTimeout();
  /// The time of the present part of a logout is over.
  Effects logoutTimeout();

 private:
  std::uint64_t delayAfter(double random, const EndedLink& link);
  bool leaving() const { return phase_ == Phase::Draining || phase_ == Phase::LoggingOut; }
  Effects askToLogOut();
  Effects finishLogout();
  Effects change(Phase phase, ConnectionReason reason);

  Phase phase_ = Phase::Disconnected;
  ConnectionReason abortReason_{};
  bool tokenExpiryReported_ = false;
  RetryDelay retryDelay_;
};

}  // namespace rtm::client
