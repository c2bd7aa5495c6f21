#include <random>

#include "engine_harness.hpp"

namespace rtm::server {
namespace {

using Message = FakeLoop::Message;
using Inboxes = std::vector<Message>;

using EngineMessages = EngineTest;
RTM_ENGINE_SUITE(EngineMessages);

TEST_P(EngineMessages, AreOkWhenAcknowledgedAndNotBefore) {
  const Opened alice = open("alice", 0);
  const Opened bob = open("bob", 1);
  send(alice, "bob", 1, "one");
  send(alice, "bob", 2, "two");
  run();
  EXPECT_EQ((Inboxes{{1, "alice", "one"}, {2, "alice", "two"}}), inboxOf(bob));
  EXPECT_EQ(Results{}, resultsOf(alice));
  acknowledge(bob, 1);
  run();
  EXPECT_EQ((Results{{1, 0}}), resultsOf(alice));
  acknowledge(bob, 2);
  run();
  EXPECT_EQ((Results{{2, 0}}), resultsOf(alice));
}

TEST_P(EngineMessages, AreUnreachableForAbsentUsers) {
  const Opened alice = open("alice", 0);
  open("bob", 1, kOtherApp);
  send(alice, "bob", 1, "wrong app");
  run();
  EXPECT_EQ((Results{{1, 3}}), resultsOf(alice));
}

TEST_P(EngineMessages, AreWithheldFromAClientThatDoesNotKnowTheirKind) {
  const Opened alice = open("alice", 0);
  const Opened old = open("old", 1, kApp, 1);
  send(alice, "old", 1, "a file", 2);
  run();
  EXPECT_EQ((Results{{1, 8}}), resultsOf(alice));
  EXPECT_TRUE(inboxOf(old).empty());
}

TEST_P(EngineMessages, WaitForAReceiverInItsGraceAndComeAfterTheResume) {
  const Opened alice = open("alice", 0);
  Opened bob = open("bob", 1);
  send(alice, "bob", 1, "seen");
  send(alice, "bob", 2, "not seen");
  run();
  inboxOf(bob);
  loseLink(bob);
  send(alice, "bob", 3, "missed");
  run();
  EXPECT_EQ(Results{}, resultsOf(alice));
  ASSERT_TRUE(resume(bob, 0, 1).inboxComplete);
  EXPECT_EQ((Results{{1, 0}}), resultsOf(alice)) << "the position acknowledges";
  EXPECT_EQ((Inboxes{{2, "alice", "not seen"}, {3, "alice", "missed"}}), inboxOf(bob));
  acknowledge(bob, 3);
  run();
  EXPECT_EQ((Results{{2, 0}, {3, 0}}), resultsOf(alice));
}

TEST_P(EngineMessages, AreUnreachableAtTheEndOfTheReceiverOnlyIfNoLinkGotThem) {
  const Opened alice = open("alice", 0);
  const Opened bob = open("bob", 1);
  send(alice, "bob", 1, "written");
  run();
  loseLink(bob, 5000);
  send(alice, "bob", 2, "kept");
  send(alice, "bob", 3, "kept");
  run();
  pass(5100);
  EXPECT_EQ((Results{{2, 3}, {3, 3}}), resultsOf(alice));
}

TEST_P(EngineMessages, OverTheBoundsOfAnInboxFail) {
  EngineSetup setup;
  setup.parameters.inbox.messages = 3;
  build(setup);
  const Opened alice = open("alice", 0);
  const Opened bob = open("bob", 1);
  for (std::uint64_t seq = 1; seq <= 5; ++seq) send(alice, "bob", seq, "x");
  run();
  EXPECT_EQ((Results{{4, 1}, {5, 1}}), resultsOf(alice));
  acknowledge(bob, 3);
  run();  // from another loop: no order between them before
  send(alice, "bob", 6, "x");
  run();
  EXPECT_EQ((Results{{1, 0}, {2, 0}, {3, 0}}), resultsOf(alice));
  EXPECT_EQ(4U, inboxOf(bob).back().offset) << "what was refused took no offset";
}

TEST_P(EngineMessages, ReachAUserWhomAnotherFloods) {
  EngineSetup setup;
  setup.parameters.inbox.messages = 18;
  build(setup);
  const Opened mallory = open("mallory", 0);
  const Opened alice = open("alice", 0);
  const Opened bob = open("bob", 1);
  for (std::uint64_t seq = 1; seq <= 40; ++seq) send(mallory, "bob", seq, "x");
  send(alice, "bob", 1, "hello");
  run();
  EXPECT_EQ(Results{}, resultsOf(alice)) << "refused";
  EXPECT_EQ(22U, resultsOf(mallory).size()) << "18 wait";
  acknowledge(bob, 19);
  run();
  EXPECT_EQ((Results{{1, 0}}), resultsOf(alice));
}

TEST_P(EngineMessages, AreDeliveredWindowByWindow) {
  EngineSetup setup;
  setup.parameters.inbox.window = 2000;
  build(setup);
  const Opened alice = open("alice", 0);
  const Opened bob = open("bob", 1);
  for (std::uint64_t seq = 1; seq <= 10; ++seq) send(alice, "bob", seq, std::string(990, 'x'));
  run();
  std::uint64_t got = 0;
  for (int rounds = 0; got < 10; ++rounds) {
    ASSERT_LT(rounds, 10);
    const auto messages = inboxOf(bob);
    ASSERT_FALSE(messages.empty());
    EXPECT_LE(messages.size(), 2U);
    for (const auto& message : messages) EXPECT_EQ(++got, message.offset);
    acknowledge(bob, got);
    run();
  }
  EXPECT_EQ(10U, resultsOf(alice).size());
}

TEST_P(EngineMessages, KeepTheOrderOfEachSenderAndAreNotLostWithLinks) {
  for (std::uint32_t seed = 1; seed <= 10; ++seed) {
    std::mt19937 random(seed);
    build({});
    constexpr std::size_t kUsers = 6;
    std::vector<Opened> users;
    std::vector<bool> away(kUsers);
    std::vector<std::uint64_t> seqs(kUsers);
    std::vector<std::uint64_t> position(kUsers);                     // what each application has
    std::vector<std::map<std::string, std::uint64_t>> next(kUsers);  // by sender: last number received
    std::map<std::pair<std::size_t, std::uint64_t>, int> answers;
    for (std::size_t i = 0; i < kUsers; ++i)
      users.push_back(open("user" + std::to_string(i), static_cast<std::uint32_t>(i)));

    const auto read = [&](std::size_t i) {
      for (const Message& message : inboxOf(users[i])) {
        if (message.offset <= position[i]) continue;  // again, after a resume
        ASSERT_EQ(position[i] + 1, message.offset) << "seed " << seed;
        position[i] = message.offset;
        const std::uint64_t number = std::stoull(message.text);
        ASSERT_LT(next[i][message.sender], number) << "seed " << seed;
        next[i][message.sender] = number;
      }
      for (const auto& [seq, code] : resultsOf(users[i])) {
        EXPECT_EQ(0U, code);
        const bool once = ++answers[{i, seq}] == 1;
        EXPECT_TRUE(once) << "seed " << seed << ": two results for one send";
      }
    };
    for (int step = 0; step < 2000; ++step) {
      const std::size_t i = random() % kUsers;
      switch (random() % 8) {
        case 0:
          if (!away[i]) loseLink(users[i]);
          away[i] = true;
          break;
        case 1:
          read(i);
          // From Grace, or taking over from a link that is only half dead.
          ASSERT_EQ(ResumeStatus::Resumed, resume(users[i], static_cast<std::uint32_t>(random()), position[i]).status);
          away[i] = false;
          break;
        case 2:
          run();
          read(i);
          if (!away[i]) acknowledge(users[i], position[i]);
          break;
        case 3:
          run();
          break;
        default: {
          if (away[i]) break;
          const std::uint64_t seq = ++seqs[i];
          send(users[i], "user" + std::to_string(random() % kUsers), seq, std::to_string(seq));
        }
      }
    }
    for (std::size_t i = 0; i < kUsers; ++i) {
      read(i);
      ASSERT_EQ(ResumeStatus::Resumed, resume(users[i], 0, position[i]).status);
    }
    for (std::size_t i = 0; i < kUsers; ++i) {
      read(i);
      acknowledge(users[i], position[i]);
    }
    run();
    std::uint64_t sent = 0;
    for (std::size_t i = 0; i < kUsers; ++i) {
      read(i);
      sent += seqs[i];
    }
    EXPECT_EQ(sent, answers.size()) << "seed " << seed << ": every send has its result";
  }
}

}  // namespace
}  // namespace rtm::server
