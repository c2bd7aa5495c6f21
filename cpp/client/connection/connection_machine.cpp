#include "client/connection/connection_machine.hpp"

#include <algorithm>

namespace rtm::client {

namespace {

Effect effect(EffectKind kind) {
  return Effect{.kind = kind};
}
Effect connectAfter(std::uint64_t delayMs, bool asked = false) {
  return Effect{.kind = EffectKind::Connect, .delayMs = delayMs, .asked = asked};
}
Effect loginFailure(LoginCode code) {
  return Effect{.kind = EffectKind::LoginFailure, .loginError = code};
}

}  // namespace

ConnectionState ConnectionMachine::state() const {
  switch (phase_) {
    case Phase::Disconnected:
      return ConnectionState::Disconnected;
    case Phase::LoggingIn:
      return ConnectionState::Connecting;
    case Phase::Online:
    case Phase::Interrupted:
    case Phase::Draining:
    case Phase::LoggingOut:
      return ConnectionState::Connected;
    case Phase::Reconnecting:
      return ConnectionState::Reconnecting;
    case Phase::Aborted:
      return ConnectionState::Aborted;
  }
  return ConnectionState::Disconnected;
}

/// Enters a phase and reports it, if what the user sees changes.
Effects ConnectionMachine::change(Phase phase, ConnectionReason reason) {
  const ConnectionState before = state();
  phase_ = phase;
  if (state() == before) return {};
  return {Effect{.kind = EffectKind::ChangeState, .state = state(), .reason = reason}};
}

Effects ConnectionMachine::login() {
  retryDelay_.reset();
  tokenExpiryReported_ = false;
  Effects effects;
  // A call in ABORTED is never sent (docs/spec/connection.md §1), not under a later login either.
  if (phase_ == Phase::Aborted) effects.push_back(effect(EffectKind::ForgetSession));
  effects.push_back(change(Phase::LoggingIn, ConnectionReason::Login).front());
  effects.push_back(effect(EffectKind::ArmLoginTimer));
  effects.push_back(connectAfter(0));
  return effects;
}

Effects ConnectionMachine::logout(bool drain) {
  if (phase_ != Phase::Online) return finishLogout();
  if (!drain) return askToLogOut();
  phase_ = Phase::Draining;
  return {effect(EffectKind::CancelTimers), effect(EffectKind::ArmDrainTimer)};
}

Effects ConnectionMachine::askToLogOut() {
  // Waiting for the server's word means that a program may exit after onLogout and its user is really gone.
  phase_ = Phase::LoggingOut;
  return {effect(EffectKind::CancelTimers), effect(EffectKind::SendLogout), effect(EffectKind::ArmLogoutTimer)};
}

Effects ConnectionMachine::drained() {
  return phase_ == Phase::Draining ? askToLogOut() : Effects{};
}

Effects ConnectionMachine::logoutTimeout() {
  return phase_ == Phase::Draining ? drained() : logoutDone();
}

Effects ConnectionMachine::logoutDone() {
  return phase_ == Phase::LoggingOut ? finishLogout() : Effects{};
}

Effects ConnectionMachine::finishLogout() {
  // Pending work ends before onLogout (docs/spec/semantics.md §9), and onLogout comes before the state change
  // (docs/spec/connection.md §1).
  Effects effects{effect(EffectKind::CancelTimers), effect(EffectKind::DropLink), effect(EffectKind::ForgetSession),
                  effect(EffectKind::LogoutDone)};
  const Effects changed = change(Phase::Disconnected, ConnectionReason::Logout);
  effects.insert(effects.end(), changed.begin(), changed.end());
  return effects;
}

Effects ConnectionMachine::loginAccepted() {
  tokenExpiryReported_ = false;
  Effects effects{effect(EffectKind::CancelTimers)};
  if (phase_ == Phase::LoggingIn) {
    effects.push_back(change(Phase::Online, ConnectionReason::LoginSuccess).front());
    effects.push_back(effect(EffectKind::LoginSuccess));
    effects.push_back(effect(EffectKind::Flush));
    return effects;
  }
  if (phase_ != Phase::Interrupted && phase_ != Phase::Reconnecting) return {};
  // The old session was gone (its grace was over, or the server restarted): a new one takes its place.
  const Effects changed = change(Phase::Online, ConnectionReason::LoginSuccess);
  effects.insert(effects.end(), changed.begin(), changed.end());
  effects.push_back(effect(EffectKind::Restore));
  effects.push_back(effect(EffectKind::Flush));
  return effects;
}

Effects ConnectionMachine::resumed() {
  if (phase_ != Phase::Interrupted && phase_ != Phase::Reconnecting) return {};
  tokenExpiryReported_ = false;
  Effects effects{effect(EffectKind::CancelTimers)};
  const Effects changed = change(Phase::Online, ConnectionReason::LoginSuccess);
  effects.insert(effects.end(), changed.begin(), changed.end());
  effects.push_back(effect(EffectKind::Flush));
  return effects;
}

Effects ConnectionMachine::loginRefused(LoginCode code, double random) {
  if (phase_ == Phase::LoggingIn) return cannotConnect(code, random);
  if (phase_ != Phase::Interrupted && phase_ != Phase::Reconnecting) return {};
  // While reconnecting the SDK never gives up: a renewed token, or a repaired server, lets a later try succeed.
  Effects effects{effect(EffectKind::DropLink)};
  if (code == LoginCode::TokenExpired && !tokenExpiryReported_) {
    tokenExpiryReported_ = true;
    effects.push_back(effect(EffectKind::TokenExpired));
  }
  effects.push_back(connectAfter(retryDelay_.next(random)));
  return effects;
}

Effects ConnectionMachine::cannotConnect(LoginCode code, double random) {
  if (phase_ != Phase::LoggingIn) return linkLost(random);
  Effects effects{effect(EffectKind::CancelTimers), effect(EffectKind::DropLink), effect(EffectKind::ForgetSession)};
  effects.push_back(change(Phase::Disconnected, ConnectionReason::LoginFailure).front());
  effects.push_back(loginFailure(code));
  return effects;
}

std::uint64_t ConnectionMachine::delayAfter(double random, const EndedLink& link) {
  const bool proven = link.upMs >= kProvenMs;
  if (proven || link.answered) retryDelay_.reset();
  std::uint64_t spacing = proven ? 0 : retryDelay_.next(random);
  // A link that is back a second before the server forgets the session must be found in that second: later costs a
  // restore, and everybody sees a leave and a join.
  if (link.sessionLeftMs > 0)
    spacing = std::min(spacing, std::max(RetryDelay::shortest(random), link.sessionLeftMs / 2));
  const std::uint64_t waited = link.answered ? std::min(spacing, link.upMs) : 0;
  return std::max(link.retryAfterMs, spacing - waited);
}

Effects ConnectionMachine::linkLost(double random, const EndedLink& link) {
  if (leaving()) return finishLogout();
  Effects effects{effect(EffectKind::DropLink)};
  switch (phase_) {
    case Phase::LoggingIn:
    case Phase::Interrupted:
    case Phase::Reconnecting:
      // No link that was logged in has ended, so none speaks for the server.
      effects.push_back(
          connectAfter(delayAfter(random, {.retryAfterMs = link.retryAfterMs, .sessionLeftMs = link.sessionLeftMs}),
                       link.retryAfterMs > 0));
      return effects;
    case Phase::Online:
      phase_ = Phase::Interrupted;
      effects.push_back(effect(EffectKind::ArmOutageTimer));
      effects.push_back(connectAfter(delayAfter(random, link), link.retryAfterMs > 0));
      return effects;
    case Phase::Disconnected:
    case Phase::Aborted:
    case Phase::Draining:
    case Phase::LoggingOut:
      return {};
  }
  return {};
}

Effects ConnectionMachine::aborted(ConnectionReason reason) {
  if (leaving()) return finishLogout();
  if (!loggedIn() || phase_ == Phase::Aborted) return {};
  abortReason_ = reason;
  Effects effects{effect(EffectKind::CancelTimers), effect(EffectKind::DropLink)};
  if (reason == ConnectionReason::TokenExpired && !tokenExpiryReported_) {
    effects.push_back(effect(EffectKind::TokenExpired));  // before the state (docs/spec/connection.md §5)
  }
  effects.push_back(change(Phase::Aborted, reason).front());
  effects.push_back(effect(EffectKind::ForgetSession));
  return effects;
}

Effects ConnectionMachine::loginTimeout() {
  if (phase_ != Phase::LoggingIn) return {};
  Effects effects{effect(EffectKind::CancelTimers), effect(EffectKind::DropLink), effect(EffectKind::ForgetSession)};
  effects.push_back(change(Phase::Disconnected, ConnectionReason::LoginTimeout).front());
  effects.push_back(loginFailure(LoginCode::Timeout));
  return effects;
}

Effects ConnectionMachine::outageTimeout() {
  if (phase_ != Phase::Interrupted) return {};
  return change(Phase::Reconnecting, ConnectionReason::Interrupted);
}

}  // namespace rtm::client
