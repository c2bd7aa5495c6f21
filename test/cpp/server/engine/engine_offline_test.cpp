#include <algorithm>
#include <random>

#include "engine_harness.hpp"
#include "server/store/slow_store.hpp"

namespace rtm::server {
namespace {

using Message = FakeLoop::Message;
using Inboxes = std::vector<Message>;

constexpr std::uint32_t kFlaggedOffline = 1;
constexpr std::uint32_t kCached = 4;
constexpr std::uint64_t kWeek = 7ULL * 24 * 3600 * 1000;

class EngineOffline : public EngineTest {
 protected:
  void SetUp() override { buildWith({}); }
  void buildWith(EngineSetup setup, const Retention& retention = {}) {
    store_ = std::make_shared<SlowStore>(retention);
    store_->slow = false;
    setup.store = store_;
    build(setup);
  }
  void sendOffline(const Opened& from, const std::string& to, std::uint64_t seq, const std::string& text,
                   std::uint64_t capabilities = 0) {
    send(from, to, seq, text, capabilities, kFlaggedOffline);
  }
  void complete(std::size_t position = 0) {
    store_->complete(position);
    run();
  }
  void completeAll() {
    while (!store_->waiting.empty()) {
      store_->completeAll();
      run();
    }
  }
  void close(const Opened& session) {
    home(session).client->closeSession(nameOf(session), session.outcome.fence, SessionEnd::Logout);
    run();
  }
  std::vector<std::string> textsOf(const Opened& session) {
    std::vector<std::string> texts;
    for (const Message& message : inboxOf(session)) texts.push_back((message.offline ? "*" : "") + message.text);
    return texts;
  }
  std::shared_ptr<SlowStore> store_;
};
RTM_ENGINE_SUITE(EngineOffline);

TEST_P(EngineOffline, MessagesAreCachedAndComeAtTheNextLoginBeforeNewOnes) {
  const Opened alice = open("alice", 0);
  sendOffline(alice, "bob", 1, "one");
  send(alice, "bob", 2, "not flagged");
  sendOffline(alice, "bob", 3, "three");
  run();
  EXPECT_EQ((Results{{1, kCached}, {2, 3}, {3, kCached}}), resultsOf(alice));
  const Opened bob = open("bob", 1);
  sendOffline(alice, "bob", 4, "live");
  run();
  EXPECT_EQ((Inboxes{{1, "alice", "one", true}, {2, "alice", "three", true}, {3, "alice", "live", false}}),
            inboxOf(bob));
  acknowledge(bob, 3);
  run();
  EXPECT_EQ((Results{{4, 0}}), resultsOf(alice)) << "nobody hears of the delivery of a stored message";
  close(bob);
  EXPECT_EQ(Lines{}, textsOf(open("bob", 2))) << "acknowledged: they are gone";
}

TEST_P(EngineOffline, AUserWhoseMessagesAreStillLoadedIsReachedWhileAnotherFloodsIt) {
  EngineSetup setup;
  setup.parameters.inbox.messages = 18;
  buildWith(std::move(setup));
  const Opened mallory = open("mallory", 0);
  const Opened alice = open("alice", 0);
  store_->slow = true;
  const Opened bob = open("bob", 1);
  for (std::uint64_t seq = 1; seq <= 40; ++seq) send(mallory, "bob", seq, "x");
  send(alice, "bob", 1, "hello");
  run();
  EXPECT_EQ(Results{}, resultsOf(alice)) << "refused";
  EXPECT_EQ(22U, resultsOf(mallory).size()) << "18 wait";
  completeAll();
  EXPECT_EQ("hello", textsOf(bob).back());
}

TEST_P(EngineOffline, MessagesStayUntilTheyAreAcknowledged) {
  const Opened alice = open("alice", 0);
  sendOffline(alice, "bob", 1, "one");
  sendOffline(alice, "bob", 2, "two");
  run();
  Opened first = open("bob", 1);
  EXPECT_EQ((Lines{"*one", "*two"}), textsOf(first));
  loseLink(first);
  ASSERT_TRUE(resume(first, 2, 1).inboxComplete);  // the application had the first one
  EXPECT_EQ((Lines{"*two"}), textsOf(first));
  const Opened second = open("bob", 0);
  EXPECT_EQ((Lines{"*two"}), textsOf(second)) << "a kick in between loses nothing";
  acknowledge(second, 1);
  run();
  close(second);
  EXPECT_EQ(Lines{}, textsOf(open("bob", 1)));
}

TEST_P(EngineOffline, QueuesHold200AndDropTheOldest) {
  const Opened alice = open("alice", 0);
  std::uint64_t seq = 0;
  const auto fill = [&](std::uint64_t count, const std::string& to) {
    Results expected;
    for (std::uint64_t i = 1; i <= count; ++i) {
      sendOffline(alice, to, ++seq, std::to_string(i));
      expected.emplace_back(seq, kCached);
    }
    run();
    EXPECT_EQ(expected, resultsOf(alice)) << "what is pushed out was cached all the same";
    return textsOf(open(to, 1));
  };
  const auto below = fill(199, "bob199");
  EXPECT_EQ(199U, below.size());
  EXPECT_EQ("*1", below.front());
  const auto at = fill(200, "bob200");
  EXPECT_EQ(200U, at.size());
  EXPECT_EQ("*1", at.front());
  const auto above = fill(201, "bob201");
  EXPECT_EQ(200U, above.size());
  EXPECT_EQ("*2", above.front());
  EXPECT_EQ("*201", above.back());
}

TEST_P(EngineOffline, MessagesVanishAfterSevenDays) {
  const Opened alice = open("alice", 0);
  sendOffline(alice, "bob", 1, "old");
  sendOffline(alice, "carol", 2, "old");
  run();
  clock_ += kWeek / 2;
  sendOffline(alice, "bob", 3, "newer");
  run();
  clock_ += kWeek - kWeek / 2 - 1;
  EXPECT_EQ((Lines{"*old"}), textsOf(open("carol", 1))) << "a millisecond before";
  clock_ += 1;
  EXPECT_EQ((Lines{"*newer"}), textsOf(open("bob", 1)));
  EXPECT_EQ(3U, resultsOf(alice).size()) << "nobody is told";
}

TEST_P(EngineOffline, MessagesWithoutAnAcknowledgementAreStoredWhenTheSessionEnds) {
  const Opened alice = open("alice", 0);
  const Opened bob = open("bob", 1);
  sendOffline(alice, "bob", 1, "handed over");
  send(alice, "bob", 5, "handed over and not flagged: nobody knows");
  run();
  loseLink(bob, 5000);
  sendOffline(alice, "bob", 2, "kept");
  send(alice, "bob", 3, "not flagged");
  sendOffline(alice, "bob", 4, "kept too");
  run();
  EXPECT_EQ(Results{}, resultsOf(alice));
  pass(5100);
  EXPECT_EQ((Results{{1, kCached}, {2, kCached}, {3, 3}, {4, kCached}}), resultsOf(alice));
  EXPECT_EQ((Lines{"*handed over as 1", "*kept", "*kept too"}), textsOf(open("bob", 0)));
}

TEST_P(EngineOffline, MessagesThatAClientLeavesBehindAtItsLogoutHaveTheirResultAtOnce) {
  const Opened alice = open("alice", 0);
  const Opened bob = open("bob", 1);
  send(alice, "bob", 1, "had");
  sendOffline(alice, "bob", 2, "flagged");
  send(alice, "bob", 3, "not flagged");
  run();
  acknowledge(bob, 1);
  close(bob);
  EXPECT_EQ((Results{{1, 0}, {2, kCached}, {3, 3}}), resultsOf(alice));
  EXPECT_EQ((Lines{"*flagged as 2"}), textsOf(open("bob", 0)));
}

TEST_P(EngineOffline, MessagesDuringTheEndOfASessionAreStoredBehindItsOwn) {
  const Opened alice = open("alice", 0);
  const Opened bob = open("bob", 1);
  loseLink(bob);
  sendOffline(alice, "bob", 1, "one");
  run();
  home(bob).holdEnds = true;
  const auto next = submitOpen("bob", 2);  // kicks the first, and waits for its end
  run();
  sendOffline(alice, "bob", 2, "two");
  run();
  EXPECT_EQ((Results{{1, kCached}, {2, kCached}}), resultsOf(alice));
  for (auto& finish : std::exchange(home(bob).heldEnds, {})) finish();
  home(bob).holdEnds = false;
  run();
  ASSERT_EQ(OpenStatus::Opened, next->outcome.status);
  EXPECT_EQ((Lines{"*one", "*two"}), textsOf(*next));
}

TEST_P(EngineOffline, MessagesWaitForAClientThatUnderstandsTheirKind) {
  const Opened alice = open("alice", 0);
  sendOffline(alice, "bob", 1, "text");
  sendOffline(alice, "bob", 2, "file", 2);
  sendOffline(alice, "bob", 3, "text too");
  run();
  const Opened old = open("bob", 1, kApp, 1);
  EXPECT_EQ((Lines{"*text", "*text too"}), textsOf(old));
  acknowledge(old, 2);
  run();
  close(old);
  EXPECT_EQ((Lines{"*file"}), textsOf(open("bob", 1)));
}

TEST_P(EngineOffline, AQueueLargerThanTheInboxComesAsTheClientAcknowledges) {
  EngineSetup setup;
  setup.parameters.inbox.messages = 3;
  buildWith(setup);
  const Opened alice = open("alice", 0);
  for (std::uint64_t seq = 1; seq <= 7; ++seq) sendOffline(alice, "bob", seq, std::to_string(seq));
  run();
  const Opened bob = open("bob", 1);
  for (std::uint64_t seq = 8; seq <= 11; ++seq) send(alice, "bob", seq, std::to_string(seq));
  run();
  resultsOf(alice);
  Lines texts;
  for (std::uint64_t got = 0; got < 10;) {
    const Lines now = textsOf(bob);
    ASSERT_FALSE(now.empty());
    ASSERT_LE(now.size(), 3U);
    texts.insert(texts.end(), now.begin(), now.end());
    acknowledge(bob, got += now.size());
    run();
  }
  EXPECT_EQ((Lines{"*1", "*2", "*3", "*4", "*5", "*6", "*7", "8", "9", "10"}), texts)
      << "live ones wait behind them, as many as an inbox holds";
  EXPECT_EQ((Results{{8, 0}, {9, 0}, {10, 0}}), resultsOf(alice));
}

TEST_P(EngineOffline, AppsHaveQueuesOfTheirOwn) {
  const Opened alice = open("alice", 0);
  sendOffline(alice, "bob", 1, "here");
  run();
  EXPECT_EQ(Lines{}, textsOf(open("bob", 1, kOtherApp)));
  EXPECT_EQ((Lines{"*here"}), textsOf(open("bob", 1)));
}

// ---- with a store that takes its time, or fails ----------------------------------------------------------------

TEST_P(EngineOffline, AMessageIsCachedOnlyOnceTheStoreHasIt) {
  const Opened alice = open("alice", 0);
  store_->slow = true;
  sendOffline(alice, "bob", 1, "one");
  sendOffline(alice, "bob", 2, "two");
  run();
  EXPECT_EQ(Results{}, resultsOf(alice));
  complete(1);
  EXPECT_EQ((Results{{2, kCached}}), resultsOf(alice));
  complete();
  EXPECT_EQ((Results{{1, kCached}}), resultsOf(alice));
}

TEST_P(EngineOffline, AMessageThatTheStoreRefusesFails) {
  store_->fails = [](const std::string& operation) { return operation == "append"; };
  const Opened alice = open("alice", 0);
  sendOffline(alice, "bob", 1, "one");
  run();
  EXPECT_EQ((Results{{1, 1}}), resultsOf(alice));
  store_->fails = [](const std::string&) { return false; };
  EXPECT_EQ(Lines{}, textsOf(open("bob", 1)));
}

TEST_P(EngineOffline, BytesAreBounded) {
  Retention retention;
  retention.offlineBytes = 5000;
  buildWith({}, retention);
  const Opened alice = open("alice", 0);
  sendOffline(alice, "bob", 1, std::string(2500, 'x'));
  sendOffline(alice, "bob", 2, std::string(2500, 'x'));
  sendOffline(alice, "bob", 3, "small");
  run();
  EXPECT_EQ((Results{{1, kCached}, {2, 1}, {3, kCached}}), resultsOf(alice));
  const Opened bob = open("bob", 1);
  acknowledge(bob, 2);
  run();
  EXPECT_EQ(0U, store_->inner.offlineBytes());
}

TEST_P(EngineOffline, LoginsDoNotWaitForTheStoreButLiveMessagesDo) {
  const Opened alice = open("alice", 0);
  sendOffline(alice, "bob", 1, "stored");
  run();
  resultsOf(alice);
  store_->slow = true;
  const Opened bob = open("bob", 1);
  ASSERT_EQ(OpenStatus::Opened, bob.outcome.status);
  send(alice, "bob", 2, "live");
  run();
  EXPECT_EQ(Lines{}, textsOf(bob));
  EXPECT_EQ(Results{}, resultsOf(alice));
  complete();
  EXPECT_EQ((Lines{"*stored", "live"}), textsOf(bob));
}

TEST_P(EngineOffline, LoginsLoadAfterPendingAppendsAndRemovals) {
  const Opened alice = open("alice", 0);
  sendOffline(alice, "bob", 1, "one");
  run();
  store_->slow = true;
  Opened bob = open("bob", 1);
  completeAll();
  EXPECT_EQ((Lines{"*one"}), textsOf(bob));
  acknowledge(bob, 1);
  run();
  EXPECT_EQ((Lines{"remove"}), store_->names());
  close(bob);
  sendOffline(alice, "bob", 2, "two");
  run();
  bob = open("bob", 2);
  EXPECT_EQ((Lines{"remove", "append"}), store_->names()) << "the load waits for both";
  complete(1);
  complete();
  EXPECT_EQ((Lines{"load"}), store_->names());
  complete();
  EXPECT_EQ((Lines{"*two"}), textsOf(bob));
}

TEST_P(EngineOffline, ALoadThatFailsIsTriedAgain) {
  const Opened alice = open("alice", 0);
  sendOffline(alice, "bob", 1, "stored");
  run();
  int failures = 2;
  store_->fails = [&](const std::string& operation) { return operation == "load" && failures-- > 0; };
  const Opened bob = open("bob", 1);
  send(alice, "bob", 2, "live");
  run();
  EXPECT_EQ(Lines{}, textsOf(bob));
  pass(1200);
  EXPECT_EQ((Lines{"*stored", "live"}), textsOf(bob));
}

TEST_P(EngineOffline, AStoreThatDoesNotAnswerDelaysMessagesForABoundedTime) {
  const Opened alice = open("alice", 0);
  sendOffline(alice, "bob", 1, "stored");
  run();
  resultsOf(alice);
  store_->slow = true;
  const Opened bob = open("bob", 1);
  send(alice, "bob", 2, "live");
  run();
  pass(5100);
  EXPECT_EQ((Lines{"live"}), textsOf(bob));
  acknowledge(bob, 1);
  run();
  EXPECT_EQ((Results{{2, 0}}), resultsOf(alice));
  completeAll();
  EXPECT_EQ(Lines{}, textsOf(bob)) << "too late for this session";
  close(bob);
  const Opened again = open("bob", 1);
  completeAll();
  EXPECT_EQ((Lines{"*stored"}), textsOf(again));
}

TEST_P(EngineOffline, AServerThatStoodStillReadsTheAnswerOfItsStoreFirst) {
  const Opened alice = open("alice", 0);
  sendOffline(alice, "bob", 1, "stored");
  run();
  store_->slow = true;
  const Opened bob = open("bob", 1);
  send(alice, "bob", 2, "live");
  run();
  jump(11'000);
  completeAll();
  EXPECT_EQ((Lines{"*stored", "live"}), textsOf(bob));
}

TEST_P(EngineOffline, AKickResumeOrEndDuringALoadLosesNoMessage) {
  const Opened alice = open("alice", 0);
  sendOffline(alice, "bob", 1, "stored");
  run();
  resultsOf(alice);
  store_->slow = true;
  Opened bob = open("bob", 1);
  loseLink(bob);
  send(alice, "bob", 2, "plain");
  sendOffline(alice, "bob", 3, "flagged");
  run();
  ASSERT_EQ(ResumeStatus::Resumed, resume(bob, 2, 0).status);
  const Opened next = open("bob", 0);  // kicks it, still loading
  EXPECT_EQ((Results{{2, 3}}), resultsOf(alice));
  EXPECT_EQ((Lines{"load", "append"}), store_->names());
  complete(1);
  EXPECT_EQ((Results{{3, kCached}}), resultsOf(alice));
  EXPECT_EQ((Lines{"load", "load"}), store_->names());
  complete();
  EXPECT_EQ(Lines{}, textsOf(next)) << "the first load was for a session that is gone";
  complete();
  EXPECT_EQ((Lines{"*stored", "*flagged"}), textsOf(next));
  home(next).client->closeUser(nameOf(next), SessionEnd::Banned, [](bool had) { EXPECT_TRUE(had); });
  run();
  const Opened last = open("bob", 1);
  home(last).client->closeUser(nameOf(last), SessionEnd::Banned, [](bool had) { EXPECT_TRUE(had); });  // while loading
  run();
  completeAll();
  const Opened after = open("bob", 1);
  completeAll();
  EXPECT_EQ((Lines{"*stored", "*flagged"}), textsOf(after));
}

TEST_P(EngineOffline, AResumeWhileLoadingGetsEverythingOnce) {
  const Opened alice = open("alice", 0);
  sendOffline(alice, "bob", 1, "stored");
  run();
  store_->slow = true;
  Opened bob = open("bob", 1);
  loseLink(bob);
  completeAll();  // arrives while nobody is there to be written to
  send(alice, "bob", 2, "live");
  run();
  EXPECT_EQ(Lines{}, textsOf(bob));
  ASSERT_TRUE(resume(bob, 0, 0).inboxComplete);
  EXPECT_EQ((Lines{"*stored", "live"}), textsOf(bob));
}

TEST_P(EngineOffline, CachedMessagesAreNotLostAndComeInOrderOncePerSession) {
  for (std::uint32_t seed = 1; seed <= 12; ++seed) {
    std::mt19937 random(seed);
    EngineSetup setup;
    if (seed % 3 == 0) setup.parameters.inbox.messages = 10;
    Retention retention;
    retention.offlineMessages = 100'000;
    buildWith(setup, retention);
    store_->slow = seed % 4 != 0;
    store_->fails = [&](const std::string& operation) {
      if (seed % 2 == 0) return false;
      // A load that fails for seconds lets a session go on without what is stored: then order is not promised.
      return operation == "append" && random() % 5 == 0;
    };
    constexpr std::size_t kUsers = 4;
    struct Tracked {
      std::optional<Opened> session;
      bool away = false;
      std::uint64_t position = 0;
      std::map<std::string, std::uint64_t> last;  // by sender, over all sessions: highest number acknowledged
      std::map<std::string, std::uint64_t> here;  // by sender: last number of this session
      std::set<std::pair<std::string, std::uint64_t>> got;
    };
    std::vector<Tracked> users(kUsers);
    // Senders never leave, so that every result is seen.
    std::vector<Opened> senders;
    std::vector<std::uint64_t> seqs(2);
    std::map<std::pair<std::size_t, std::uint64_t>, std::string> to;
    std::map<std::pair<std::size_t, std::uint64_t>, std::uint32_t> codes;
    for (std::size_t i = 0; i < 2; ++i)
      senders.push_back(open("sender" + std::to_string(i), static_cast<std::uint32_t>(i)));
    completeAll();

    const auto collect = [&] {
      for (std::size_t i = 0; i < senders.size(); ++i) {
        for (const auto& [seq, code] : resultsOf(senders[i])) {
          EXPECT_TRUE(codes.emplace(std::pair{i, seq}, code).second) << "seed " << seed << ": two results";
        }
      }
    };
    const auto read = [&](std::size_t i) {
      Tracked& user = users[i];
      if (!user.session) return;
      for (const Message& message : inboxOf(*user.session)) {
        if (message.offset <= user.position) continue;
        ASSERT_EQ(user.position + 1, message.offset) << "seed " << seed;
        user.position = message.offset;
        const std::uint64_t number = std::stoull(message.text);
        ASSERT_LT(user.here[message.sender], number) << "seed " << seed << ": out of order, or twice";
        user.here[message.sender] = number;
        user.got.emplace(message.sender, number);
      }
    };
    const auto forgetSession = [&](std::size_t i) {
      users[i].session.reset();
      users[i].away = false;
      users[i].position = 0;
      users[i].here.clear();
    };
    const auto login = [&](std::size_t i) {
      forgetSession(i);
      users[i].session = open("user" + std::to_string(i), static_cast<std::uint32_t>(random()));
    };
    for (int step = 0; step < 3000; ++step) {
      const std::size_t i = random() % kUsers;
      Tracked& user = users[i];
      switch (random() % 12) {
        case 0:
          if (user.session && !user.away) loseLink(*user.session);
          user.away = user.session.has_value();
          break;
        case 1:
          read(i);
          if (!user.session) break;
          ASSERT_EQ(ResumeStatus::Resumed,
                    resume(*user.session, static_cast<std::uint32_t>(random()), user.position).status);
          user.away = false;
          break;
        case 2:
          read(i);
          if (user.session && !user.away) acknowledge(*user.session, user.position);
          // A client whose link is away cannot log out.
          if (user.session && !user.away) close(*user.session);
          forgetSession(i);
          break;
        case 3:
          read(i);
          login(i);
          break;
        case 4:
        case 5:
          run();
          read(i);
          if (user.session && !user.away) acknowledge(*user.session, user.position);
          break;
        case 6:
        case 7:
          if (!store_->waiting.empty()) complete(random() % store_->waiting.size());
          break;
        case 8:
          run();
          collect();
          break;
        default: {
          const std::size_t from = random() % senders.size();
          const std::uint64_t seq = ++seqs[from];
          const std::string name = "user" + std::to_string(i);
          to[{from, seq}] = name;
          send(senders[from], name, seq, std::to_string(seq), 0, random() % 3 == 0 ? 0 : kFlaggedOffline);
        }
      }
    }
    // Everybody comes back, twice: the first session may still be on its way to its end.
    for (std::size_t i = 0; i < kUsers; ++i) {
      run();
      completeAll();
      read(i);
      login(i);
      completeAll();
      for (std::uint64_t before = 1; before != users[i].position;) {
        before = users[i].position;
        read(i);
        acknowledge(*users[i].session, users[i].position);
        run();
        completeAll();
        read(i);
      }
    }
    collect();
    std::size_t cached = 0;
    for (const auto& [send, code] : codes) {
      const std::string& name = to.at(send);
      const Tracked& user = users[static_cast<std::size_t>(name.back() - '0')];
      const bool got = user.got.contains({"sender" + std::to_string(send.first), send.second});
      if (code == kCached) ++cached;
      if (code == kCached || code == 0) {
        EXPECT_TRUE(got) << "seed " << seed << ": " << send.second;
      }
      if (code == 3) {
        EXPECT_FALSE(got) << "seed " << seed << ": " << send.second << " was said to be lost";
      }
    }
    EXPECT_GT(cached, 100U) << "seed " << seed;
  }
}

// ---- history ----------------------------------------------------------------------------------------------------

class EngineHistory : public EngineOffline {
 protected:
  static std::string text(const std::string& what) {
    const wire::Content content{
        .messageId = 1, .type = wire::ContentType::Text, .text = what, .raw = {}, .media = {}, .invitation = {}};
    Bytes bytes(wire::encodedSize(content));
    wire::encode(content, bytes.data());
    return std::string(asText(bytes));
  }
  std::vector<std::string> history(const std::string& destination) {
    std::vector<std::string> texts;
    HistoryFilter filter;
    filter.app = kApp;
    filter.destination = destination;
    filter.endMs = ~std::uint64_t{0};
    filter.nowMs = loop(0).wallClockMs();
    filter.limit = 100;
    filter.bytes = 60'000;
    loop(0).client->queryHistory(filter, [&](const HistoryPage& page) {
      EXPECT_TRUE(page.ok);
      for (const auto& record : page.records) texts.push_back(record->source + ":" + record->text);
    });
    run();
    return texts;
  }
  static constexpr std::uint32_t kHistory = 2;
};
RTM_ENGINE_SUITE(EngineHistory);

TEST_P(EngineHistory, HasTheAcceptedMessagesWithTheFlag) {
  const Opened alice = open("alice", 0);
  open("bob", 1);
  send(alice, "bob", 1, text("one"), 0, kHistory);
  send(alice, "bob", 2, text("not flagged"));
  send(alice, "bob", 3, "\x10\x02", 0, kHistory);  // a raw message
  send(alice, "nobody", 4, text("unreachable"), 0, kHistory);
  send(alice, "nobody", 5, text("cached"), 0, kHistory | kFlaggedOffline);
  join(alice, "lobby");
  publish(alice, "lobby", 6, text("to all"), kHistory);
  publish(alice, "elsewhere", 7, text("not a member"), kHistory);
  run();
  EXPECT_EQ((Lines{"alice:one"}), history("bob"));
  EXPECT_EQ((Lines{"alice:cached"}), history("nobody"));
  EXPECT_EQ((Lines{"alice:to all"}), history("lobby"));
  EXPECT_EQ(Lines{}, history("elsewhere"));
}

TEST_P(EngineHistory, HoldsOnlyTheResultsThatDependOnIt) {
  const Opened alice = open("alice", 0);
  const Opened bob = open("bob", 1);
  join(alice, "lobby");
  resultsOf(alice);
  store_->slow = true;
  publish(alice, "lobby", 1, text("one"));
  publish(alice, "lobby", 2, text("two"), kHistory);
  publish(alice, "lobby", 3, text("three"));
  send(alice, "bob", 4, text("four"), 0, kHistory);
  send(alice, "bob", 5, text("five"));
  send(alice, "bob", 6, text("six"), 0, kHistory);
  run();
  EXPECT_EQ((Results{{1, 0}, {3, 0}}), resultsOf(alice));
  ASSERT_EQ((Lines{"history", "history", "history"}), store_->names());
  acknowledge(bob, 3);
  run();
  EXPECT_EQ((Results{{5, 0}}), resultsOf(alice));
  completeAll();
  auto results = resultsOf(alice);
  std::sort(results.begin(), results.end());
  EXPECT_EQ((Results{{2, 0}, {4, 0}, {6, 0}}), results);
}

TEST_P(EngineHistory, ThatCannotBeWrittenFailsTheSend) {
  store_->fails = [](const std::string& operation) { return operation == "history"; };
  const Opened alice = open("alice", 0);
  const Opened bob = open("bob", 1);
  join(alice, "lobby");
  for (const bool slow : {false, true}) {
    SCOPED_TRACE(slow);
    store_->slow = slow;
    const std::uint64_t seq = slow ? 10 : 0;
    publish(alice, "lobby", seq + 1, text("x"), kHistory);
    send(alice, "bob", seq + 2, text("x"), 0, kHistory);
    send(alice, "bob", seq + 3, text("x"));
    completeAll();
    run();
    completeAll();
    acknowledge(bob, slow ? 4 : 2);
    run();
    auto results = resultsOf(alice);
    std::sort(results.begin(), results.end());
    EXPECT_EQ((Results{{seq + 1, 1}, {seq + 2, 1}, {seq + 3, 0}}), results);
  }
}

/// What becomes of three messages, of which the second is not flagged, when the server ends.
struct Ending {
  const char* what;
  bool away;  ///< the receiver has no link
  std::uint64_t acknowledged;
  Results results;
  Lines stored;  ///< after the end
};

TEST_P(EngineOffline, AnEndOfTheServerStoresWhatIsNotAcknowledged) {
  constexpr std::uint32_t kUnreachable = 3;
  const Ending rows[] = {
      {"handed: nobody knows of the second", false, 0, {{1, kCached}, {3, kCached}}, {"*one as 1", "*three as 3"}},
      {"the first is acknowledged", false, 1, {{1, 0}, {3, kCached}}, {"*three as 3"}},
      {"all are acknowledged", false, 3, {{1, 0}, {2, 0}, {3, 0}}, {}},
      {"no link", true, 0, {{1, kCached}, {2, kUnreachable}, {3, kCached}}, {"*one", "*three"}},
  };
  for (const Ending& row : rows) {
    SCOPED_TRACE(row.what);
    SetUp();
    const Opened alice = open("alice", 0);
    const Opened bob = open("bob", 1);
    if (row.away) loseLink(bob);
    sendOffline(alice, "bob", 1, "one");
    send(alice, "bob", 2, "two");
    sendOffline(alice, "bob", 3, "three");
    run();
    acknowledge(bob, row.acknowledged);
    run();
    std::size_t done = 0;
    for (auto& each : loops_) engine_->storeRest(each->index, [&done] { ++done; });
    run();
    EXPECT_EQ(done, loops_.size());
    Results results = resultsOf(alice);
    std::sort(results.begin(), results.end());
    EXPECT_EQ(row.results, results);
    acknowledge(bob, 1);  // on its way when the server ended
    run();
    EXPECT_EQ(Results{}, resultsOf(alice)) << "each has one result";
    close(bob);
    EXPECT_EQ(row.stored, textsOf(open("bob", 2)));
  }
}

TEST_P(EngineOffline, AnEndOfTheServerWaitsForItsStore) {
  const Opened alice = open("alice", 0);
  open("bob", 1);
  store_->slow = true;
  sendOffline(alice, "bob", 1, "one");
  sendOffline(alice, "carol", 2, "to the store at once");
  run();
  std::size_t done = 0;
  for (auto& each : loops_) engine_->storeRest(each->index, [&done] { ++done; });
  run();
  EXPECT_LT(done, loops_.size());
  EXPECT_EQ(Results{}, resultsOf(alice));
  sendOffline(alice, "bob", 3, "later");
  run();
  completeAll();
  EXPECT_EQ(done, loops_.size());
  Results results = resultsOf(alice);
  std::sort(results.begin(), results.end());
  EXPECT_EQ((Results{{1, kCached}, {2, kCached}, {3, kCached}}), results);
}

TEST_P(EngineOffline, AnEndOfTheServerStoresWhatWaitsForTheStore) {
  const Opened alice = open("alice", 0);
  store_->slow = true;
  open("bob", 1);  // its stored messages do not come
  sendOffline(alice, "bob", 1, "one");
  send(alice, "bob", 2, "two");
  run();
  std::size_t done = 0;
  for (auto& each : loops_) engine_->storeRest(each->index, [&done] { ++done; });
  run();
  completeAll();
  EXPECT_EQ(done, loops_.size());
  Results results = resultsOf(alice);
  std::sort(results.begin(), results.end());
  EXPECT_EQ((Results{{1, kCached}, {2, 3}}), results);
}

}  // namespace
}  // namespace rtm::server
