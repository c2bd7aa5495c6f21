// The whole connection machine as one table, and the properties that always hold.

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <random>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "client/connection/connection_machine.hpp"
#include "client/connection_machine_tools.hpp"

namespace rtm::client {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)

enum class In {
  Login,
  Logout,  // with nothing on its way
  LogoutDraining,
  LoginAccepted,
  Resumed,
  RefusedBadToken,
  RefusedExpired,
  CannotConnect,
  LinkLost,
  LinkLostAskedToWait,  // the server asked the client to wait 700 ms
  LinkLostYoung,        // 100 ms after it had come up, with an answer of the server
  LinkLostUseless,      // the same without
  RemoteLogin,
  Banned,
  TokenExpired,
  Drained,
  LogoutDone,
  LogoutTimeout,
  LoginTimeout,
  OutageTimeout,
};

/// The inputs of the network and of the timers; always possible. Random numbers are 0: the shortest delay.
const std::map<In, std::function<Effects(ConnectionMachine&)>>& inputs() {
  using Machine = ConnectionMachine;
  static const std::map<In, std::function<Effects(Machine&)>> kInputs = {
      {In::Login, [](Machine& m) { return m.login(); }},
      {In::Logout, [](Machine& m) { return m.logout(false); }},
      {In::LogoutDraining, [](Machine& m) { return m.logout(true); }},
      {In::LoginAccepted, [](Machine& m) { return m.loginAccepted(); }},
      {In::Resumed, [](Machine& m) { return m.resumed(); }},
      {In::RefusedBadToken, [](Machine& m) { return m.loginRefused(LoginCode::InvalidToken, 0); }},
      {In::RefusedExpired, [](Machine& m) { return m.loginRefused(LoginCode::TokenExpired, 0); }},
      {In::CannotConnect, [](Machine& m) { return m.cannotConnect(LoginCode::Rejected, 0); }},
      {In::LinkLost, [](Machine& m) { return m.linkLost(0, kProvenLink); }},
      {In::LinkLostAskedToWait,
       [](Machine& m) {
         return m.linkLost(0, {.upMs = ConnectionMachine::kProvenMs, .answered = true, .retryAfterMs = 700});
       }},
      {In::LinkLostYoung, [](Machine& m) { return m.linkLost(0, kYoungLink); }},
      {In::LinkLostUseless, [](Machine& m) { return m.linkLost(0, kUselessLink); }},
      {In::RemoteLogin, [](Machine& m) { return m.aborted(ConnectionReason::RemoteLogin); }},
      {In::Banned, [](Machine& m) { return m.aborted(ConnectionReason::BannedByServer); }},
      {In::TokenExpired, [](Machine& m) { return m.aborted(ConnectionReason::TokenExpired); }},
      {In::Drained, [](Machine& m) { return m.drained(); }},
      {In::LogoutDone, [](Machine& m) { return m.logoutDone(); }},
      {In::LogoutTimeout, [](Machine& m) { return m.logoutTimeout(); }},
      {In::LoginTimeout, [](Machine& m) { return m.loginTimeout(); }},
      {In::OutageTimeout, [](Machine& m) { return m.outageTimeout(); }},
  };
  return kInputs;
}

bool isCall(In in) {
  return in == In::Login || in == In::Logout || in == In::LogoutDraining;
}

bool mayBeCalled(const ConnectionMachine& machine, In in) {
  return in == In::Login ? machine.mayLogin() : machine.mayLogout();
}

constexpr std::string_view kCallRefused = "(the call is refused)";

struct Row {
  Start from;
  std::vector<In> in;
  Phase to;
  std::string_view effects;
};

constexpr std::string_view kEndOfLogout = "CancelTimers, DropLink, ForgetSession, onLogout, DISCONNECTED/LOGOUT";

const std::vector<Row>& table() {
  static const std::vector<In> kLinkLosses = {In::LinkLost, In::LinkLostYoung, In::LinkLostUseless, In::CannotConnect};
  // clang-format off
  static const std::vector<Row> kTable = {
    {Start::Disconnected, {In::Login}, Phase::LoggingIn, "CONNECTING/LOGIN, ArmLoginTimer, Connect 0"},
    {Start::Disconnected, {In::Logout, In::LogoutDraining}, Phase::Disconnected, kCallRefused},
    {Start::Disconnected, {In::LoginAccepted, In::Resumed, In::RefusedBadToken, In::RefusedExpired, In::CannotConnect,
                           In::LinkLost, In::LinkLostAskedToWait, In::LinkLostYoung, In::LinkLostUseless,
                           In::RemoteLogin, In::Banned,
                           In::TokenExpired, In::Drained, In::LogoutDone, In::LogoutTimeout, In::LoginTimeout, In::OutageTimeout},
     Phase::Disconnected, ""},

    {Start::LoggingIn, {In::Login}, Phase::LoggingIn, kCallRefused},
    {Start::LoggingIn, {In::Logout, In::LogoutDraining}, Phase::Disconnected, kEndOfLogout},
    {Start::LoggingIn, {In::LoginAccepted}, Phase::Online,
     "CancelTimers, CONNECTED/LOGIN_SUCCESS, onLoginSuccess, Flush"},
    {Start::LoggingIn, {In::RefusedBadToken}, Phase::Disconnected,
     "CancelTimers, DropLink, ForgetSession, DISCONNECTED/LOGIN_FAILURE, onLoginFailure 5"},
    {Start::LoggingIn, {In::RefusedExpired}, Phase::Disconnected,
     "CancelTimers, DropLink, ForgetSession, DISCONNECTED/LOGIN_FAILURE, onLoginFailure 6"},
    {Start::LoggingIn, {In::CannotConnect}, Phase::Disconnected,
     "CancelTimers, DropLink, ForgetSession, DISCONNECTED/LOGIN_FAILURE, onLoginFailure 2"},
    {Start::LoggingIn, {In::LinkLost, In::LinkLostYoung, In::LinkLostUseless}, Phase::LoggingIn, "DropLink, Connect 250"},
    {Start::LoggingIn, {In::LinkLostAskedToWait}, Phase::LoggingIn, "DropLink, Connect 700 as asked"},
    {Start::LoggingIn, {In::LoginTimeout}, Phase::Disconnected,
     "CancelTimers, DropLink, ForgetSession, DISCONNECTED/LOGIN_TIMEOUT, onLoginFailure 9"},
    {Start::LoggingIn, {In::Resumed, In::RemoteLogin, In::Banned, In::TokenExpired, In::Drained, In::LogoutDone, In::LogoutTimeout, In::OutageTimeout},
     Phase::LoggingIn, ""},

    {Start::Online, {In::Login}, Phase::Online, kCallRefused},
    {Start::Online, {In::Logout}, Phase::LoggingOut, "CancelTimers, SendLogout, ArmLogoutTimer"},
    {Start::Online, {In::LogoutDraining}, Phase::Draining, "CancelTimers, ArmDrainTimer"},
    {Start::Online, {In::LinkLost}, Phase::Interrupted, "DropLink, ArmOutageTimer, Connect 0"},
    {Start::Online, {In::LinkLostAskedToWait}, Phase::Interrupted, "DropLink, ArmOutageTimer, Connect 700 as asked"},
    {Start::Online, {In::LinkLostYoung}, Phase::Interrupted, "DropLink, ArmOutageTimer, Connect 150"},
    {Start::Online, {In::LinkLostUseless}, Phase::Interrupted, "DropLink, ArmOutageTimer, Connect 250"},
    {Start::Online, {In::CannotConnect}, Phase::Interrupted, "DropLink, ArmOutageTimer, Connect 250"},
    {Start::Online, {In::RemoteLogin}, Phase::Aborted, "CancelTimers, DropLink, ABORTED/REMOTE_LOGIN, ForgetSession"},
    {Start::Online, {In::Banned}, Phase::Aborted, "CancelTimers, DropLink, ABORTED/BANNED_BY_SERVER, ForgetSession"},
    {Start::Online, {In::TokenExpired}, Phase::Aborted,
     "CancelTimers, DropLink, onTokenExpired, ABORTED/TOKEN_EXPIRED, ForgetSession"},
    {Start::Online, {In::LoginAccepted, In::Resumed, In::RefusedBadToken, In::RefusedExpired, In::Drained, In::LogoutDone, In::LogoutTimeout,
                     In::LoginTimeout, In::OutageTimeout}, Phase::Online, ""},

    {Start::Interrupted, {In::Login}, Phase::Interrupted, kCallRefused},
    {Start::Interrupted, {In::Logout, In::LogoutDraining}, Phase::Disconnected, kEndOfLogout},
    {Start::Interrupted, {In::LoginAccepted}, Phase::Online, "CancelTimers, Restore, Flush"},
    {Start::Interrupted, {In::Resumed}, Phase::Online, "CancelTimers, Flush"},
    {Start::Interrupted, {In::RefusedBadToken}, Phase::Interrupted, "DropLink, Connect 250"},
    {Start::Interrupted, {In::RefusedExpired}, Phase::Interrupted, "DropLink, onTokenExpired, Connect 250"},
    {Start::Interrupted, kLinkLosses, Phase::Interrupted, "DropLink, Connect 250"},
    {Start::Interrupted, {In::LinkLostAskedToWait}, Phase::Interrupted, "DropLink, Connect 700 as asked"},
    {Start::Interrupted, {In::RemoteLogin}, Phase::Aborted,
     "CancelTimers, DropLink, ABORTED/REMOTE_LOGIN, ForgetSession"},
    {Start::Interrupted, {In::Banned}, Phase::Aborted,
     "CancelTimers, DropLink, ABORTED/BANNED_BY_SERVER, ForgetSession"},
    {Start::Interrupted, {In::TokenExpired}, Phase::Aborted,
     "CancelTimers, DropLink, onTokenExpired, ABORTED/TOKEN_EXPIRED, ForgetSession"},
    {Start::Interrupted, {In::OutageTimeout}, Phase::Reconnecting, "RECONNECTING/INTERRUPTED"},
    {Start::Interrupted, {In::Drained, In::LogoutDone, In::LogoutTimeout, In::LoginTimeout}, Phase::Interrupted, ""},

    {Start::Reconnecting, {In::Login}, Phase::Reconnecting, kCallRefused},
    {Start::Reconnecting, {In::Logout, In::LogoutDraining}, Phase::Disconnected, kEndOfLogout},
    {Start::Reconnecting, {In::LoginAccepted}, Phase::Online, "CancelTimers, CONNECTED/LOGIN_SUCCESS, Restore, Flush"},
    {Start::Reconnecting, {In::Resumed}, Phase::Online, "CancelTimers, CONNECTED/LOGIN_SUCCESS, Flush"},
    {Start::Reconnecting, {In::RefusedBadToken}, Phase::Reconnecting, "DropLink, Connect 250"},
    {Start::Reconnecting, {In::RefusedExpired}, Phase::Reconnecting, "DropLink, onTokenExpired, Connect 250"},
    {Start::Reconnecting, kLinkLosses, Phase::Reconnecting, "DropLink, Connect 250"},
    {Start::Reconnecting, {In::LinkLostAskedToWait}, Phase::Reconnecting, "DropLink, Connect 700 as asked"},
    {Start::Reconnecting, {In::RemoteLogin}, Phase::Aborted,
     "CancelTimers, DropLink, ABORTED/REMOTE_LOGIN, ForgetSession"},
    {Start::Reconnecting, {In::Banned}, Phase::Aborted,
     "CancelTimers, DropLink, ABORTED/BANNED_BY_SERVER, ForgetSession"},
    {Start::Reconnecting, {In::TokenExpired}, Phase::Aborted,
     "CancelTimers, DropLink, onTokenExpired, ABORTED/TOKEN_EXPIRED, ForgetSession"},
    {Start::Reconnecting, {In::Drained, In::LogoutDone, In::LogoutTimeout, In::LoginTimeout, In::OutageTimeout}, Phase::Reconnecting, ""},

    {Start::AbortedByOther, {In::Login}, Phase::Aborted, kCallRefused},
    {Start::AbortedByOther, {In::Logout, In::LogoutDraining}, Phase::Disconnected, kEndOfLogout},
    {Start::AbortedByOther, {In::LoginAccepted, In::Resumed, In::RefusedBadToken, In::RefusedExpired, In::CannotConnect,
                             In::LinkLost, In::LinkLostAskedToWait, In::LinkLostYoung, In::LinkLostUseless,
                           In::RemoteLogin, In::Banned,
                             In::TokenExpired, In::Drained, In::LogoutDone, In::LogoutTimeout, In::LoginTimeout, In::OutageTimeout},
     Phase::Aborted, ""},

    {Start::AbortedByToken, {In::Login}, Phase::LoggingIn,
     "ForgetSession, CONNECTING/LOGIN, ArmLoginTimer, Connect 0"},
    {Start::AbortedByToken, {In::Logout, In::LogoutDraining}, Phase::Disconnected, kEndOfLogout},
    {Start::AbortedByToken, {In::LoginAccepted, In::Resumed, In::RefusedBadToken, In::RefusedExpired, In::CannotConnect,
                             In::LinkLost, In::LinkLostAskedToWait, In::LinkLostYoung, In::LinkLostUseless,
                           In::RemoteLogin, In::Banned,
                             In::TokenExpired, In::Drained, In::LogoutDone, In::LogoutTimeout, In::LoginTimeout, In::OutageTimeout},
     Phase::Aborted, ""},

    {Start::Draining, {In::Login, In::Logout, In::LogoutDraining}, Phase::Draining, kCallRefused},
    {Start::Draining, {In::Drained, In::LogoutTimeout}, Phase::LoggingOut, "CancelTimers, SendLogout, ArmLogoutTimer"},
    {Start::Draining, {In::LinkLost, In::LinkLostAskedToWait, In::LinkLostYoung, In::LinkLostUseless, In::CannotConnect,
                       In::RemoteLogin, In::Banned, In::TokenExpired}, Phase::Disconnected, kEndOfLogout},
    {Start::Draining, {In::LoginAccepted, In::Resumed, In::RefusedBadToken, In::RefusedExpired, In::LoginTimeout,
                       In::OutageTimeout, In::LogoutDone}, Phase::Draining, ""},

    {Start::LoggingOut, {In::Login, In::Logout, In::LogoutDraining}, Phase::LoggingOut, kCallRefused},
    {Start::LoggingOut, {In::LogoutDone, In::LogoutTimeout, In::LinkLost, In::LinkLostAskedToWait, In::LinkLostYoung,
                         In::LinkLostUseless, In::CannotConnect,
                         In::RemoteLogin, In::Banned, In::TokenExpired}, Phase::Disconnected, kEndOfLogout},
    {Start::LoggingOut, {In::LoginAccepted, In::Resumed, In::RefusedBadToken, In::RefusedExpired, In::LoginTimeout,
                         In::OutageTimeout, In::Drained}, Phase::LoggingOut, ""},
  };
  // clang-format on
  return kTable;
}

TEST(ConnectionMachine, FollowsTheTableForEveryPhaseAndInput) {
  std::map<std::pair<Start, In>, int> covered;
  for (const Row& row : table()) {
    for (const In in : row.in) {
      SCOPED_TRACE("start " + std::to_string(static_cast<int>(row.from)) + ", input " +
                   std::to_string(static_cast<int>(in)));
      ++covered[{row.from, in}];
      ConnectionMachine machine = machineAt(row.from);
      if (isCall(in)) {
        EXPECT_EQ(mayBeCalled(machine, in), row.effects != kCallRefused);
        if (row.effects == kCallRefused) continue;
      }
      EXPECT_EQ(describe(inputs().at(in)(machine)), row.effects);
      EXPECT_EQ(machine.phase(), row.to);
    }
  }
  for (const Start start : kStarts) {
    for (const auto& [in, input] : inputs()) {
      EXPECT_EQ((covered[{start, in}]), 1)
          << "start " << static_cast<int>(start) << ", input " << static_cast<int>(in) << ": one row each";
    }
  }
}

TEST(ConnectionMachine, HasAStateAndAllowedCallsForEachPhase) {
  struct View {
    Start start;
    ConnectionState state;
    bool loggedIn;
    bool mayLogin;
    bool mayLogout;
  };
  for (const View& view : std::vector<View>{
           {Start::Disconnected, ConnectionState::Disconnected, false, true, false},
           {Start::LoggingIn, ConnectionState::Connecting, false, false, true},
           {Start::Online, ConnectionState::Connected, true, false, true},
           {Start::Interrupted, ConnectionState::Connected, true, false, true},
           {Start::Reconnecting, ConnectionState::Reconnecting, true, false, true},
           {Start::AbortedByOther, ConnectionState::Aborted, true, false, true},
           {Start::AbortedByToken, ConnectionState::Aborted, true, true, true},
           {Start::Draining, ConnectionState::Connected, false, false, false},
           {Start::LoggingOut, ConnectionState::Connected, false, false, false},
       }) {
    SCOPED_TRACE(static_cast<int>(view.start));
    const ConnectionMachine machine = machineAt(view.start);
    EXPECT_EQ(machine.state(), view.state);
    EXPECT_EQ(machine.loggedIn(), view.loggedIn);
    EXPECT_EQ(machine.mayLogin(), view.mayLogin);
    EXPECT_EQ(machine.mayLogout(), view.mayLogout);
  }
}

/// The state of a driver: the timers, the link or the search for a link, the callbacks of the user.
struct Driver {
  bool loginTimer = false;
  bool outageTimer = false;
  bool logoutTimer = false;
  bool linked = false;  ///< a link or a search for one
  ConnectionState state = ConnectionState::Disconnected;
  int loginsOpen = 0;
  int logoutsOpen = 0;

  void take(const Effects& effects) {
    for (const Effect& effect : effects) take(effect);
  }
  void take(const Effect& effect) {
    switch (effect.kind) {
      case EffectKind::Connect:
        EXPECT_FALSE(linked) << "two links at a time";
        linked = true;
        break;
      case EffectKind::DropLink:
        linked = false;
        break;
      case EffectKind::ArmLoginTimer:
        loginTimer = true;
        break;
      case EffectKind::ArmOutageTimer:
        outageTimer = true;
        break;
      case EffectKind::ArmDrainTimer:
      case EffectKind::ArmLogoutTimer:
        logoutTimer = true;
        break;
      case EffectKind::CancelTimers:
        loginTimer = outageTimer = logoutTimer = false;
        break;
      case EffectKind::ChangeState:
        EXPECT_NE(effect.state, state) << "reported without a change";
        state = effect.state;
        break;
      case EffectKind::LoginSuccess:
      case EffectKind::LoginFailure:
        EXPECT_EQ(loginsOpen, 1);
        loginsOpen = 0;
        break;
      case EffectKind::LogoutDone:
        EXPECT_EQ(logoutsOpen, 1);
        logoutsOpen = 0;
        loginsOpen = 0;  // a logout takes the place of the login's result
        break;
      default:
        break;
    }
  }
};

TEST(ConnectionMachine, KeepsTimersLinkAndReportsInStepWithThePhaseOverRandomInputs) {
  const unsigned seed = std::random_device{}();
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::minstd_rand random(seed);
  ConnectionMachine machine;
  Driver driver;
  for (int step = 0; step < 100'000 && !::testing::Test::HasFailure(); ++step) {
    const auto in = static_cast<In>(random() % inputs().size());
    if (isCall(in) && !mayBeCalled(machine, in)) continue;
    if (in == In::Login) driver.loginsOpen = 1;
    if (in == In::Logout || in == In::LogoutDraining) driver.logoutsOpen = 1;
    if (in == In::LogoutTimeout && !std::exchange(driver.logoutTimer, false)) continue;
    if (in == In::LoginTimeout && !std::exchange(driver.loginTimer, false)) continue;
    if (in == In::OutageTimeout && !std::exchange(driver.outageTimer, false)) continue;
    SCOPED_TRACE("step " + std::to_string(step) + ", input " + std::to_string(static_cast<int>(in)));
    driver.take(inputs().at(in)(machine));

    const Phase phase = machine.phase();
    EXPECT_EQ(driver.state, machine.state());
    EXPECT_EQ(driver.loginTimer, phase == Phase::LoggingIn);
    EXPECT_EQ(driver.outageTimer, phase == Phase::Interrupted);
    EXPECT_EQ(driver.logoutTimer, phase == Phase::Draining || phase == Phase::LoggingOut);
    EXPECT_EQ(driver.linked, phase != Phase::Disconnected && phase != Phase::Aborted);
    EXPECT_EQ(driver.loginsOpen, phase == Phase::LoggingIn ? 1 : 0);
    EXPECT_EQ(driver.logoutsOpen, phase == Phase::Draining || phase == Phase::LoggingOut ? 1 : 0);
  }
}

}  // namespace
}  // namespace rtm::client
