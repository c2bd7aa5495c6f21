#include "client/connection/connection_machine.hpp"

#include <algorithm>

namespace rtm::client {

using namespace agora::rtm;  // NOLINT(google-build-using-namespace): the drop-in names are long and unmistakable

namespace {

Effect effect(EffectKind kind) {
  return Effect{.kind = kind};
}
Effect connectAfter(std::uint64_t delayMs, bool asked = false) {
  return Effect{.kind = EffectKind::Connect, .delayMs = delayMs, .asked = asked};
}
Effect loginFailure(LOGIN_ERR_CODE code) {
  return Effect{.kind = EffectKind::LoginFailure, .loginError = code};
}

}  // namespace

std::uint64_t Backoff::next(double random) {
  const std::uint64_t ceiling = std::min<std::uint64_t>(5000, std::uint64_t{500} << std::min(attempts_, 4u));
  ++attempts_;
  const std::uint64_t half = ceiling / 2;
  return half + static_cast<std::uint64_t>(static_cast<double>(half) * random);
}

CONNECTION_STATE ConnectionMachine::state() const {
  switch (phase_) {
    case Phase::Disconnected:
      return CONNECTION_STATE_DISCONNECTED;
    case Phase::LoggingIn:
      return CONNECTION_STATE_CONNECTING;
    case Phase::Online:
    case Phase::Interrupted:
    case Phase::LoggingOut:
      return CONNECTION_STATE_CONNECTED;
    case Phase::Reconnecting:
      return CONNECTION_STATE_RECONNECTING;
    case Phase::Aborted:
      return CONNECTION_STATE_ABORTED;
  }
  return CONNECTION_STATE_DISCONNECTED;
}

/// Enters a phase and reports it, if what the user sees changes.
Effects ConnectionMachine::change(Phase phase, CONNECTION_CHANGE_REASON reason) {
  const CONNECTION_STATE before = state();
  phase_ = phase;
  if (state() == before) return {};
  return {Effect{.kind = EffectKind::ChangeState, .state = state(), .reason = reason}};
}

Effects ConnectionMachine::login() {
  backoff_.reset();
  tokenExpiryReported_ = false;
  Effects effects;
  // What was called in ABORTED is never sent (spec connection §1): not under another login either.
  if (phase_ == Phase::Aborted) effects.push_back(effect(EffectKind::ForgetSession));
  effects.push_back(change(Phase::LoggingIn, CONNECTION_CHANGE_REASON_LOGIN).front());
  effects.push_back(effect(EffectKind::ArmLoginTimer));
  effects.push_back(connectAfter(0));
  return effects;
}

Effects ConnectionMachine::logout() {
  if (phase_ == Phase::Online) {
    // Waiting for the server's word means that a program may exit after onLogout and its user is really gone.
    phase_ = Phase::LoggingOut;
    return {effect(EffectKind::CancelTimers), effect(EffectKind::SendLogout), effect(EffectKind::ArmLogoutTimer)};
  }
  return finishLogout();
}

Effects ConnectionMachine::logoutDone() {
  return phase_ == Phase::LoggingOut ? finishLogout() : Effects{};
}

Effects ConnectionMachine::finishLogout() {
  // Pending work ends before onLogout (spec semantics §9), and onLogout comes before the state change (connection §1).
  Effects effects{effect(EffectKind::CancelTimers), effect(EffectKind::DropLink), effect(EffectKind::ForgetSession),
                  effect(EffectKind::LogoutDone)};
  const Effects changed = change(Phase::Disconnected, CONNECTION_CHANGE_REASON_LOGOUT);
  effects.insert(effects.end(), changed.begin(), changed.end());
  return effects;
}

Effects ConnectionMachine::loginAccepted() {
  tokenExpiryReported_ = false;
  Effects effects{effect(EffectKind::CancelTimers)};
  if (phase_ == Phase::LoggingIn) {
    effects.push_back(change(Phase::Online, CONNECTION_CHANGE_REASON_LOGIN_SUCCESS).front());
    effects.push_back(effect(EffectKind::LoginSuccess));
    effects.push_back(effect(EffectKind::Flush));
    return effects;
  }
  if (phase_ != Phase::Interrupted && phase_ != Phase::Reconnecting) return {};
  // The old session was gone (its grace was over, or the server restarted): a new one takes its place.
  const Effects changed = change(Phase::Online, CONNECTION_CHANGE_REASON_LOGIN_SUCCESS);
  effects.insert(effects.end(), changed.begin(), changed.end());
  effects.push_back(effect(EffectKind::Restore));
  effects.push_back(effect(EffectKind::Flush));
  return effects;
}

Effects ConnectionMachine::resumed() {
  if (phase_ != Phase::Interrupted && phase_ != Phase::Reconnecting) return {};
  tokenExpiryReported_ = false;
  Effects effects{effect(EffectKind::CancelTimers)};
  const Effects changed = change(Phase::Online, CONNECTION_CHANGE_REASON_LOGIN_SUCCESS);
  effects.insert(effects.end(), changed.begin(), changed.end());
  effects.push_back(effect(EffectKind::Flush));
  return effects;
}

Effects ConnectionMachine::loginRefused(LOGIN_ERR_CODE code, double random) {
  if (phase_ == Phase::LoggingIn) return cannotConnect(code, random);
  if (phase_ != Phase::Interrupted && phase_ != Phase::Reconnecting) return {};
  // While reconnecting the SDK never gives up: a renewed token, or a repaired server, lets a later try succeed.
  Effects effects{effect(EffectKind::DropLink)};
  if (code == LOGIN_ERR_TOKEN_EXPIRED && !tokenExpiryReported_) {
    tokenExpiryReported_ = true;
    effects.push_back(effect(EffectKind::TokenExpired));
  }
  effects.push_back(connectAfter(backoff_.next(random)));
  return effects;
}

Effects ConnectionMachine::cannotConnect(LOGIN_ERR_CODE code, double random) {
  if (phase_ != Phase::LoggingIn) return linkLost(random);
  Effects effects{effect(EffectKind::CancelTimers), effect(EffectKind::DropLink), effect(EffectKind::ForgetSession)};
  effects.push_back(change(Phase::Disconnected, CONNECTION_CHANGE_REASON_LOGIN_FAILURE).front());
  effects.push_back(loginFailure(code));
  return effects;
}

std::uint64_t ConnectionMachine::retryDelay(double random, const EndedLink& link) {
  const bool proven = link.upMs >= kProvenMs;
  if (proven || link.answered) backoff_.reset();
  std::uint64_t spacing = proven ? 0 : backoff_.next(random);
  // A link that is back a second before the server forgets the session must be found in that second: later costs a
  // restore, and everybody sees a leave and a join.
  if (link.sessionLeftMs > 0) spacing = std::min(spacing, std::max(Backoff::shortest(random), link.sessionLeftMs / 2));
  const std::uint64_t waited = link.answered ? std::min(spacing, link.upMs) : 0;
  return std::max(link.retryAfterMs, spacing - waited);
}

Effects ConnectionMachine::linkLost(double random, const EndedLink& link) {
  if (phase_ == Phase::LoggingOut) return finishLogout();
  Effects effects{effect(EffectKind::DropLink)};
  switch (phase_) {
    case Phase::LoggingIn:
    case Phase::Interrupted:
    case Phase::Reconnecting:
      // No link that was logged in has ended, so none speaks for the server.
      effects.push_back(
          connectAfter(retryDelay(random, {.retryAfterMs = link.retryAfterMs, .sessionLeftMs = link.sessionLeftMs}),
                       link.retryAfterMs > 0));
      return effects;
    case Phase::Online:
      phase_ = Phase::Interrupted;
      effects.push_back(effect(EffectKind::ArmOutageTimer));
      effects.push_back(connectAfter(retryDelay(random, link), link.retryAfterMs > 0));
      return effects;
    case Phase::Disconnected:
    case Phase::Aborted:
    case Phase::LoggingOut:
      return {};
  }
  return {};
}

Effects ConnectionMachine::aborted(CONNECTION_CHANGE_REASON reason) {
  if (phase_ == Phase::LoggingOut) return finishLogout();
  if (!loggedIn() || phase_ == Phase::Aborted) return {};
  abortReason_ = reason;
  Effects effects{effect(EffectKind::CancelTimers), effect(EffectKind::DropLink)};
  if (reason == CONNECTION_CHANGE_REASON_TOKEN_EXPIRED && !tokenExpiryReported_) {
    effects.push_back(effect(EffectKind::TokenExpired));  // before the state: S-32
  }
  effects.push_back(change(Phase::Aborted, reason).front());
  effects.push_back(effect(EffectKind::ForgetSession));
  return effects;
}

Effects ConnectionMachine::loginTimeout() {
  if (phase_ != Phase::LoggingIn) return {};
  Effects effects{effect(EffectKind::CancelTimers), effect(EffectKind::DropLink), effect(EffectKind::ForgetSession)};
  effects.push_back(change(Phase::Disconnected, CONNECTION_CHANGE_REASON_LOGIN_TIMEOUT).front());
  effects.push_back(loginFailure(LOGIN_ERR_TIMEOUT));
  return effects;
}

Effects ConnectionMachine::outageTimeout() {
  if (phase_ != Phase::Interrupted) return {};
  return change(Phase::Reconnecting, CONNECTION_CHANGE_REASON_INTERRUPTED);
}

}  // namespace rtm::client
