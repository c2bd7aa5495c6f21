// Presence and attributes of every engine.

#include "engine_harness.hpp"

namespace rtm::server {
namespace {

using wire::AttributeAction;
using wire::PresenceState;

class EnginePresence : public EngineTest {
 protected:
  /// Watches on a loop; gives the reports that came before `done`.
  Lines watch(const std::vector<std::string>& users, std::uint32_t on) {
    Lines told;
    FakeLoop& where = loop(on);
    where.presence.clear();
    bool done = false;
    where.client->watch(kApp, users, [&] {
      done = true;
      told = std::exchange(where.presence, {});
    });
    run();
    EXPECT_TRUE(done);
    std::sort(told.begin(), told.end());
    return told;
  }
  Lines toldOn(std::uint32_t on) { return std::exchange(loop(on).presence, {}); }
  std::vector<PresenceState> query(const std::vector<std::string>& users) {
    std::vector<PresenceState> states;
    loop(0).client->presence(kApp, users, [&](std::vector<PresenceState> found) { states = std::move(found); });
    run();
    return states;
  }
  void silence(const Opened& session, bool silent) {
    home(session).client->noteSilence(nameOf(session), session.outcome.fence, silent);
    run();
  }
  void close(const Opened& session, SessionEnd reason = SessionEnd::Logout) {
    home(session).client->closeSession(nameOf(session), session.outcome.fence, reason);
    run();
  }
};
RTM_ENGINE_SUITE(EnginePresence);

TEST_P(EnginePresence, AnswersInTheOrderAsked) {
  open("alice", 0);
  open("bob", 1);
  open("carol", 1, kOtherApp);
  const auto states = query({"nobody", "bob", "carol", "alice", "bob"});
  EXPECT_EQ((std::vector{PresenceState::Offline, PresenceState::Online, PresenceState::Offline, PresenceState::Online,
                         PresenceState::Online}),
            states);
  EXPECT_TRUE(query({}).empty());
}

TEST_P(EnginePresence, OfWatchedUsersComesBeforeTheWatchCompletesAndThenOnChanges) {
  open("alice", 0);
  EXPECT_EQ((Lines{"alice=0", "bob=2"}), watch({"alice", "bob"}, 1));
  const Opened bob = open("bob", 2);
  EXPECT_EQ(Lines{"bob=0"}, toldOn(1));
  close(bob);
  EXPECT_EQ(Lines{"bob=2"}, toldOn(1));
  loop(1).client->unwatch(kApp, {"alice", "bob"});
  open("bob", 2);
  EXPECT_EQ(Lines{}, toldOn(1));
}

TEST_P(EnginePresence, IsUnreachableInSilenceUntilHeardOrResumed) {
  Opened bob = open("bob", 0);
  watch({"bob"}, 1);
  silence(bob, true);
  silence(bob, true);
  EXPECT_EQ(Lines{"bob=1"}, toldOn(1));
  silence(bob, false);
  EXPECT_EQ(Lines{"bob=0"}, toldOn(1));
  loseLink(bob);
  silence(bob, true);
  EXPECT_EQ(Lines{"bob=1"}, toldOn(1));
  EXPECT_EQ(ResumeStatus::Resumed, resume(bob, 1).status);
  EXPECT_EQ(Lines{"bob=0"}, toldOn(1));
}

TEST_P(EnginePresence, IsOfflineWhenTheGracePeriodIsOver) {
  const Opened bob = open("bob", 0);
  watch({"bob"}, 1);
  loseLink(bob, 1000);
  pass(900);
  EXPECT_EQ(Lines{}, toldOn(1));
  pass(200);
  EXPECT_EQ(Lines{"bob=2"}, toldOn(1));
}

TEST_P(EnginePresence, IgnoresReportsUnderAnOldFence) {
  Opened bob = open("bob", 0);
  watch({"bob"}, 0);
  const Opened before = bob;
  resume(bob, 1);
  silence(before, true);
  EXPECT_EQ(Lines{}, toldOn(0));
}

TEST_P(EnginePresence, ShowsNoGapWhenALoginTakesOver) {
  open("bob", 0);
  watch({"bob"}, 1);
  loop(0).holdEnds = true;
  submitOpen("bob", 1);
  run();
  EXPECT_EQ(std::vector{PresenceState::Online}, query({"bob"})) << "its successor is there";
  for (auto& finish : std::exchange(loop(0).heldEnds, {})) finish();
  run();
  EXPECT_EQ(Lines{}, toldOn(1));
}

TEST_P(EnginePresence, IsOfflineWhenTheLoginThatTookOverIsBanned) {
  open("bob", 0);
  watch({"bob"}, 1);
  loop(0).holdEnds = true;
  submitOpen("bob", 1);
  run();
  loop(0).client->closeUser({kApp, "bob"}, SessionEnd::Banned, [](bool had) { EXPECT_TRUE(had); });
  run();
  EXPECT_EQ(Lines{"bob=2"}, toldOn(1));
  for (auto& finish : std::exchange(loop(0).heldEnds, {})) finish();
  run();
  EXPECT_EQ(Lines{}, toldOn(1));
}

class EngineAttributes : public EngineTest {
 protected:
  using Entries = std::vector<std::pair<std::string, std::string>>;

  AttributeWriteRequest request(const Opened& writer, const std::string& owner, AttributeAction action,
                                Entries entries) {
    AttributeWriteRequest request;
    request.app = kApp;
    request.owner = owner;
    request.writerId = writer.user;
    request.sessionId = writer.address.sessionId;
    request.fence = writer.outcome.fence;
    request.requestId = ++lastRequest_;
    request.serverTimeMs = clock_;
    request.write = {action, std::move(entries)};
    return request;
  }
  std::uint32_t writeUser(const Opened& writer, AttributeWriteRequest what) {
    std::uint32_t code = 99;
    home(writer).client->writeUserAttributes(std::move(what), [&](std::uint32_t result) { code = result; });
    run();
    return code;
  }
  std::uint32_t writeChannel(const Opened& writer, AttributeWriteRequest what) {
    std::uint32_t code = 99;
    home(writer).client->writeChannelAttributes(std::move(what), [&](const ChannelWriteOutcome& outcome) {
      code = outcome.code;
      noticeBytes_ = outcome.noticeBytes;
    });
    run();
    return code;
  }
  std::string userAttributes(const std::string& user, std::vector<std::string> keys = {}) {
    std::string line = "?";
    loop(0).client->userAttributes({kApp, user}, std::move(keys), [&](AttributesOutcome outcome) {
      line = outcome.found ? describe(outcome) : "not found";
    });
    run();
    return line;
  }
  std::string channelAttributes(const std::string& channel) {
    std::string line = "?";
    loop(0).client->channelAttributes({kApp, channel}, {},
                                      [&](AttributesOutcome outcome) { line = describe(outcome); });
    run();
    return line;
  }
  static std::string describe(const AttributesOutcome& outcome) {
    std::string line;
    for (const StoredAttribute& entry : outcome.entries) line += entry.key + "=" + entry.value + " ";
    return line;
  }
  /// A write that asks for a notice.
  AttributeWriteRequest loud(const Opened& writer, const std::string& channel, Entries entries) {
    AttributeWriteRequest what = request(writer, channel, AttributeAction::Set, std::move(entries));
    what.notify = true;
    return what;
  }
  std::uint32_t lastRequest_ = 0;
  std::uint64_t noticeBytes_ = 0;  ///< of the last write
};
RTM_ENGINE_SUITE(EngineAttributes);

TEST_P(EngineAttributes, OfAUserLiveAsLongAsItsSession) {
  Opened alice = open("alice", 1);
  EXPECT_EQ("not found", userAttributes("bob"));
  EXPECT_EQ("", userAttributes("alice"));
  EXPECT_EQ(0U, writeUser(alice, request(alice, "alice", AttributeAction::Set, {{"b", "2"}, {"a", "1"}})));
  loseLink(alice);
  EXPECT_EQ("a=1 b=2 ", userAttributes("alice"));
  resume(alice, 2);
  EXPECT_EQ("b=2 ", userAttributes("alice", {"b", "c"}));
  const Opened again = open("alice", 0);
  EXPECT_EQ("", userAttributes("alice")) << "a new session begins without any";
  home(again).client->closeSession(nameOf(again), again.outcome.fence, SessionEnd::Logout);
  run();
  EXPECT_EQ("not found", userAttributes("alice"));
}

TEST_P(EngineAttributes, OfAUserAreNotWrittenUnderAnOldFence) {
  Opened alice = open("alice", 0);
  const AttributeWriteRequest late = request(alice, "alice", AttributeAction::Set, {{"a", "1"}});
  resume(alice, 1);
  EXPECT_EQ(2U, writeUser(alice, late));
  EXPECT_EQ("", userAttributes("alice"));
}

TEST_P(EngineAttributes, OfAChannelAreRepeatedAfterAResumeWithoutASecondEffect) {
  Opened alice = open("alice", 0);
  const Opened bob = open("bob", 1);
  join(bob, "room");
  AttributeWriteRequest mine = request(alice, "room", AttributeAction::Merge, {{"k", "alice's"}});
  mine.notify = true;
  EXPECT_EQ(0U, writeChannel(alice, mine));
  EXPECT_EQ(0U, writeChannel(bob, request(bob, "room", AttributeAction::Merge, {{"k", "bob's"}})));
  heardBy(bob);
  resume(alice, 2);
  mine.fence = alice.outcome.fence;
  EXPECT_EQ(0U, writeChannel(alice, mine));
  EXPECT_EQ("k=bob's ", channelAttributes("room"));
  EXPECT_EQ(Lines{}, heardBy(bob));
}

TEST_P(EngineAttributes, OfAChannelReachItsMembersIfAskedFor) {
  const Opened alice = open("alice", 0);
  const Opened bob = open("bob", 1);
  const Opened outsider = open("carol", 1);
  join(alice, "room");
  join(bob, "room");
  heardBy(alice);
  heardBy(bob);
  EXPECT_EQ(0U, writeChannel(outsider, request(outsider, "room", AttributeAction::Set, {{"a", "1"}})));
  EXPECT_EQ(Lines{}, heardBy(bob));
  AttributeWriteRequest loud = request(alice, "room", AttributeAction::Merge, {{"b", "2"}});
  loud.notify = true;
  EXPECT_EQ(0U, writeChannel(alice, loud));
  EXPECT_EQ(Lines{"attributes a=1 b=2"}, heardBy(bob));
  EXPECT_EQ(Lines{"attributes a=1 b=2"}, heardBy(alice)) << "the writer is a member, too";
  AttributeWriteRequest clear = request(alice, "room", AttributeAction::Clear, {});
  clear.notify = true;
  EXPECT_EQ(0U, writeChannel(alice, clear));
  EXPECT_EQ(Lines{"attributes"}, heardBy(bob));
  EXPECT_EQ(Lines{}, heardBy(outsider));
}

TEST_P(EngineAttributes, OfAnEmptyChannelAreRemovedAfterATime) {
  EngineSetup setup;
  setup.parameters.attributeAfterlifeMs = 1000;
  build(setup);
  const Opened alice = open("alice", 0);
  join(alice, "room");
  writeChannel(alice, request(alice, "room", AttributeAction::Set, {{"a", "1"}}));
  writeChannel(alice, request(alice, "empty", AttributeAction::Set, {{"b", "2"}}));
  pass(900);
  EXPECT_EQ("b=2 ", channelAttributes("empty"));
  pass(200);
  EXPECT_EQ("", channelAttributes("empty"));
  EXPECT_EQ("a=1 ", channelAttributes("room"));
  leave(alice, "room");
  pass(900);
  EXPECT_EQ("a=1 ", channelAttributes("room"));
  pass(200);
  EXPECT_EQ("", channelAttributes("room"));
}

TEST_P(EngineAttributes, OfAChannelReachAMemberThatMissedTheNotice) {
  Opened alice = open("alice", 0);
  const Opened bob = open("bob", 1);
  const JoinOutcome joined = join(alice, "room");
  AttributeWriteRequest loud = request(bob, "room", AttributeAction::Set, {{"a", "1"}});
  loud.notify = true;
  loseLink(alice);
  writeChannel(bob, loud);
  resume(alice, 1);
  EXPECT_EQ(1U, join(alice, "room", true, joined.epoch, joined.offset).replay.size());
}

TEST_P(EngineAttributes, OfAChannelAreToldThreeTimesAtOnceThenTheNewestEachSecond) {
  const Opened alice = open("alice", 0);
  const Opened bob = open("bob", 1);
  join(bob, "room");
  pass(1000);
  heardBy(bob);
  for (const char* value : {"1", "2", "3", "4", "5"}) {
    EXPECT_EQ(0U, writeChannel(alice, loud(alice, "room", {{"a", value}})));
  }
  EXPECT_EQ((Lines{"attributes a=1", "attributes a=2", "attributes a=3"}), heardBy(bob));
  EXPECT_EQ("a=5 ", channelAttributes("room"));
  pass(900);
  EXPECT_EQ(Lines{}, heardBy(bob));
  // Not loud, and part of what the members hear: they are told what there is.
  writeChannel(alice, request(alice, "room", AttributeAction::Merge, {{"b", "quiet"}}));
  pass(200);
  EXPECT_EQ(Lines{"attributes a=5 b=quiet"}, heardBy(bob));
  pass(3000);
  EXPECT_EQ(Lines{}, heardBy(bob)) << "once";
}

TEST_P(EngineAttributes, OfAChannelCostTheirWriterWhatTheMembersAreSent) {
  const Opened alice = open("alice", 0);
  for (int i = 0; i < 4; ++i) join(open("member" + std::to_string(i), static_cast<std::uint32_t>(i)), "room");
  const std::string value(1000, 'x');
  writeChannel(alice, request(alice, "room", AttributeAction::Set, {{"a", value}}));
  EXPECT_EQ(0U, noticeBytes_) << "nobody is told";
  writeChannel(alice, loud(alice, "empty", {{"a", value}}));
  EXPECT_EQ(0U, noticeBytes_) << "nobody is there";
  for (int i = 0; i < 4; ++i) {
    writeChannel(alice, loud(alice, "room", {{"a", value}}));
    EXPECT_LT(4000U, noticeBytes_) << i;
    EXPECT_GT(5000U, noticeBytes_) << i;
  }
  writeChannel(alice, loud(alice, "room", {{"a", value}}));
  EXPECT_EQ(0U, noticeBytes_) << "shares the notice that is owed";
  writeChannel(alice, loud(alice, "room", {{"a", value + value}}));
  EXPECT_EQ(4000U, noticeBytes_) << "makes it larger";
  EXPECT_EQ(4U, writeChannel(alice, loud(alice, "room", {{"a", std::string(9000, 'x')}})));
  EXPECT_EQ(0U, noticeBytes_) << "was refused";
}

TEST_P(EngineAttributes, OfAChannelThatMakeAnOwedNoticeLargerCostTheirWriterEvenIfNotAskedFor) {
  const Opened alice = open("alice", 0);
  for (int i = 0; i < 4; ++i) join(open("member" + std::to_string(i), static_cast<std::uint32_t>(i)), "room");
  AttributeWriteRequest clear = request(alice, "room", AttributeAction::Clear, {});
  clear.notify = true;
  for (int i = 0; i < 4; ++i) {
    clear.requestId = ++lastRequest_;
    writeChannel(alice, clear);
  }
  const Entries large{{"a", std::string(8000, 'x')}};
  AttributeWriteRequest quiet = request(alice, "room", AttributeAction::Set, large);
  quiet.inDebt = true;
  EXPECT_EQ(5U, writeChannel(alice, quiet)) << "it cannot pay";
  EXPECT_EQ("", channelAttributes("room"));
  writeChannel(alice, request(alice, "room", AttributeAction::Set, large));
  EXPECT_LE(4U * 8000U, noticeBytes_);
  quiet = request(alice, "room", AttributeAction::Delete, {{"a", ""}});
  quiet.inDebt = true;
  EXPECT_EQ(0U, writeChannel(alice, quiet)) << "makes it smaller";
  pass(1100);
  quiet = request(alice, "room", AttributeAction::Set, large);
  quiet.inDebt = true;
  EXPECT_EQ(0U, writeChannel(alice, quiet)) << "nothing is owed any more";
  EXPECT_EQ(0U, noticeBytes_);
}

TEST_P(EngineAttributes, OfAChannelAreNotRefusedInDebtIfTheyWereWrittenBefore) {
  Opened alice = open("alice", 0);
  join(open("bob", 1), "room");
  AttributeWriteRequest mine = loud(alice, "room", {{"a", "1"}});
  EXPECT_EQ(0U, writeChannel(alice, mine));
  loseLink(alice);
  resume(alice, 1);
  mine.fence = alice.outcome.fence;
  mine.inDebt = true;
  EXPECT_EQ(0U, writeChannel(alice, mine)) << "a repeat";
  EXPECT_EQ(0U, noticeBytes_);
  mine = loud(alice, "room", {{"a", "2"}});
  mine.inDebt = true;
  EXPECT_EQ(5U, writeChannel(alice, mine));
  EXPECT_EQ("a=1 ", channelAttributes("room"));
}

TEST_P(EngineAttributes, OfAChannelReachAMemberThatResumesBeforeAnOwedNotice) {
  Opened alice = open("alice", 0);
  const Opened bob = open("bob", 1);
  const JoinOutcome joined = join(alice, "room");
  for (const char* value : {"1", "2", "3", "4"}) writeChannel(bob, loud(bob, "room", {{"a", value}}));
  join(bob, "room");
  publish(bob, "room", 1, "after the last write");
  run();
  loseLink(alice);
  pass(1100);  // the notice is told while alice is away
  resume(alice, 1);
  EXPECT_EQ(1U, join(alice, "room", true, joined.epoch, joined.offset + 1).replay.size())
      << "alice has the message, and not the notice";
}

}  // namespace
}  // namespace rtm::server
