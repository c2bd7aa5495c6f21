#include "client/session/login_session.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace rtm::client {
namespace {

LoginSession sessionWith(std::string_view token) {
  LoginSession session;
  session.setAppId("0123456789abcdef0123456789abcdef");
  session.begin("alice", token);
  return session;
}

// ---- inbox

TEST(LoginSession, AcknowledgesWhatItTookAndNamesOnceWhatItRefused) {
  LoginSession session = sessionWith("token");
  session.inbox().take(1);
  session.inbox().take(2, true);
  session.inbox().take(3);
  EXPECT_EQ(session.inbox().ack().offset, 3U);
  EXPECT_EQ(session.inbox().ack().refused, std::vector<std::uint64_t>{2});
  session.inbox().acknowledged();
  EXPECT_FALSE(session.inbox().ackDue());
  EXPECT_TRUE(session.inbox().ack().refused.empty());
  for (std::uint64_t offset = 4; offset < 5000; ++offset) session.inbox().take(offset, true);
  EXPECT_EQ(session.inbox().ack().refused.size(), 1024U) << "the rest counts as taken";
  EXPECT_EQ(session.inbox().ack().offset, 4999U);
}

// ---- tokens

TEST(LoginSession, ATokenThatTheServerTookIsProven) {
  LoginSession session = sessionWith("old");
  session.renew("new");
  EXPECT_FALSE(session.tokenIsProven());
  session.renewed("new", true, false);
  EXPECT_TRUE(session.tokenIsProven());
  EXPECT_EQ(session.token(), "new");
}

TEST(LoginSession, ARefusedTokenGivesWayToTheProvenOne) {
  LoginSession session = sessionWith("old");
  session.renew("bad");
  session.renewed("bad", false, false);
  EXPECT_EQ(session.token(), "old");
}

TEST(LoginSession, ATokenWithoutAnAnswerStaysForTheNextTry) {
  LoginSession session = sessionWith("old");
  session.renew("unanswered");
  session.renewed("unanswered", false, true);
  EXPECT_EQ(session.token(), "unanswered");
  EXPECT_EQ(session.dropUnprovenToken(), "unanswered");
  EXPECT_EQ(session.token(), "old");
}

TEST(LoginSession, TheAnswerToAnOlderRenewalLeavesTheNewestTokenAlone) {
  LoginSession session = sessionWith("old");
  session.renew("first");
  session.renew("second");
  session.renewed("first", false, false);
  EXPECT_EQ(session.token(), "second");
}

TEST(LoginSession, WarnsOnceForEachProvenToken) {
  LoginSession session = sessionWith("one");
  EXPECT_TRUE(session.warnOnce());
  EXPECT_FALSE(session.warnOnce());
  session.renew("two");
  EXPECT_FALSE(session.warnOnce()) << "not proven yet";
  session.renewed("two", true, false);
  EXPECT_TRUE(session.warnOnce());
}

TEST(LoginSession, ShowsNoTextThatQuotesTheToken) {
  const LoginSession session = sessionWith("secret-token");
  EXPECT_EQ(session.printable("bad token secret-token"), "(withheld: it quotes the token)");
  EXPECT_EQ(session.printable("line\nbreak \x1b[31m"), "line?break ?[31m");
  EXPECT_EQ(session.printable(std::string(1000, 'x')).size(), 300u);
}

// ---- handshake

TEST(LoginSession, RefusesATokenThatNoLoginCanCarry) {
  std::string problem;
  EXPECT_FALSE(sessionWith("\xff").login(problem));
  EXPECT_EQ(problem, "token: not UTF-8");
  EXPECT_FALSE(sessionWith(std::string(wire::kMaxFrameBodyBeforeLogin, 'x')).login(problem));
  EXPECT_EQ(problem,
            "the token has " + std::to_string(wire::kMaxFrameBodyBeforeLogin) + " bytes, more than any valid one");
  const LoginSession session = sessionWith("fine");
  const auto login = session.login(problem);
  ASSERT_TRUE(login);
  EXPECT_EQ(login->userId, "alice");
  EXPECT_EQ(login->token, "fine");
}

TEST(LoginSession, SendsPositionsAheadThatDoNotFitIntoTheResume) {
  const LoginSession session = sessionWith("t");
  std::vector<std::string> names;
  for (int i = 0; i < 400; ++i) names.push_back("channel-" + std::string(50, 'x') + std::to_string(i));
  std::vector<wire::ChannelPosition> channels;
  for (const std::string& name : names) channels.push_back({.channelId = name, .epoch = 1, .offset = 2});
  std::size_t sent = 0;
  bool resumed = false;
  const auto fits = [](const auto& frame) { return wire::encodedSize(frame) <= wire::kMaxFrameBodyBeforeLogin; };
  EXPECT_TRUE(session.resume(
      channels, 7,
      [&](const wire::ChannelPositions& more) {
        EXPECT_FALSE(resumed) << "ahead of the resume";
        EXPECT_TRUE(fits(more));
        sent += more.channels.size();
      },
      [&](const wire::Resume& resume) {
        resumed = true;
        EXPECT_TRUE(fits(resume));
        EXPECT_EQ(resume.firstUnansweredSeq, 7u);
        sent += resume.channels.size();
      }));
  EXPECT_TRUE(resumed);
  EXPECT_EQ(sent, channels.size()) << "each once";
}

TEST(LoginSession, CannotResumeWithATokenThatFillsTheFrame) {
  const LoginSession session = sessionWith(std::string(wire::kMaxFrameBodyBeforeLogin, 'x'));
  const auto never = [](const auto&) { FAIL(); };
  EXPECT_FALSE(session.resume({}, 1, never, never));
}

// ---- inbox

TEST(LoginSession, AcknowledgesUpToTheLastMessageAndKnowsRepeats) {
  LoginSession session = sessionWith("t");
  session.accepted({.inboxOffset = 10});
  EXPECT_FALSE(session.inbox().isNew(10));
  EXPECT_TRUE(session.inbox().isNew(11));
  EXPECT_FALSE(session.inbox().ackDue());
  session.inbox().take(11);
  session.inbox().take(12);
  EXPECT_TRUE(session.inbox().ackDue());
  EXPECT_EQ(session.inbox().ack().offset, 12u);
  session.inbox().acknowledged();
  EXPECT_FALSE(session.inbox().ackDue());
  EXPECT_FALSE(session.inbox().isNew(12));
}

TEST(LoginSession, LivesFromTheLoginUntilTheServerForgetsIt) {
  LoginSession session = sessionWith("t");
  EXPECT_FALSE(session.alive());
  session.accepted({.heartbeatMs = 0, .graceMs = 30'000});
  EXPECT_TRUE(session.alive());
  EXPECT_EQ(session.heartbeatMs(), 2000u) << "0 leaves the default";
  EXPECT_EQ(session.graceMs(), 30'000u);
  session.lose();
  EXPECT_FALSE(session.alive());
}

TEST(InboxReader, KnowsWhatItsLastFourSessionsHad) {
  InboxReader inbox;
  EXPECT_FALSE(inbox.hadEarlier(0, 0)) << "no place";
  for (std::uint64_t epoch = 1; epoch <= 6; ++epoch) {
    inbox.open(epoch, 0);
    inbox.take(epoch * 10);
  }
  EXPECT_FALSE(inbox.hadEarlier(1, 10)) << "five sessions ago";
  EXPECT_TRUE(inbox.hadEarlier(2, 20));
  EXPECT_TRUE(inbox.hadEarlier(5, 1));
  EXPECT_FALSE(inbox.hadEarlier(5, 51));
  EXPECT_FALSE(inbox.hadEarlier(6, 60)) << "of this session";
}

TEST(InboxReader, TakesNothingOnceItIsClosedUntilTheNextSession) {
  InboxReader inbox;
  inbox.open(1, 0);
  EXPECT_TRUE(inbox.isNew(1));
  inbox.close();
  EXPECT_FALSE(inbox.isNew(1));
  inbox.open(2, 0);
  EXPECT_TRUE(inbox.isNew(1));
}

}  // namespace
}  // namespace rtm::client
