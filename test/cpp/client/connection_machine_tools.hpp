#pragma once

// The connection machine's effects as text, and machines in a given phase.

#include <array>
#include <string>
#include <string_view>

#include "client/connection/connection_machine.hpp"

namespace rtm::client::testing {

using Phase = ConnectionMachine::Phase;

/// Links that have ended: one that stood long enough, one that was cut young after it had carried something, and one
/// that a server let in and dropped.
inline constexpr EndedLink kProvenLink{.upMs = ConnectionMachine::kProvenMs, .answered = true};
inline constexpr EndedLink kYoungLink{.upMs = 100, .answered = true};
inline constexpr EndedLink kUselessLink{.upMs = 100};

inline std::string_view nameOf(ConnectionState state) {
  static constexpr std::array<std::string_view, 6> kNames = {"?",         "DISCONNECTED", "CONNECTING",
                                                             "CONNECTED", "RECONNECTING", "ABORTED"};
  return kNames.at(static_cast<std::size_t>(state));
}

inline std::string_view nameOf(ConnectionReason reason) {
  static constexpr std::array<std::string_view, 10> kNames = {
      "?",           "LOGIN",  "LOGIN_SUCCESS",    "LOGIN_FAILURE", "LOGIN_TIMEOUT",
      "INTERRUPTED", "LOGOUT", "BANNED_BY_SERVER", "REMOTE_LOGIN",  "TOKEN_EXPIRED"};
  return kNames.at(static_cast<std::size_t>(reason));
}

inline std::string describe(const Effect& effect) {
  switch (effect.kind) {
    case EffectKind::Connect:
      return "Connect " + std::to_string(effect.delayMs) + (effect.asked ? " as asked" : "");
    case EffectKind::DropLink:
      return "DropLink";
    case EffectKind::SendLogout:
      return "SendLogout";
    case EffectKind::ArmLoginTimer:
      return "ArmLoginTimer";
    case EffectKind::ArmOutageTimer:
      return "ArmOutageTimer";
    case EffectKind::ArmDrainTimer:
      return "ArmDrainTimer";
    case EffectKind::ArmLogoutTimer:
      return "ArmLogoutTimer";
    case EffectKind::CancelTimers:
      return "CancelTimers";
    case EffectKind::ChangeState:
      return std::string(nameOf(effect.state)) + "/" + std::string(nameOf(effect.reason));
    case EffectKind::LoginSuccess:
      return "onLoginSuccess";
    case EffectKind::LoginFailure:
      return "onLoginFailure " + std::to_string(static_cast<int>(effect.loginError));
    case EffectKind::LogoutDone:
      return "onLogout";
    case EffectKind::TokenExpired:
      return "onTokenExpired";
    case EffectKind::ForgetSession:
      return "ForgetSession";
    case EffectKind::Flush:
      return "Flush";
    case EffectKind::Restore:
      return "Restore";
  }
  return "?";
}

inline std::string describe(const Effects& effects) {
  std::string text;
  for (const Effect& effect : effects) text += (text.empty() ? "" : ", ") + describe(effect);
  return text;
}

/// Only the effects that the user sees.
inline std::string heard(const Effects& effects) {
  Effects callbacks;
  for (const Effect& effect : effects) {
    if (effect.kind == EffectKind::ChangeState || effect.kind == EffectKind::LoginSuccess ||
        effect.kind == EffectKind::LoginFailure || effect.kind == EffectKind::LogoutDone ||
        effect.kind == EffectKind::TokenExpired) {
      callbacks.push_back(effect);
    }
  }
  return describe(callbacks);
}

/// Where a row starts: a phase, with ABORTED in its two kinds (only the one by token expiry may log in again,
/// docs/spec/connection.md §5).
enum class Start {
  Disconnected,
  LoggingIn,
  Online,
  Interrupted,
  Reconnecting,
  AbortedByOther,
  AbortedByToken,
  Draining,
  LoggingOut
};
inline constexpr std::array kStarts = {Start::Disconnected,   Start::LoggingIn,    Start::Online,
                                       Start::Interrupted,    Start::Reconnecting, Start::AbortedByOther,
                                       Start::AbortedByToken, Start::Draining,     Start::LoggingOut};

inline ConnectionMachine machineAt(Start start) {
  ConnectionMachine machine;
  if (start == Start::Disconnected) return machine;
  machine.login();
  if (start == Start::LoggingIn) return machine;
  machine.loginAccepted();
  switch (start) {
    case Start::Interrupted:
      machine.linkLost(0, kProvenLink);
      break;
    case Start::Reconnecting:
      machine.linkLost(0, kProvenLink);
      machine.outageTimeout();
      break;
    case Start::AbortedByOther:
      machine.aborted(ConnectionReason::RemoteLogin);
      break;
    case Start::AbortedByToken:
      machine.aborted(ConnectionReason::TokenExpired);
      break;
    case Start::Draining:
      machine.logout(true);
      break;
    case Start::LoggingOut:
      machine.logout(false);
      break;
    default:
      break;
  }
  return machine;
}

}  // namespace rtm::client::testing
