#include "engine_harness.hpp"
#include "server/model/codes.hpp"

namespace rtm::server {
namespace {

constexpr std::uint32_t kStoreFlag = 1;

/// A server that has just started, and users who had a session in its last life.
class EngineReturns : public EngineTest {
 protected:
  /// The client of this user tries to go on, hears that nothing is known, and logs in anew.
  Opened comeBack(const std::string& user, std::uint32_t on = 0) {
    Opened before{.outcome = {}, .address = {loop(on).index, 1}, .user = user};
    EXPECT_EQ(ResumeStatus::Unknown, resume(before, on).status);
    return open(user, on);
  }
  JoinOutcome restore(const Opened& session, const std::string& channel, std::uint64_t epoch = 0,
                      std::uint64_t offset = 0) {
    JoinOutcome result;
    home(session).client->join({.app = kApp,
                                .channelId = channel,
                                .userId = session.user,
                                .address = session.address,
                                .fence = session.outcome.fence,
                                .epoch = epoch,
                                .offset = offset,
                                .restores = true},
                               [&](JoinOutcome outcome) { result = std::move(outcome); });
    run();
    return result;
  }
  std::vector<std::string> textsOf(const Opened& session) {
    std::vector<std::string> texts;
    for (const auto& message : inboxOf(session)) texts.push_back((message.offline ? "*" : "") + message.text);
    return texts;
  }
  static Lines textsIn(const JoinOutcome& outcome) {
    Lines texts;
    for (const SharedFrame& frame : outcome.replay) {
      wire::ChannelMessage message;
      EXPECT_TRUE(wire::decode(frame.bytes().subspan(wire::kFrameHeaderSize), message));
      texts.push_back(std::to_string(message.offset) + ":" + std::string(asText(message.content)));
    }
    return texts;
  }
};
RTM_ENGINE_SUITE(EngineReturns);

TEST_P(EngineReturns, NobodyIsExpectedOnAServerThatStartsForTheFirstTime) {
  const Opened alice = open("alice");
  send(alice, "bob", 1, "x");
  run();
  EXPECT_EQ((Results{{1, code::peer::kUnreachable}}), resultsOf(alice));
}

TEST_P(EngineReturns, MessagesWaitForAUserOfBeforeAndComeInOrder) {
  const Opened alice = comeBack("alice");
  send(alice, "bob", 1, "one");
  send(alice, "bob", 2, "two", 0, kStoreFlag);
  send(alice, "bob", 3, "for newer clients", 8);
  pass(5000);
  EXPECT_EQ(Results{}, resultsOf(alice));
  const Opened bob = comeBack("bob", 1);
  send(alice, "bob", 4, "three");
  run();
  EXPECT_EQ((Lines{"one", "two", "three"}), textsOf(bob));
  acknowledge(bob, 3);
  run();
  EXPECT_EQ((Results{{3, code::peer::kIncompatibleMessage}, {1, 0}, {2, 0}, {4, 0}}), resultsOf(alice));
}

TEST_P(EngineReturns, AUserWhoDoesNotComeIsUnreachableAfterTenSeconds) {
  const Opened alice = comeBack("alice");
  send(alice, "carol", 9, "flagged, and nothing before it", 0, kStoreFlag);
  run();
  EXPECT_EQ((Results{{9, code::peer::kCached}}), resultsOf(alice)) << "the store brings it as well";
  send(alice, "bob", 1, "x");
  send(alice, "bob", 2, "kept", 0, kStoreFlag);
  pass(9000);
  EXPECT_EQ(Results{}, resultsOf(alice));
  pass(2000);
  EXPECT_EQ((Results{{1, code::peer::kUnreachable}, {2, code::peer::kCached}}), resultsOf(alice));
  send(alice, "bob", 3, "later");
  run();
  EXPECT_EQ((Results{{3, code::peer::kUnreachable}}), resultsOf(alice)) << "nobody is expected any more";
  EXPECT_EQ((Lines{"*kept"}), textsOf(open("bob")));
}

TEST_P(EngineReturns, WhatWaitsIsBounded) {
  EngineSetup setup;
  setup.parameters.inbox.messages = 10;
  build(setup);
  const Opened alice = comeBack("alice");
  for (std::uint64_t seq = 1; seq <= 11; ++seq) send(alice, "bob", seq, "x");
  send(alice, "bob", 12, "may not overtake the others", 0, kStoreFlag);
  run();
  EXPECT_EQ((Results{{11, code::peer::kFailure}, {12, code::peer::kFailure}}), resultsOf(alice));
}

TEST_P(EngineReturns, AUserWhoIsAwaitedIsReachedWhileAnotherFloodsIt) {
  EngineSetup setup;
  setup.parameters.inbox.messages = 18;
  build(setup);
  const Opened mallory = comeBack("mallory");
  const Opened alice = comeBack("alice");
  for (std::uint64_t seq = 1; seq <= 40; ++seq) send(mallory, "bob", seq, "x");
  send(alice, "bob", 1, "hello");
  run();
  EXPECT_EQ(Results{}, resultsOf(alice)) << "refused";
  EXPECT_EQ(22U, resultsOf(mallory).size()) << "18 wait";
  EXPECT_EQ("hello", textsOf(comeBack("bob", 1)).back());
}

TEST_P(EngineReturns, NothingOvertakesWhatWaitedUntilTheEnd) {
  const Opened alice = comeBack("alice");
  send(alice, "bob", 1, "one", 0, 0);
  send(alice, "bob", 2, "two", 0, kStoreFlag);
  run();
  clock_ += 20'000;  // the time is over, and no tick has come
  send(alice, "bob", 3, "three", 0, kStoreFlag);
  run();
  EXPECT_EQ((Lines{"*two", "*three"}), textsOf(open("bob")));
}

TEST_P(EngineReturns, OfOneAppSayNothingOfAnother) {
  comeBack("alice");
  const Opened other = open("alice", 0, AppNumber{2});
  home(other).client->sendToPeer({.app = AppNumber{2},
                                  .sender = other.address,
                                  .seq = 1,
                                  .senderId = other.user,
                                  .receiverId = "bob",
                                  .flags = 0,
                                  .serverTimeMs = 1,
                                  .requiredCapabilities = 0,
                                  .content = {}});
  run();
  EXPECT_EQ((Results{{1, code::peer::kUnreachable}}), resultsOf(other));
}

TEST_P(EngineReturns, MembersOfBeforeGetWhatTheirChannelGotMeanwhile) {
  const Opened alice = comeBack("alice");
  EXPECT_EQ(Lines{}, textsIn(restore(alice, "room", 77, 500)));
  publish(alice, "room", 1, "one");
  publish(alice, "room", 2, "two");
  run();
  EXPECT_EQ((Results{{1, 0}, {2, 0}}), resultsOf(alice));
  const Opened bob = comeBack("bob", 1);
  const JoinOutcome restored = restore(bob, "room", 77, 498);
  EXPECT_EQ(0U, restored.offset);
  EXPECT_EQ((Lines{"1:one", "2:two"}), textsIn(restored));
  const Opened carol = open("carol", 2);
  EXPECT_EQ(2U, join(carol, "room").offset) << "she was no member before";
  EXPECT_EQ((Lines{"2:two"}), textsIn(restore(bob, "room", restored.epoch, 1))) << "from where the client is";
  pass(10'000);
  EXPECT_EQ(Lines{}, textsIn(restore(comeBack("dora"), "room", 77, 3))) << "later a join is a join";
}

}  // namespace
}  // namespace rtm::server
