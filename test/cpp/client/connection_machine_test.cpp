#include "client/connection/connection_machine.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "client/connection_machine_tools.hpp"

namespace rtm::client {
namespace {

using namespace testing;  // NOLINT(google-build-using-namespace)

// ---- the rows of docs/spec/connection.md §1, each as a claim ---------------------------------------------------

TEST(ConnectionStates, AnAcceptedLoginCallMakesConnecting) {
  ConnectionMachine machine;
  EXPECT_EQ(heard(machine.login()), "CONNECTING/LOGIN");
}

TEST(ConnectionStates, AnAcceptedLoginMakesConnectedAndThenOnLoginSuccess) {
  ConnectionMachine machine = machineAt(Start::LoggingIn);
  EXPECT_EQ(heard(machine.loginAccepted()), "CONNECTED/LOGIN_SUCCESS, onLoginSuccess");
}

TEST(ConnectionStates, ARefusedLoginMakesDisconnectedAndTheUserMustCallLoginAgain) {
  ConnectionMachine machine = machineAt(Start::LoggingIn);
  const Effects effects = machine.loginRefused(LoginCode::InvalidAppId, 0.5);
  EXPECT_EQ(heard(effects), "DISCONNECTED/LOGIN_FAILURE, onLoginFailure 4");
  EXPECT_EQ(describe(effects).find("Connect "), std::string::npos) << "no retry by itself";
  EXPECT_TRUE(machine.mayLogin());
  EXPECT_EQ(heard(machine.login()), "CONNECTING/LOGIN");
}

TEST(ConnectionStates, ALoginWithoutAnAnswerEndsAsLoginTimeoutHoweverManyLinksWereTried) {
  ConnectionMachine machine = machineAt(Start::LoggingIn);
  for (int i = 0; i < 5; ++i) EXPECT_EQ(heard(machine.linkLost(0.5)), "");
  EXPECT_EQ(heard(machine.loginTimeout()), "DISCONNECTED/LOGIN_TIMEOUT, onLoginFailure 9");
  EXPECT_EQ(heard(machine.loginAccepted()), "") << "the answer came too late";
}

TEST(ConnectionStates, ALogoutWhileConnectingEndsWithoutOnLoginFailure) {
  ConnectionMachine machine = machineAt(Start::LoggingIn);
  EXPECT_EQ(heard(machine.logout(true)), "onLogout, DISCONNECTED/LOGOUT");
  EXPECT_EQ(heard(machine.loginTimeout()), "");
}

TEST(ConnectionStates, ALinkThatIsBackWithinFourSecondsIsNeverReported) {
  ConnectionMachine machine = machineAt(Start::Online);
  EXPECT_EQ(heard(machine.linkLost(0)), "");
  EXPECT_EQ(machine.state(), ConnectionState::Connected);
  EXPECT_EQ(heard(machine.resumed()), "");
  EXPECT_EQ(heard(machine.outageTimeout()), "") << "of the outage that is over";
}

TEST(ConnectionStates, ALinkThatIsNotBackWithinFourSecondsMakesReconnecting) {
  ConnectionMachine machine = machineAt(Start::Online);
  machine.linkLost(0);
  machine.linkLost(0);
  EXPECT_EQ(heard(machine.outageTimeout()), "RECONNECTING/INTERRUPTED");
}

TEST(ConnectionStates, ALoginElsewhereAborts) {
  for (const Start start : {Start::Online, Start::Interrupted, Start::Reconnecting}) {
    ConnectionMachine machine = machineAt(start);
    EXPECT_EQ(heard(machine.aborted(ConnectionReason::RemoteLogin)), "ABORTED/REMOTE_LOGIN");
    EXPECT_FALSE(machine.mayLogin());
  }
}

TEST(ConnectionStates, ABanAborts) {
  for (const Start start : {Start::Online, Start::Interrupted, Start::Reconnecting}) {
    ConnectionMachine machine = machineAt(start);
    EXPECT_EQ(heard(machine.aborted(ConnectionReason::BannedByServer)), "ABORTED/BANNED_BY_SERVER");
    EXPECT_FALSE(machine.mayLogin());
  }
}

TEST(ConnectionStates, AnExpiredTokenAbortsAfterOnTokenExpired) {
  ConnectionMachine machine = machineAt(Start::Online);
  EXPECT_EQ(heard(machine.aborted(ConnectionReason::TokenExpired)), "onTokenExpired, ABORTED/TOKEN_EXPIRED");
}

TEST(ConnectionStates, ALogoutWhileConnectedWaitsForTheServersAnswer) {
  ConnectionMachine machine = machineAt(Start::Online);
  EXPECT_EQ(heard(machine.logout(false)), "");
  EXPECT_EQ(heard(machine.logoutDone()), "onLogout, DISCONNECTED/LOGOUT");
  EXPECT_EQ(heard(machine.logoutDone()), "") << "the timeout of the same logout";
}

TEST(ConnectionStates, ALogoutWaitsForWhatIsOnItsWayBeforeItAsksTheServer) {
  for (Effects (ConnectionMachine::*const end)() : {&ConnectionMachine::drained, &ConnectionMachine::logoutTimeout}) {
    ConnectionMachine machine = machineAt(Start::Online);
    EXPECT_EQ(describe(machine.logout(true)), "CancelTimers, ArmDrainTimer");
    EXPECT_EQ(describe(machine.logoutDone()), "") << "the server has not been asked";
    EXPECT_EQ(describe((machine.*end)()), "CancelTimers, SendLogout, ArmLogoutTimer");
    EXPECT_EQ(describe(machine.drained()), "");
    EXPECT_EQ(heard(machine.logoutTimeout()), "onLogout, DISCONNECTED/LOGOUT");
  }
}

TEST(ConnectionStates, ALogoutEndsWithOkEvenIfTheServerIsGone) {
  ConnectionMachine lost = machineAt(Start::LoggingOut);
  EXPECT_EQ(heard(lost.linkLost(0)), "onLogout, DISCONNECTED/LOGOUT");
  ConnectionMachine kicked = machineAt(Start::LoggingOut);
  EXPECT_EQ(heard(kicked.aborted(ConnectionReason::RemoteLogin)), "onLogout, DISCONNECTED/LOGOUT");
}

TEST(ConnectionStates, AReconnectWithTheOldSessionMakesConnectedWithoutOnLoginSuccess) {
  ConnectionMachine machine = machineAt(Start::Reconnecting);
  const Effects effects = machine.resumed();
  EXPECT_EQ(heard(effects), "CONNECTED/LOGIN_SUCCESS");
  EXPECT_EQ(describe(effects).find("Restore"), std::string::npos) << "the server still has everything";
}

TEST(ConnectionStates, AReconnectWithANewSessionRestoresAndMakesConnectedInTheSameWay) {
  ConnectionMachine machine = machineAt(Start::Reconnecting);
  const Effects effects = machine.loginAccepted();
  EXPECT_EQ(heard(effects), "CONNECTED/LOGIN_SUCCESS");
  EXPECT_NE(describe(effects).find("Restore, Flush"), std::string::npos);
}

TEST(ConnectionStates, AReconnectIsTriedForEver) {
  ConnectionMachine machine = machineAt(Start::Reconnecting);
  for (int i = 0; i < 100'000; ++i) {
    const Effects effects = i % 3 == 0 ? machine.loginRefused(LoginCode::InvalidToken, 0.5) : machine.linkLost(0.5);
    ASSERT_EQ(heard(effects), "");
    ASSERT_EQ(effects.back().kind, EffectKind::Connect);
    ASSERT_LE(effects.back().delayMs, 5000u);
  }
  EXPECT_EQ(machine.phase(), Phase::Reconnecting);
}

TEST(ConnectionStates, ATokenThatExpiresDuringAnOutageIsReportedOnceAndTheStateStays) {
  ConnectionMachine machine = machineAt(Start::Reconnecting);
  EXPECT_EQ(heard(machine.loginRefused(LoginCode::TokenExpired, 0)), "onTokenExpired");
  EXPECT_EQ(heard(machine.loginRefused(LoginCode::TokenExpired, 0)), "");
  EXPECT_EQ(heard(machine.loginRefused(LoginCode::TokenExpired, 0)), "");
  EXPECT_EQ(machine.state(), ConnectionState::Reconnecting);
  EXPECT_EQ(heard(machine.aborted(ConnectionReason::TokenExpired)), "ABORTED/TOKEN_EXPIRED") << "it is the same token";
}

TEST(ConnectionStates, ARenewedTokenRevivesAReconnectAndIsReportedAnewIfItExpiresToo) {
  ConnectionMachine machine = machineAt(Start::Reconnecting);
  machine.loginRefused(LoginCode::TokenExpired, 0);
  machine.tokenRenewed();
  EXPECT_EQ(heard(machine.loginRefused(LoginCode::TokenExpired, 0)), "onTokenExpired");
  machine.tokenRenewed();
  EXPECT_EQ(heard(machine.resumed()), "CONNECTED/LOGIN_SUCCESS");
}

TEST(ConnectionStates, ALogoutWithoutALinkIsDoneAtOnce) {
  for (const Start start : {Start::Interrupted, Start::Reconnecting, Start::AbortedByOther, Start::AbortedByToken}) {
    ConnectionMachine machine = machineAt(start);
    const Effects effects = machine.logout(true);
    EXPECT_EQ(heard(effects), "onLogout, DISCONNECTED/LOGOUT");
    EXPECT_EQ(describe(effects).find("SendLogout"), std::string::npos);
  }
}

TEST(ConnectionStates, PendingWorkEndsBeforeOnLogout) {
  for (const Start start : kStarts) {
    if (start == Start::Disconnected) continue;
    ConnectionMachine machine = machineAt(start);
    std::string effects;
    if (machine.mayLogout()) effects += describe(machine.logout(true));
    effects += describe(machine.drained());
    effects += describe(machine.logoutDone());
    EXPECT_LT(effects.find("ForgetSession"), effects.find("onLogout"));
  }
}

TEST(ConnectionStates, AfterAnAbortByTokenExpiryLoginIsAcceptedDirectlyAndStartsClean) {
  ConnectionMachine machine = machineAt(Start::AbortedByToken);
  ASSERT_TRUE(machine.mayLogin());
  const Effects effects = machine.login();
  EXPECT_EQ(effects.front().kind, EffectKind::ForgetSession) << "what was called in ABORTED is never sent";
  EXPECT_EQ(heard(effects), "CONNECTING/LOGIN");
  EXPECT_EQ(heard(machine.loginAccepted()), "CONNECTED/LOGIN_SUCCESS, onLoginSuccess");
  // The reason of the first abort must not allow a login after the second.
  machine.aborted(ConnectionReason::RemoteLogin);
  EXPECT_FALSE(machine.mayLogin());
}

TEST(ConnectionStates, AnAbortedInstanceMayLogInAgainAfterLogout) {
  ConnectionMachine machine = machineAt(Start::AbortedByOther);
  machine.logout(false);
  ASSERT_TRUE(machine.mayLogin());
  machine.login();
  EXPECT_EQ(heard(machine.loginAccepted()), "CONNECTED/LOGIN_SUCCESS, onLoginSuccess");
}

// ---- retry spacing -----------------------------------------------------------------------------------------------

TEST(RetryDelay, GrowsFromHalfASecondToFiveWithJitterOfUpToHalf) {
  const std::vector<std::uint64_t> ceilings = {500, 1000, 2000, 4000, 5000, 5000, 5000};
  for (const double random : {0.0, 0.25, 0.5, 0.999999}) {
    RetryDelay retry;
    for (const std::uint64_t ceiling : ceilings) {
      const std::uint64_t delay = retry.next(random);
      EXPECT_GE(delay, ceiling / 2);
      EXPECT_LT(delay, ceiling);
      EXPECT_NEAR(static_cast<double>(delay), static_cast<double>(ceiling) * (0.5 + random / 2), 1);
    }
    retry.reset();
    EXPECT_LT(retry.next(random), 500u);
  }
}

std::uint64_t delayOf(const Effects& effects) {
  return effects.back().kind == EffectKind::Connect ? effects.back().delayMs : ~std::uint64_t{0};
}

TEST(Retries, StartAtOnceAfterALinkThatWorkedAndThenBackOff) {
  ConnectionMachine machine = machineAt(Start::Online);
  EXPECT_EQ(delayOf(machine.linkLost(0, kProvenLink)), 0u);
  EXPECT_EQ(delayOf(machine.linkLost(0)), 250u);
  EXPECT_EQ(delayOf(machine.linkLost(0)), 500u);
  machine.outageTimeout();
  EXPECT_EQ(delayOf(machine.linkLost(0)), 1000u);
  EXPECT_EQ(delayOf(machine.loginRefused(LoginCode::Rejected, 0)), 2000u);
  EXPECT_EQ(delayOf(machine.cannotConnect(LoginCode::Rejected, 0)), 2500u);
  machine.resumed();
  EXPECT_EQ(delayOf(machine.linkLost(0, kProvenLink)), 0u);
  EXPECT_EQ(delayOf(machine.linkLost(0)), 250u);
}

TEST(Retries, BackOffFromAServerThatAcceptsAndHangsUpAtOnce) {
  ConnectionMachine machine = machineAt(Start::Online);
  std::vector<std::uint64_t> delays;
  for (int i = 0; i < 7; ++i) {
    delays.push_back(delayOf(machine.linkLost(0, {.upMs = 10})));
    if (i % 2 == 0) {
      machine.resumed();
    } else {
      machine.loginAccepted();
    }
  }
  EXPECT_EQ(delays, (std::vector<std::uint64_t>{250, 500, 1000, 2000, 2500, 2500, 2500}));
}

/// A sequence of links: how long each was up, whether it carried something, and how many tries fail before the next
/// one. The clock is simulated.
struct Spell {
  EndedLink link;
  int failedTries = 0;
  std::vector<std::uint64_t> delays;  ///< expected: after the link, and after each failed try
};

void live(const std::vector<Spell>& spells, bool byResume) {
  ConnectionMachine machine = machineAt(Start::Online);
  std::uint64_t now = 0;
  std::uint64_t lastStart = 0;
  for (std::size_t i = 0; i < spells.size(); ++i) {
    SCOPED_TRACE("link " + std::to_string(i));
    now += spells[i].link.upMs;
    std::vector<std::uint64_t> delays{delayOf(machine.linkLost(0, spells[i].link))};
    for (int n = 0; n < spells[i].failedTries; ++n) delays.push_back(delayOf(machine.linkLost(0)));
    EXPECT_EQ(delays, spells[i].delays);
    for (const std::uint64_t delay : delays) {
      now += delay;
      EXPECT_GE(now - lastStart, 250u) << "however a link flaps, nobody connects more often";
      lastStart = now;
    }
    if (byResume) {
      machine.resumed();
    } else {
      machine.loginAccepted();
    }
  }
}

TEST(Retries, WaitAsTheHistoryOfTheLinksAsks) {
  const EndedLink old{.upMs = 60'000, .answered = true};
  const EndedLink silentButOld{.upMs = ConnectionMachine::kProvenMs};
  const EndedLink almostOld{.upMs = ConnectionMachine::kProvenMs - 1, .answered = true};
  const EndedLink flash{.upMs = 5, .answered = true};
  const EndedLink dropped{.upMs = 5};
  for (const bool byResume : {true, false}) {
    SCOPED_TRACE(byResume ? "resumed" : "logged in anew");
    // Cut again and again while it works: the pace stays, and the time that the link was up counts.
    live({{old, 0, {0}}, {almostOld, 0, {0}}, {almostOld, 0, {0}}, {silentButOld, 0, {0}}}, byResume);
    live({{old, 0, {0}}, {flash, 0, {245}}, {flash, 0, {245}}, {flash, 0, {245}}, {flash, 0, {245}}}, byResume);
    live({{kYoungLink, 0, {150}}, {almostOld, 0, {0}}, {kYoungLink, 0, {150}}}, byResume);
    // With failed tries between: the tries back off, and the next working link resets the spacing.
    live({{old, 2, {0, 250, 500}}, {flash, 3, {245, 500, 1000, 2000}}, {flash, 2, {245, 500, 1000}}}, byResume);
    // Let in and dropped: backed off from, until one works.
    live({{old, 0, {0}},
          {dropped, 0, {250}},
          {dropped, 0, {500}},
          {dropped, 1, {1000, 2000}},
          {dropped, 0, {2500}},
          {flash, 0, {245}},
          {dropped, 0, {500}},
          {old, 0, {0}}},
         byResume);
  }
}

TEST(Retries, ComeCloserWhenTheSessionIsAboutToBeForgotten) {
  for (const double random : {0.0, 0.5, 0.999}) {
    ConnectionMachine machine = machineAt(Start::Reconnecting);
    for (int i = 0; i < 10; ++i) machine.linkLost(random);
    const auto delay = [&](std::uint64_t left) { return delayOf(machine.linkLost(random, {.sessionLeftMs = left})); };
    const std::uint64_t usual = delayOf(machine.linkLost(random));
    EXPECT_EQ(delay(30'000), usual);
    EXPECT_EQ(delay(4000), 2000u);
    EXPECT_EQ(delay(1000), 500u);
    EXPECT_EQ(delay(1), RetryDelay::shortest(random)) << "but never a rush";
    EXPECT_EQ(delay(0), usual) << "forgotten: nothing is urgent any more";
    EXPECT_EQ(delayOf(machine.linkLost(random, {.retryAfterMs = 3000, .sessionLeftMs = 1000})), 3000u);
  }
}

TEST(Retries, FindALinkThatIsBackInTheLastSecondOfTheSession) {
  for (std::uint64_t backAt = 28'000; backAt <= 29'000; backAt += 10) {
    for (const double random : {0.0, 0.3, 0.7, 0.999}) {
      ConnectionMachine machine = machineAt(Start::Online);
      std::uint64_t now =
          delayOf(machine.linkLost(random, {.upMs = 60'000, .answered = true, .sessionLeftMs = 30'000}));
      while (now < backAt) now += delayOf(machine.linkLost(random, {.sessionLeftMs = 30'000 - now}));
      EXPECT_LE(now, 29'500u) << "back at " << backAt << ", random " << random;
    }
  }
}

TEST(Retries, NeverComeSoonerThanTheServerAsked) {
  ConnectionMachine machine = machineAt(Start::Online);
  EXPECT_EQ(delayOf(machine.linkLost(0, {.upMs = 3000, .answered = true, .retryAfterMs = 3000})), 3000u);
  EXPECT_EQ(delayOf(machine.linkLost(0, {.retryAfterMs = 100})), 250u);
  EXPECT_EQ(delayOf(machine.linkLost(0, {.retryAfterMs = 60'000})), 60'000u);
}

TEST(Retries, StartAnewWhenTheNetworkHasChanged) {
  ConnectionMachine machine = machineAt(Start::Reconnecting);
  for (int i = 0; i < 6; ++i) machine.linkLost(0);
  machine.networkChanged();
  EXPECT_EQ(delayOf(machine.linkLost(0)), 250u);
  EXPECT_EQ(delayOf(machine.linkLost(0)), 500u);
}

TEST(Retries, StartFreshWithEveryLogin) {
  ConnectionMachine machine = machineAt(Start::LoggingIn);
  for (int i = 0; i < 6; ++i) machine.linkLost(0);
  machine.loginTimeout();
  machine.login();
  EXPECT_EQ(delayOf(machine.linkLost(0)), 250u);
}

}  // namespace
}  // namespace rtm::client
