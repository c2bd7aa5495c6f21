// Messages that expire while they wait, over each way that they wait (docs/decisions/021-ends-of-calls.md).
#include "engine_harness.hpp"
#include "server/model/codes.hpp"
#include "server/model/content_fields.hpp"
#include "server/model/store_constants.hpp"
#include "server/store/slow_store.hpp"

namespace rtm::server {
namespace {

constexpr std::uint32_t kStoreFlag = 1;
constexpr std::uint64_t kLife = 150;

class EngineExpiry : public EngineTest {
 protected:
  void SetUp() override {
    store_ = std::make_shared<SlowStore>(Retention{});
    store_->slow = false;
    EngineSetup setup;
    setup.store = store_;
    build(setup);
  }
  Bytes contentOf(const Opened& from, const std::string& text, std::uint64_t life) {
    Bytes content;
    addFields(content, {.type = wire::ContentType::Text, .text = text});
    if (life != 0) addFields(content, {.expiresAtMs = home(from).wallClockMs() + life});
    return content;
  }
  void sendFor(const Opened& from, std::uint64_t seq, const std::string& text, std::uint64_t life,
               std::uint32_t flags = 0) {
    const Bytes content = contentOf(from, text, life);
    send(from, "bob", seq, std::string(asText(content)), 0, flags | (life != 0 ? kExpiresFlag : 0));
  }
  void publishFor(const Opened& from, std::uint64_t seq, const std::string& text, std::uint64_t life) {
    const Bytes content = contentOf(from, text, life);
    publish(from, "room", seq, std::string(asText(content)), life != 0 ? kExpiresFlag : 0);
  }
  /// Without the place that the harness writes behind a stored message.
  static std::string textIn(const std::string& bytes) {
    wire::Content content;
    EXPECT_TRUE(wire::decode(asBytes(std::string_view(bytes).substr(0, bytes.rfind(" as "))), content));
    return std::string(content.text);
  }
  /// What a program hears, and the offset of the last frame.
  Lines hears(const Opened& session) {
    Lines texts;
    for (const auto& message : inboxOf(session)) {
      last_ = message.offset;
      const std::string text = textIn(message.text);
      if (!text.empty()) texts.push_back((message.offline ? "*" : "") + text);
    }
    return texts;
  }
  /// Acknowledges what the last hears() saw.
  void acknowledgeAll(const Opened& session) {
    acknowledge(session, last_);
    run();
  }
  void close(const Opened& session) {
    home(session).client->closeSession(nameOf(session), session.outcome.fence, SessionEnd::Logout);
    run();
  }

  std::shared_ptr<SlowStore> store_;
  std::uint64_t last_ = 0;
};
RTM_ENGINE_SUITE(EngineExpiry);

TEST_P(EngineExpiry, WhatWaitsForALinkIsJudgedWhenTheLinkIsBack) {
  const Opened alice = open("alice", 0);
  Opened bob = open("bob", 1);
  loseLink(bob);
  sendFor(alice, 1, "old", kLife);
  sendFor(alice, 2, "kept", 60'000);
  sendFor(alice, 3, "plain", 0);
  pass(200);
  EXPECT_EQ(Results{}, resultsOf(alice)) << "nobody knows yet";
  ASSERT_TRUE(resume(bob, 2).inboxComplete);
  EXPECT_EQ((Results{{1, code::peer::kFailure}}), resultsOf(alice));
  EXPECT_EQ((Lines{"kept", "plain"}), hears(bob));
  acknowledgeAll(bob);
  EXPECT_EQ((Results{{2, 0}, {3, 0}}), resultsOf(alice));
}

TEST_P(EngineExpiry, WhatADeadLinkGotIsJudgedAgain) {
  const Opened alice = open("alice", 0);
  Opened bob = open("bob", 1);
  sendFor(alice, 1, "had", kLife);
  sendFor(alice, 2, "old", kLife);
  run();
  EXPECT_EQ((Lines{"had", "old"}), hears(bob));
  loseLink(bob);
  pass(200);
  ASSERT_TRUE(resume(bob, 0, 1).inboxComplete);  // the program had the first one
  EXPECT_EQ(Lines{}, hears(bob));
  EXPECT_EQ((Results{{1, 0}, {2, code::peer::kFailure}}), resultsOf(alice));
  acknowledgeAll(bob);
  EXPECT_EQ(Results{}, resultsOf(alice)) << "each has one result";
  sendFor(alice, 3, "next", kLife);
  run();
  EXPECT_EQ((Lines{"next"}), hears(bob));
}

TEST_P(EngineExpiry, TheStoreGivesNothingOutThatHasExpired) {
  const Opened alice = open("alice", 0);
  const std::uint64_t lives[] = {kLife, 0, 60'000, kLife};
  for (std::uint64_t seq = 1; seq <= 4; ++seq) sendFor(alice, seq, std::to_string(seq), lives[seq - 1], kStoreFlag);
  run();
  EXPECT_EQ(
      (Results{{1, code::peer::kCached}, {2, code::peer::kCached}, {3, code::peer::kCached}, {4, code::peer::kCached}}),
      resultsOf(alice));
  pass(200);
  const Opened bob = open("bob", 1);
  EXPECT_EQ((Lines{"*2", "*3"}), hears(bob));
  acknowledgeAll(bob);
  close(bob);
  const Opened again = open("bob", 2);
  EXPECT_TRUE(inboxOf(again).empty()) << "the store has nothing of it any more";
}

TEST_P(EngineExpiry, AStoredMessageThatExpiresBetweenTwoLinksIsGone) {
  const Opened alice = open("alice", 0);
  sendFor(alice, 1, "old", kLife, kStoreFlag);
  run();
  resultsOf(alice);
  Opened bob = open("bob", 1);
  EXPECT_EQ((Lines{"*old"}), hears(bob));
  loseLink(bob);
  pass(200);
  ASSERT_TRUE(resume(bob, 0).inboxComplete);
  EXPECT_EQ(Lines{}, hears(bob));
  acknowledgeAll(bob);
  close(bob);
  EXPECT_TRUE(inboxOf(open("bob", 1)).empty());
  EXPECT_EQ(Results{}, resultsOf(alice)) << "its result was that it is stored";
}

TEST_P(EngineExpiry, TheEndOfASessionStoresNothingThatHasExpired) {
  struct Row {
    const char* what;
    bool handed;
    SessionEnd end;
    Results results;
  };
  const Row rows[] = {
      {"never handed", false, SessionEnd::GraceOver, {{1, code::peer::kFailure}, {2, code::peer::kCached}}},
      {"never handed, logout", false, SessionEnd::Logout, {{1, code::peer::kFailure}, {2, code::peer::kCached}}},
      {"handed: nobody knows", true, SessionEnd::GraceOver, {{2, code::peer::kCached}}},
      {"handed, logout", true, SessionEnd::Logout, {{1, code::peer::kFailure}, {2, code::peer::kCached}}},
  };
  for (const Row& row : rows) {
    SCOPED_TRACE(row.what);
    SetUp();
    const Opened alice = open("alice", 0);
    const Opened bob = open("bob", 1);
    if (!row.handed) loseLink(bob);
    sendFor(alice, 1, "old", kLife, kStoreFlag);
    sendFor(alice, 2, "kept", 60'000, kStoreFlag);
    run();
    pass(200);
    home(bob).client->closeSession(nameOf(bob), bob.outcome.fence, row.end);
    run();
    EXPECT_EQ(row.results, resultsOf(alice));
    EXPECT_EQ((Lines{"*kept"}), hears(open("bob", 2)));
  }
}

TEST_P(EngineExpiry, WhatWaitsBehindTheStoreIsJudgedWhenTheStoreHasAnswered) {
  const Opened alice = open("alice", 0);
  store_->slow = true;
  const Opened bob = open("bob", 1);
  sendFor(alice, 1, "old", kLife);
  sendFor(alice, 2, "kept", 60'000);
  run();
  pass(200);
  while (!store_->waiting.empty()) {
    store_->completeAll();
    run();
  }
  EXPECT_EQ((Results{{1, code::peer::kFailure}}), resultsOf(alice));
  EXPECT_EQ((Lines{"kept"}), hears(bob));
}

TEST_P(EngineExpiry, WhatWaitsAfterARestartIsJudgedWhenItsReceiverComesOrDoesNot) {
  for (const bool comes : {true, false}) {
    SCOPED_TRACE(comes ? "comes" : "does not come");
    SetUp();
    Opened before{.outcome = {}, .address = {loop(0).index, 1}, .user = "alice"};
    EXPECT_EQ(ResumeStatus::Unknown, resume(before, 0).status);
    const Opened alice = open("alice", 0);
    sendFor(alice, 1, "old", kLife);
    sendFor(alice, 2, "flagged, behind another", kLife, kStoreFlag);
    sendFor(alice, 3, "kept", 60'000, kStoreFlag);
    run();
    pass(comes ? 200 : 11'000);
    const Opened bob = open("bob", 1);
    EXPECT_EQ((Lines{comes ? "kept" : "*kept"}), hears(bob));
    const auto first = comes ? code::peer::kFailure : code::peer::kUnreachable;
    Results results{{1, first}, {2, code::peer::kFailure}};
    if (!comes) results.emplace_back(3, code::peer::kCached);
    EXPECT_EQ(results, resultsOf(alice));
  }
}

TEST_P(EngineExpiry, TheRingOfAChannelReplaysNothingThatHasExpired) {
  const Opened alice = open("alice", 0);
  Opened bob = open("bob", 1);
  join(alice, "room");
  const JoinOutcome joined = join(bob, "room");
  loseLink(bob);
  publishFor(alice, 1, "old", kLife);
  publishFor(alice, 2, "kept", 60'000);
  run();
  pass(200);
  ASSERT_EQ(ResumeStatus::Resumed, resume(bob, 0).status);
  const JoinOutcome again = join(bob, "room", true, joined.epoch, joined.offset);
  EXPECT_TRUE(again.complete) << "nothing is missing";
  Lines texts;
  for (const SharedFrame& frame : again.replay) {
    wire::ChannelMessage message;
    ASSERT_TRUE(wire::decode(frame.bytes().subspan(wire::kFrameHeaderSize), message));
    texts.push_back(textIn(std::string(asText(message.content))));
  }
  EXPECT_EQ((Lines{"kept"}), texts);
}

}  // namespace
}  // namespace rtm::server
