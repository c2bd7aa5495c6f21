#include "net/connect/connect_race.hpp"

#include <gtest/gtest.h>

#include <sstream>
#include <string>
#include <vector>

namespace rtm::net {
namespace {

SocketAddress at(const std::string& literal) {
  return SocketAddress::parse(literal, 1).value();
}

std::vector<SocketAddress> all(const std::vector<std::string>& literals) {
  std::vector<SocketAddress> addresses;
  for (const std::string& literal : literals) addresses.push_back(at(literal));
  return addresses;
}

/// One effect as text, so that a race reads as a table of lines.
std::string show(const ConnectRace::Effects& effects) {
  std::ostringstream out;
  if (effects.start) out << "start#" << effects.start->id << " " << effects.start->address.toString() << " ";
  if (effects.timerAt) out << "timer@" << *effects.timerAt << " ";
  if (effects.winner) out << "winner#" << *effects.winner << " ";
  if (effects.failed) out << "failed:" << static_cast<int>(effects.failed->code) << " ";
  std::string text = out.str();
  if (!text.empty()) text.pop_back();
  return text;
}

std::string codeOf(ConnectError code) {
  return "failed:" + std::to_string(static_cast<int>(code));
}

TEST(ConnectRaceTest, TriesIpv6FirstThenAlternatesEvery250Ms) {
  ConnectRace race({}, {{"dual"}}, 1000);
  EXPECT_EQ(show(race.onResolved(1000, 0, Family::V6, all({"::1", "::2"}))), "start#1 [::1]:1 timer@1250");
  EXPECT_EQ(show(race.onResolved(1010, 0, Family::V4, all({"1.1.1.1", "2.2.2.2"}))), "timer@1250");
  EXPECT_EQ(show(race.onTimer(1250)), "start#2 1.1.1.1:1 timer@1500");
  EXPECT_EQ(show(race.onTimer(1500)), "start#3 [::2]:1 timer@1750");
  EXPECT_EQ(show(race.onTimer(1750)), "start#4 2.2.2.2:1 timer@2000");
  EXPECT_EQ(show(race.onTimer(2000)), "");  // all are under way
  EXPECT_EQ(show(race.onAttemptReady(2100, 2)), "winner#2");
  EXPECT_TRUE(race.finished());
  EXPECT_EQ(show(race.onAttemptReady(2101, 1)), "");
  EXPECT_EQ(show(race.onTimer(2500)), "");
}

TEST(ConnectRaceTest, AFailureStartsTheNextAttemptAtOnce) {
  ConnectRace race({}, {{"dual"}}, 0);
  race.onResolved(0, 0, Family::V6, all({"::1"}));
  race.onResolved(0, 0, Family::V4, all({"1.1.1.1", "2.2.2.2"}));
  EXPECT_EQ(show(race.onAttemptFailed(7, 1, ConnectError::Unreachable, "refused")), "start#2 1.1.1.1:1 timer@257");
  EXPECT_EQ(show(race.onAttemptFailed(9, 2, ConnectError::Unreachable, "refused")), "start#3 2.2.2.2:1 timer@259");
}

TEST(ConnectRaceTest, AnAddressThatAnswersHasTwoSecondsForItsHandshake) {
  ConnectRace race({}, {{"dual"}}, 0);
  race.onResolved(0, 0, Family::V6, all({"::1"}));
  race.onResolved(0, 0, Family::V4, all({"1.1.1.1", "2.2.2.2"}));
  race.onAttemptConnected(1);
  EXPECT_EQ(show(race.onTimer(250)), "timer@2000");
  race.onAttemptConnected(1);  // again: not two seconds more
  EXPECT_EQ(show(race.onTimer(2000)), "start#2 1.1.1.1:1 timer@2250");
  EXPECT_EQ(show(race.onTimer(2250)), "start#3 2.2.2.2:1 timer@2500");
}

TEST(ConnectRaceTest, AHandshakeThatFailsStartsTheNextAttemptAtOnce) {
  ConnectRace race({}, {{"dual"}}, 0);
  race.onResolved(0, 0, Family::V6, all({"::1"}));
  race.onResolved(0, 0, Family::V4, all({"1.1.1.1"}));
  race.onAttemptConnected(1);
  EXPECT_EQ(show(race.onAttemptFailed(300, 1, ConnectError::Untrusted, "expired")), "start#2 1.1.1.1:1 timer@550");
}

TEST(ConnectRaceTest, Ipv4WaitsShortlyForTheIpv6AnswerButNotLonger) {
  {
    ConnectRace race({}, {{"dual"}}, 0);
    EXPECT_EQ(show(race.onResolved(10, 0, Family::V4, all({"1.1.1.1"}))), "timer@60");
    EXPECT_EQ(show(race.onResolved(30, 0, Family::V6, all({"::1"}))), "start#1 [::1]:1 timer@280");
    EXPECT_EQ(show(race.onTimer(280)), "start#2 1.1.1.1:1 timer@530");
  }
  {
    ConnectRace race({}, {{"dual"}}, 0);
    race.onResolved(10, 0, Family::V4, all({"1.1.1.1"}));
    EXPECT_EQ(show(race.onTimer(60)), "start#1 1.1.1.1:1 timer@310");
    EXPECT_EQ(show(race.onResolved(2000, 0, Family::V6, all({"::1"}))), "start#2 [::1]:1 timer@2250");
  }
  {
    ConnectRace race({}, {{"ipv4-only"}}, 0);
    race.onResolved(10, 0, Family::V4, all({"1.1.1.1"}));
    EXPECT_EQ(show(race.onUnresolved(12, 0, Family::V6, "no such name")), "start#1 1.1.1.1:1 timer@262");
  }
}

TEST(ConnectRaceTest, AttemptsStartWhileTheOtherFamilyStillResolves) {
  ConnectRace race({}, {{"dual"}}, 0);
  EXPECT_EQ(show(race.onResolved(5, 0, Family::V6, all({"::1"}))), "start#1 [::1]:1 timer@255");
  EXPECT_EQ(show(race.onTimer(255)), "");  // IPv4 is still being resolved: nothing to do, but not over
  EXPECT_EQ(show(race.onAttemptFailed(300, 1, ConnectError::Unreachable, "refused")), "");
  EXPECT_EQ(show(race.onResolved(4000, 0, Family::V4, all({"1.1.1.1"}))), "start#2 1.1.1.1:1 timer@4250");
}

TEST(ConnectRaceTest, ManyDeadAddressesOfOneEndpointDoNotHoldUpTheNextEndpoint) {
  ConnectRace race({}, {{"first"}, {"second"}}, 0);
  race.onResolved(0, 0, Family::V6, all({"::1", "::2", "::3"}));
  race.onResolved(0, 0, Family::V4, all({"1.1.1.1", "1.1.1.2"}));
  race.onResolved(0, 1, Family::V6, {});
  race.onResolved(0, 1, Family::V4, all({"2.2.2.2"}));
  EXPECT_EQ(show(race.onTimer(250)), "start#2 1.1.1.1:1 timer@500");
  EXPECT_EQ(show(race.onTimer(500)), "start#3 2.2.2.2:1 timer@750");
  EXPECT_EQ(show(race.onTimer(750)), "start#4 [::2]:1 timer@1000");
}

TEST(ConnectRaceTest, ADeadNameServerOfOneEndpointDoesNotHoldUpTheOther) {
  ConnectRace race({}, {{"never-resolves"}, {"literal"}}, 0);
  race.onResolved(0, 1, Family::V6, {});
  EXPECT_EQ(show(race.onResolved(0, 1, Family::V4, all({"2.2.2.2"}))), "start#1 2.2.2.2:1 timer@250");
  EXPECT_EQ(show(race.onAttemptFailed(9, 1, ConnectError::Unreachable, "refused")), "");
  race.onUnresolved(5000, 0, Family::V6, "timeout");
  EXPECT_EQ(show(race.onUnresolved(5000, 0, Family::V4, "timeout")), codeOf(ConnectError::Unreachable));
}

TEST(ConnectRaceTest, WaitsForAFailureWhenTooManyAttemptsRun) {
  ConnectRace race({.maxConcurrent = 2}, {{"many"}}, 0);
  race.onResolved(0, 0, Family::V4, {});
  race.onResolved(0, 0, Family::V6, all({"::1", "::2", "::3"}));
  EXPECT_EQ(show(race.onTimer(250)), "start#2 [::2]:1 timer@500");
  EXPECT_EQ(show(race.onTimer(500)), "");
  EXPECT_EQ(show(race.onAttemptFailed(700, 1, ConnectError::Unreachable, "timeout")), "start#3 [::3]:1 timer@950");
}

TEST(ConnectRaceTest, ATimerThatComesEarlyStartsNothing) {
  ConnectRace race({}, {{"dual"}}, 0);
  race.onResolved(0, 0, Family::V6, all({"::1", "::2"}));
  EXPECT_EQ(show(race.onTimer(100)), "timer@250");
}

TEST(ConnectRaceTest, FailsWhenNothingIsLeftWithOneLinePerAttempt) {
  ConnectRace race({}, {{"dual:1"}, {"[::3]:1"}}, 100);
  race.onUnresolved(103, 0, Family::V6, "Name or service not known");
  race.onResolved(110, 0, Family::V4, all({"1.1.1.1"}));
  race.onResolved(110, 1, Family::V4, {});
  race.onResolved(110, 1, Family::V6, all({"::3"}));
  race.onAttemptFailed(122, 1, ConnectError::Unreachable, "connection refused");
  const auto effects = race.onAttemptFailed(5122, 2, ConnectError::NotTls, "wrong version number");
  ASSERT_TRUE(effects.failed);
  EXPECT_EQ(effects.failed->code, ConnectError::NotTls);
  EXPECT_EQ(effects.failed->message,
            "dual:1 (IPv6): Name or service not known (3 ms)\n"
            "dual:1 at 1.1.1.1:1: connection refused (12 ms)\n"
            "[::3]:1: wrong version number (5000 ms)");
  EXPECT_TRUE(race.finished());
}

TEST(ConnectRaceTest, TheMostSpecificFailureIsReported) {
  using Codes = std::vector<ConnectError>;
  const std::vector<std::pair<Codes, ConnectError>> table = {
      {{ConnectError::Unreachable, ConnectError::Unreachable}, ConnectError::Unreachable},
      {{ConnectError::Unreachable, ConnectError::NotTls}, ConnectError::NotTls},
      {{ConnectError::Untrusted, ConnectError::NotTls, ConnectError::Unreachable}, ConnectError::Untrusted},
      {{ConnectError::NotTls, ConnectError::Untrusted}, ConnectError::Untrusted},
  };
  for (const auto& [codes, expected] : table) {
    ConnectRace race({}, {{"name"}}, 0);
    race.onUnresolved(0, 0, Family::V4, "no such name");
    std::vector<std::string> literals;
    for (std::size_t i = 0; i < codes.size(); ++i) literals.push_back("::" + std::to_string(i + 1));
    race.onResolved(0, 0, Family::V6, all(literals));
    ConnectRace::Effects last;
    for (std::size_t i = 0; i < codes.size(); ++i) {
      last = race.onAttemptFailed(1, static_cast<int>(i + 1), codes[i], "x");
    }
    ASSERT_TRUE(last.failed);
    EXPECT_EQ(last.failed->code, expected);
  }
}

TEST(ConnectRaceTest, AWayBesideStartsAtItsOwnTimeAndHoldsUpNobody) {
  ConnectRace race({}, {{"tcp"}, {"udp", true}}, 0);
  race.onResolved(0, 0, Family::V6, {});
  EXPECT_EQ(show(race.onResolved(0, 0, Family::V4, all({"1.1.1.1", "2.2.2.2"}))), "start#1 1.1.1.1:1 timer@250");
  race.onResolved(1, 1, Family::V6, {});
  EXPECT_EQ(show(race.onResolved(1, 1, Family::V4, all({"3.3.3.3"}))), "timer@250");
  // The other side has answered by TCP: the next address waits, the other way does not.
  race.onAttemptConnected(1);
  EXPECT_EQ(show(race.onTimer(250)), "start#2 3.3.3.3:1 timer@2000");
  // What goes wrong there starts no other address early.
  EXPECT_EQ(show(race.onAttemptFailed(260, 2, ConnectError::Unreachable, "refused")), "timer@2000");
  EXPECT_EQ(show(race.onTimer(2000)), "start#3 2.2.2.2:1 timer@2250");
  EXPECT_EQ(show(race.onAttemptReady(2100, 1)), "winner#1");
}

TEST(ConnectRaceTest, AWayBesideMayBeginAtOnce) {
  ConnectRace::Options options;
  options.besideDelayMs = 0;
  ConnectRace race(options, {{"tcp"}, {"udp", true}}, 0);
  race.onResolved(0, 0, Family::V6, {});
  EXPECT_EQ(show(race.onResolved(0, 0, Family::V4, all({"1.1.1.1"}))), "start#1 1.1.1.1:1 timer@250");
  race.onResolved(0, 1, Family::V6, {});
  EXPECT_EQ(show(race.onResolved(0, 1, Family::V4, all({"3.3.3.3"}))), "start#2 3.3.3.3:1 timer@250");
  EXPECT_EQ(show(race.onAttemptReady(90, 2)), "winner#2");
}

TEST(ConnectRaceTest, NoEndpointAndNoNameAreFailuresOfTheirOwn) {
  ConnectRace nothing({}, {}, 0);
  EXPECT_EQ(show(nothing.onTimer(0)), codeOf(ConnectError::NoEndpoint));

  ConnectRace unresolved({}, {{"name"}}, 0);
  EXPECT_EQ(show(unresolved.onUnresolved(1, 0, Family::V4, "x")), "");
  EXPECT_EQ(show(unresolved.onUnresolved(1, 0, Family::V6, "x")), codeOf(ConnectError::Unresolved));

  ConnectRace empty({}, {{"name"}}, 0);
  empty.onResolved(1, 0, Family::V4, {});
  const auto effects = empty.onResolved(1, 0, Family::V6, {});
  ASSERT_TRUE(effects.failed);
  EXPECT_EQ(effects.failed->code, ConnectError::Unresolved);
  EXPECT_FALSE(effects.failed->message.empty());
}

TEST(ConnectRaceTest, TheLogOfAnEndlessRaceStaysShort) {
  ConnectRace race({}, {{"many"}}, 0);
  race.onResolved(0, 0, Family::V4, {});
  std::vector<std::string> literals;
  for (int i = 1; i <= 500; ++i) literals.push_back("::" + std::to_string(i));
  race.onResolved(0, 0, Family::V6, all(literals));
  ConnectRace::Effects effects;
  for (int id = 1; id <= 500; ++id) effects = race.onAttemptFailed(1, id, ConnectError::Unreachable, "refused");
  ASSERT_TRUE(effects.failed);
  EXPECT_LT(effects.failed->message.size(), 2000u);
  EXPECT_NE(effects.failed->message.find("\n…"), std::string::npos);
}

}  // namespace
}  // namespace rtm::net
