#include "server/bridge/bridge_engine.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <set>

#include "bridge_harness.hpp"
#include "wire/frame.hpp"
#include "wire/messages.hpp"

namespace rtm::server {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr AppNumber kSharedApp{0};
constexpr std::uint64_t kSession = 0xFEDCBA9876543210;

struct NotedCarry final : SessionCarry {};

/// A gateway that records what the engine sends.
class NotingSink final : public EngineSink {
 public:
  bool onSendResults(std::uint64_t sessionId, std::uint64_t firstSeq, std::uint64_t count,
                     std::uint32_t code) override {
    return here(sessionId,
                "results " + std::to_string(firstSeq) + "+" + std::to_string(count) + " " + std::to_string(code));
  }
  void onPeerMessage(std::uint64_t, ByteView frame) override {
    wire::PeerMessage message;
    ASSERT_TRUE(wire::decode(frame.subspan(wire::kFrameHeaderSize), message));
    heard.push_back("peer " + std::to_string(message.offset) + " " + std::string(asText(message.content)));
  }
  void onChannelFrame(const ChannelFrame& frame) override {
    if (frame.kind == ChannelFrame::Kind::MemberCount) {
      heard.push_back("count " + std::to_string(frame.memberCount));
    } else {
      heard.push_back("channel " + std::string(frame.channel.name));
    }
  }
  void onPresence(const ScopedName& user, wire::PresenceState) override { heard.emplace_back(user.name); }
  bool onKick(std::uint64_t sessionId, std::string_view channelId) override {
    return here(sessionId, "kick " + std::string(channelId));
  }
  bool onSessionEnd(std::uint64_t sessionId, SessionEnd) override { return here(sessionId, "end"); }
  std::unique_ptr<SessionCarry> surrender(std::uint64_t sessionId) override {
    if (sessions.erase(sessionId) == 0) return nullptr;
    return std::make_unique<NotedCarry>();
  }
  void onSuspend(std::uint32_t retryAfterMs) override { heard.push_back("suspend " + std::to_string(retryAfterMs)); }
  void onResume() override { heard.emplace_back("go on"); }

  bool here(std::uint64_t sessionId, std::string what) {
    if (!sessions.contains(sessionId)) return false;
    heard.push_back(std::move(what));
    return true;
  }
  std::set<std::uint64_t> sessions;
  std::vector<std::string> heard;
};

class BridgeEngineTest : public ::testing::Test {
 protected:
  BridgeEngineTest() {
    for (std::uint32_t i = 0; i < 2; ++i) ports[i] = &engine.attach(i, loops[i], sinks[i]);
  }
  PeerSendOp send(std::uint64_t seq, ByteView content = {}) {
    PeerSendOp op;
    op.app = kSharedApp;
    op.sender = {0, kSession};
    op.seq = seq;
    op.senderId = "alice";
    op.receiverId = "bob";
    op.content = content;
    return op;
  }
  void resume(std::uint32_t loop) {
    ResumeRequest request;
    request.userId = "alice";
    request.address = {loop, kSession};
    ports[loop]->resumeSession(std::move(request), [this, loop](ResumeOutcome outcome) {
      outcomes.push_back(std::move(outcome));
      if (outcomes.back().status == ResumeStatus::Resumed) sinks[loop].sessions.insert(kSession);
    });
  }
  void answerResume(std::uint64_t request, std::uint32_t previousLoop) {
    js.answer(request, [&](RecordWriter& out) {
      out.byte(0).number(7).raw(ResumeToken{}).flag(true).word(1).word(previousLoop).number(kSession);
    });
  }
  void results(std::uint32_t loop, std::uint64_t seq) {
    js.tell(NewsKind::SendResults, loop,
            [seq](RecordWriter& out) { out.number(kSession).number(seq).number(1).word(0); });
  }
  /// Until nothing moves any more.
  void run() {
    while (loops[0].run() + loops[1].run() != 0) {
    }
  }

  FakeJavaScript js{4096, 2};
  ManualLoop loops[2];
  NotingSink sinks[2];
  BridgeEngine engine{js.bridge, 2, 512};
  EngineClient* ports[2] = {};
  std::vector<ResumeOutcome> outcomes;
};

TEST_F(BridgeEngineTest, RefusesSendsWhileTooMuchWaitsAndStillAcknowledges) {
  sinks[0].sessions.insert(kSession);
  const Bytes content(3000);
  for (std::uint64_t seq = 1; seq <= 3; ++seq) ports[0]->sendToPeer(send(seq, content));
  EXPECT_THAT(sinks[0].heard, ElementsAre("results 3+1 1"));
  ports[0]->acknowledge({.app = kSharedApp, .userId = "alice", .fence = 1, .offset = 9});
  const std::vector<TakenOperation> orders = js.take();
  ASSERT_EQ(3U, orders.size());
  EXPECT_EQ(Operation::Acknowledge, orders[2].operation);
  EXPECT_EQ(0U, orders[2].request);
  ports[0]->sendToPeer(send(4, content));  // taken: there is room again
  EXPECT_EQ(1U, js.take().size());
}

TEST_F(BridgeEngineTest, ALoginThatFailsIsNoRefusal) {
  std::vector<OpenStatus> statuses;
  const auto open = [&] {
    ports[0]->openSession({.app = kSharedApp, .userId = "alice", .address = {0, kSession}, .capabilities = 0},
                          [&](OpenOutcome outcome) { statuses.push_back(outcome.status); });
    return js.take().at(0).request;
  };
  js.fail(open());
  js.answer(open(), [](RecordWriter& out) { out.byte(0).number(1); });  // too short
  for (const auto status : {OpenStatus::Opened, OpenStatus::Superseded, OpenStatus{9}}) {
    js.answer(open(), [status](RecordWriter& out) {
      out.byte(static_cast<std::uint8_t>(status)).number(1).raw(ResumeToken{}).number(2).number(3);
    });
  }
  run();
  EXPECT_THAT(statuses, ElementsAre(OpenStatus::Failed, OpenStatus::Failed, OpenStatus::Opened, OpenStatus::Superseded,
                                    OpenStatus::Failed));
  EXPECT_EQ(1U, engine.counts().sessions);
}

TEST_F(BridgeEngineTest, AFailedQueryIsNoEmptyChannel) {
  std::vector<std::optional<std::uint32_t>> counts;
  std::vector<MembersOutcome> members;
  for (int i = 0; i < 2; ++i) {
    ports[0]->memberCount({kSharedApp, "room"}, [&](std::optional<std::uint32_t> count) { counts.push_back(count); });
    ports[0]->members({kSharedApp, "room"}, {kSharedApp, "alice"}, 7, 512,
                      [&](MembersOutcome outcome) { members.push_back(std::move(outcome)); });
  }
  const auto orders = js.take();
  ASSERT_EQ(4U, orders.size());
  js.fail(orders[0].request);
  js.fail(orders[1].request);
  js.answer(orders[2].request, [](RecordWriter& out) { out.word(3); });
  js.answer(orders[3].request, [](RecordWriter& out) { out.word(1).word(1).text("alice"); });
  run();
  EXPECT_THAT(counts, ElementsAre(std::nullopt, std::optional<std::uint32_t>(3)));
  ASSERT_EQ(2U, members.size());
  EXPECT_TRUE(members[0].failed);
  EXPECT_FALSE(members[1].failed);
  EXPECT_THAT(members[1].userIds, ElementsAre("alice"));
}

TEST_F(BridgeEngineTest, ResultsFollowASessionThatMovesBetweenLoops) {
  sinks[0].sessions.insert(kSession);
  resume(1);
  const std::uint64_t request = js.take().at(0).request;
  answerResume(request, 0);
  results(1, 1);  // faster than the state of the session
  results(0, 2);  // asked for before it moved
  loops[1].run();
  EXPECT_TRUE(outcomes.empty());
  run();
  ASSERT_EQ(1U, outcomes.size());
  EXPECT_NE(nullptr, outcomes[0].carry);
  results(0, 3);  // behind it
  run();
  EXPECT_THAT(sinks[0].heard, ElementsAre("results 2+1 0"));
  EXPECT_THAT(sinks[1].heard, ElementsAre("results 1+1 0", "results 3+1 0"));
}

TEST_F(BridgeEngineTest, ASessionOfAnotherNodeIsToBeRebuilt) {
  resume(0);
  js.answer(js.take().at(0).request,
            [](RecordWriter& out) { out.byte(0).number(7).raw(ResumeToken{}).flag(true).word(0); });
  run();
  ASSERT_EQ(1U, outcomes.size());
  EXPECT_EQ(nullptr, outcomes[0].carry);
  EXPECT_TRUE(outcomes[0].rebuild);
  EXPECT_EQ(1U, engine.counts().sessions);
  resume(0);
  js.fail(js.take().at(0).request);
  run();
  EXPECT_EQ(ResumeStatus::Busy, outcomes.at(1).status);
}

TEST_F(BridgeEngineTest, NewsReachTheirLoops) {
  sinks[1].sessions.insert(kSession);
  js.tell(NewsKind::PeerMessage, 1, [](RecordWriter& out) {
    out.number(kSession).number(5).text("ann").number(1).number(0).flag(false).text("hi");
  });
  js.tell(NewsKind::ChannelMessage, kAllLoops, [](RecordWriter& out) {
    out.word(0).text("room").number(0).number(1).text("ann").number(1).number(0).text("all");
  });
  js.tell(NewsKind::Kicked, 1, [](RecordWriter& out) { out.number(kSession).text("room"); });
  js.tell(NewsKind::EndSession, 1, [](RecordWriter& out) { out.number(kSession).byte(1); });
  js.tell(NewsKind::Suspend, kAllLoops, [](RecordWriter& out) { out.word(500); });
  js.tell(NewsKind::Resume, kAllLoops, [](RecordWriter&) {});
  run();
  EXPECT_THAT(sinks[0].heard, ElementsAre("channel room", "suspend 500", "go on"));
  EXPECT_THAT(sinks[1].heard, ElementsAre("peer 5 hi", "channel room", "kick room", "end", "suspend 500", "go on"));
  EXPECT_THAT(js.lines, IsEmpty());
}

TEST_F(BridgeEngineTest, CountsReachMembersAtMostOnceASecond) {
  const auto changed = [&](std::uint32_t count) {
    js.tell(NewsKind::MemberCount, 0, [count](RecordWriter& out) { out.word(0).text("room").word(count); });
    run();
    ports[0]->onTurnEnd();
  };
  changed(1);
  changed(2);
  changed(3);
  EXPECT_THAT(sinks[0].heard, ElementsAre("count 1"));
  loops[0].clock += 1000;
  ports[0]->onTick();
  EXPECT_THAT(sinks[0].heard, ElementsAre("count 1", "count 3"));
}

TEST_F(BridgeEngineTest, ADroppedSessionIsGivenUpInSilence) {
  resume(0);
  js.answer(js.take().at(0).request,
            [](RecordWriter& out) { out.byte(0).number(7).raw(ResumeToken{}).flag(true).word(0); });
  js.tell(NewsKind::DropSession, 0, [](RecordWriter& out) { out.number(kSession); });
  run();
  EXPECT_THAT(sinks[0].sessions, IsEmpty());
  EXPECT_EQ(0U, engine.counts().sessions);
  EXPECT_THAT(sinks[0].heard, IsEmpty());
}

TEST_F(BridgeEngineTest, ALoopThatHasEndedGetsNoNews) {
  sinks[0].sessions.insert(kSession);
  bool told = false;
  ports[0]->memberCount({kSharedApp, "room"}, [&](std::optional<std::uint32_t>) { told = true; });
  const std::uint64_t request = js.take().at(0).request;
  results(0, 1);
  js.answer(request, [](RecordWriter& out) { out.word(3); });
  engine.detach(0);
  results(0, 2);
  run();
  EXPECT_FALSE(told);
  EXPECT_THAT(sinks[0].heard, IsEmpty());
}

TEST_F(BridgeEngineTest, NewsThatDoNotDecodeAreLoggedAndChangeNothing) {
  sinks[0].sessions.insert(kSession);
  js.tell(NewsKind::SendResults, 0, [](RecordWriter& out) { out.number(kSession); });
  js.tell(NewsKind::SendResults, 9, [](RecordWriter& out) { out.number(kSession).number(1).number(1).word(0); });
  js.tell(static_cast<NewsKind>(99), 0, [](RecordWriter&) {});
  run();
  EXPECT_THAT(sinks[0].heard, IsEmpty());
  EXPECT_EQ(3U, js.lines.size());
}

}  // namespace
}  // namespace rtm::server
