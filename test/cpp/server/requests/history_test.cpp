#include <deque>
#include <mutex>

#include "server/server_fixture.hpp"
#include "server/store/memory_store.hpp"

namespace rtm::test {
namespace {

constexpr std::uint32_t kHistory = 2;
using wire::HistoryCode;

/// Answers no query of the history before the test says so. Any thread.
class HoldingStore final : public server::MessageStore {
 public:
  void appendOffline(server::LoopHost& home, const server::ScopedName& receiver, server::OfflineMessage message,
                     MoveFunction<void(bool)> done) override {
    inner_.appendOffline(home, receiver, std::move(message), std::move(done));
  }
  void loadOffline(server::LoopHost& home, const server::ScopedName& receiver, std::uint64_t nowMs,
                   MoveFunction<void(server::OfflinePage)> done) override {
    inner_.loadOffline(home, receiver, nowMs, std::move(done));
  }
  void removeOffline(server::LoopHost& home, const server::ScopedName& receiver, std::uint64_t first,
                     std::uint64_t last, MoveFunction<void(bool)> done) override {
    inner_.removeOffline(home, receiver, first, last, std::move(done));
  }
  void appendHistory(server::LoopHost& home, server::AppNumber app, server::HistoryRecord record,
                     MoveFunction<void(bool)> done) override {
    inner_.appendHistory(home, app, std::move(record), std::move(done));
  }
  void queryHistory(server::LoopHost& home, server::HistoryFilter filter,
                    MoveFunction<void(server::HistoryPage)> done) override {
    const std::lock_guard lock(mutex_);
    inner_.queryHistory(home, std::move(filter), [&](server::HistoryPage page) {
      held_.push_back({&home, [answer = std::move(done), page = std::move(page)]() mutable { answer(page); }});
    });
  }

  std::size_t held() const {
    const std::lock_guard lock(mutex_);
    return held_.size();
  }
  /// Answers the oldest.
  void answer() {
    const std::lock_guard lock(mutex_);
    held_.front().first->post(std::move(held_.front().second));
    held_.pop_front();
  }

 private:
  server::MemoryStore inner_{server::Retention{}};
  mutable std::mutex mutex_;
  std::deque<std::pair<server::LoopHost*, Task>> held_;
};

class History : public LoopsTest {
 protected:
  struct Answer {
    HistoryCode code = HistoryCode::Failure;
    std::uint32_t total = 0;
    std::vector<std::string> lines;  ///< "source>destination:text", channels as "source>#channel:text"
  };
  struct Question {
    std::string source;
    std::string destination;
    std::uint64_t start = 0;
    std::uint64_t end = 1'000'000'000'000'000;
    std::uint32_t offset = 0;
    std::uint32_t limit = 0;
    bool descending = false;
    bool countOnly = false;
  };
  static Answer ask(TestClient& client, const Question& question) {
    const std::uint32_t request = sendQuery(client, question);
    const auto [answered, answer] = hear(client);
    EXPECT_EQ(request, answered);
    return answer;
  }
  static std::uint32_t sendQuery(TestClient& client, const Question& question) {
    const std::uint32_t request = client.nextRequest();
    client.send(wire::HistoryQuery{.requestId = request,
                                   .source = question.source,
                                   .destination = question.destination,
                                   .startMs = question.start,
                                   .endMs = question.end,
                                   .offset = question.offset,
                                   .limit = question.limit,
                                   .descending = question.descending,
                                   .countOnly = question.countOnly});
    return request;
  }
  /// The next answer, with the number of its request.
  static std::pair<std::uint32_t, Answer> hear(TestClient& client) {
    const RawFrame frame = client.expect<wire::HistoryResult>();
    const auto result = frame.decode<wire::HistoryResult>();
    Answer answer{static_cast<HistoryCode>(result.code), result.total, {}};
    for (const wire::HistoryMessage& message : result.messages) {
      answer.lines.push_back(std::string(message.source) + (message.channel ? ">#" : ">") +
                             std::string(message.destination) + ":" + std::string(message.text));
    }
    return {result.requestId, answer};
  }
  /// alice and bob in "lobby", carol elsewhere; everything flagged but one.
  void talk() {
    alice = login("alice");
    bob = login("bob");
    carol = login("carol");
    alice->join("lobby");
    bob->join("lobby");
    const auto toBob = [&](const std::string& text, std::uint32_t flags) {
      const std::uint64_t seq = alice->sendTo("bob", text, flags);
      bob->receive();
      EXPECT_EQ(0U, alice->resultOf(seq));
    };
    toBob("one", kHistory);
    toBob("not flagged", 0);
    toBob("two", kHistory);
    EXPECT_EQ(0U, alice->resultOf(alice->sendToChannel("lobby", "to all", kHistory)));
    const std::uint64_t seq = bob->sendTo("alice", "answer", kHistory);
    alice->receive();
    EXPECT_EQ(0U, bob->resultOf(seq));
  }
  using Lines = std::vector<std::string>;
  std::unique_ptr<TestClient> alice;
  std::unique_ptr<TestClient> bob;
  std::unique_ptr<TestClient> carol;
};
INSTANTIATE_TEST_SUITE_P(Loops, History, ::testing::Values(1U, 2U));

TEST_P(History, IsFoundBySourceAndDestination) {
  start(options());
  talk();
  EXPECT_EQ((Lines{"alice>bob:one", "alice>bob:two", "alice>#lobby:to all"}), ask(*alice, {.source = "alice"}).lines);
  EXPECT_EQ((Lines{"alice>bob:one", "alice>bob:two"}), ask(*bob, {.destination = "bob"}).lines);
  EXPECT_EQ((Lines{"alice>#lobby:to all"}), ask(*bob, {.destination = "lobby"}).lines);
  EXPECT_EQ((Lines{"bob>alice:answer"}), ask(*alice, {.source = "bob", .destination = "alice"}).lines);
  EXPECT_EQ((Lines{"alice>#lobby:to all"}), ask(*alice, {.source = "alice", .destination = "lobby"}).lines);
  EXPECT_EQ(Lines{}, ask(*alice, {.source = "lobby", .destination = "alice"}).lines) << "a channel sends nothing";
}

TEST_P(History, IsForTheUsersWhoTookPart) {
  start(options());
  talk();
  EXPECT_EQ(HistoryCode::NotAllowed, ask(*carol, {.source = "alice"}).code);
  EXPECT_EQ(HistoryCode::NotAllowed, ask(*carol, {.source = "alice", .destination = "bob"}).code);
  EXPECT_EQ(HistoryCode::NotAllowed, ask(*carol, {.destination = "lobby"}).code);
  EXPECT_EQ(HistoryCode::NotAllowed, ask(*bob, {.source = "alice"}).code) << "to others too";
  carol->join("lobby");
  EXPECT_EQ(1U, ask(*carol, {.destination = "lobby"}).total);
  carol->join("bob");
  EXPECT_EQ(0U, ask(*carol, {.destination = "bob"}).total) << "a channel of that name opens nobody's letters";
  const auto elsewhere = login("alice", kOtherStaticApp);
  EXPECT_EQ(0U, ask(*elsewhere, {.source = "alice"}).total);
}

TEST_P(History, IsForAllUsersIfTheServerAllowsIt) {
  auto open = options();
  open.historyOpen = true;
  start(open);
  talk();
  EXPECT_EQ(3U, ask(*carol, {.source = "alice"}).total);
  EXPECT_EQ(1U, ask(*carol, {.destination = "lobby"}).total);
  const auto elsewhere = login("dave", kOtherStaticApp);
  EXPECT_EQ(0U, ask(*elsewhere, {.source = "alice"}).total);
}

TEST_P(History, ComesInPagesAndBothOrders) {
  start(options());
  const auto bot = login("bot");
  bot->join("feed");
  Lines all;
  for (int i = 1; i <= 101; ++i) {
    EXPECT_EQ(0U, bot->resultOf(bot->sendToChannel("feed", std::to_string(i), kHistory)));
    all.push_back("bot>#feed:" + std::to_string(i));
  }
  const Answer byDefault = ask(*bot, {.destination = "feed"});
  EXPECT_EQ(101U, byDefault.total);
  EXPECT_EQ(Lines(all.begin(), all.begin() + 20), byDefault.lines);
  EXPECT_EQ(Lines(all.begin(), all.begin() + 99), ask(*bot, {.destination = "feed", .limit = 99}).lines);
  EXPECT_EQ(Lines(all.begin(), all.begin() + 100), ask(*bot, {.destination = "feed", .limit = 100}).lines);
  EXPECT_EQ(HistoryCode::InvalidArgument, ask(*bot, {.destination = "feed", .limit = 101}).code);
  EXPECT_EQ((Lines{all[100]}), ask(*bot, {.destination = "feed", .offset = 100, .limit = 100}).lines);
  EXPECT_EQ(Lines{}, ask(*bot, {.destination = "feed", .offset = 101, .limit = 100}).lines);
  EXPECT_EQ((Lines{all[100], all[99]}), ask(*bot, {.destination = "feed", .limit = 2, .descending = true}).lines);
  const Answer count = ask(*bot, {.destination = "feed", .countOnly = true});
  EXPECT_EQ(101U, count.total);
  EXPECT_EQ(Lines{}, count.lines);
}

TEST_P(History, AnswersWithAtMostOneFrame) {
  start(options());
  const auto bot = login("bot");
  bot->join("feed");
  const std::string big(32 * 1024, 'x');
  for (int i = 0; i < 3; ++i) EXPECT_EQ(0U, bot->resultOf(bot->sendToChannel("feed", big, kHistory)));
  for (std::uint32_t offset = 0; offset < 3; ++offset) {
    const Answer answer = ask(*bot, {.destination = "feed", .offset = offset});
    EXPECT_EQ(3U, answer.total);
    EXPECT_EQ(1U, answer.lines.size());
  }
}

TEST_P(History, KeepsTheTimeOfEachMessage) {
  start(options());
  alice = login("alice");
  const std::uint64_t seq = alice->sendTo("alice", "to myself", kHistory);
  const std::uint64_t time = alice->receive().serverTimeMs;
  EXPECT_EQ(0U, alice->resultOf(seq));
  const auto total = [&](std::uint64_t start, std::uint64_t end) {
    return ask(*alice, {.source = "alice", .start = start, .end = end}).total;
  };
  EXPECT_EQ(1U, total(time, time)) << "both ends belong to it";
  EXPECT_EQ(0U, total(time - 10, time - 1));
  EXPECT_EQ(0U, total(time + 1, time + 10));
  EXPECT_EQ(HistoryCode::InvalidArgument, ask(*alice, {.source = "alice", .start = 2, .end = 1}).code);
}

TEST_P(History, RefusesQueriesWithoutAValidName) {
  start(options());
  alice = login("alice");
  EXPECT_EQ(HistoryCode::InvalidArgument, ask(*alice, {}).code);
  EXPECT_EQ(HistoryCode::InvalidArgument, ask(*alice, {.source = std::string(65, 'x')}).code);
  EXPECT_EQ(HistoryCode::InvalidArgument, ask(*alice, {.destination = std::string(65, 'x')}).code);
}

TEST_P(History, AnswersTheQueriesOfAClientOneAfterTheOther) {
  const auto store = std::make_shared<HoldingStore>();
  auto holding = options();
  holding.store = store;
  start(holding);
  alice = login("alice");
  std::vector<std::uint32_t> asked;
  for (int i = 0; i < 17; ++i) asked.push_back(sendQuery(*alice, {.source = "alice"}));
  const auto [refused, why] = hear(*alice);
  EXPECT_EQ(asked.back(), refused) << "16 may be unanswered";
  EXPECT_EQ(HistoryCode::TooOften, why.code);
  asked.pop_back();
  for (const std::uint32_t request : asked) {
    ASSERT_TRUE(eventually([&] { return store->held() == 1; }));
    store->answer();
    const auto [answered, answer] = hear(*alice);
    EXPECT_EQ(request, answered);
    EXPECT_EQ(HistoryCode::Ok, answer.code);
  }
  EXPECT_EQ(0U, store->held());
}

TEST_P(History, IsAskedAgainOnTheLinkThatTookOver) {
  const auto store = std::make_shared<HoldingStore>();
  auto holding = options();
  holding.store = store;
  start(holding);
  alice = login("alice");
  const Login session = alice->session();
  sendQuery(*alice, {.source = "alice"});
  sendQuery(*alice, {.source = "alice"});
  ASSERT_TRUE(eventually([&] { return store->held() == 1; }));
  const auto resumed = connect();
  resumed->send(wire::Resume{.appId = kStaticApp,
                             .userId = "alice",
                             .token = {},
                             .sessionId = session.sessionId,
                             .resumeToken = session.resumeToken,
                             .inboxEpoch = session.inboxEpoch,
                             .inboxOffset = 0,
                             .channels = {},
                             .firstUnansweredSeq = 1});
  EXPECT_TRUE(resumed->expect<wire::ResumeResult>().decode<wire::ResumeResult>().resumed);
  const std::uint32_t again = sendQuery(*resumed, {.source = "alice"});
  ASSERT_TRUE(eventually([&] { return store->held() == 2; })) << "the old link has no place in the way of the new one";
  store->answer();
  store->answer();
  const auto [answered, answer] = hear(*resumed);
  EXPECT_EQ(again, answered);
  EXPECT_EQ(HistoryCode::Ok, answer.code);
  EXPECT_EQ(0U, store->held()) << "what waited for the old link does not run";
}

TEST_P(History, IsAskedAHundredTimesASecondByAllUsersOfAnAppTogether) {
  auto limited = options();
  limited.limits.historyQueries = {100, 600'000};  // the count of sdk(), in a window that outlasts the test
  start(limited);
  EXPECT_EQ(100U, server::Limits::sdk().historyQueries.count);
  EXPECT_EQ(1000U, server::Limits::sdk().historyQueries.windowMs);
  alice = login("alice");
  bob = login("bob");
  for (int i = 0; i < 50; ++i) {
    EXPECT_EQ(HistoryCode::Ok, ask(*alice, {.source = "alice"}).code);
    EXPECT_EQ(HistoryCode::Ok, ask(*bob, {.source = "bob"}).code);
  }
  EXPECT_EQ(HistoryCode::TooOften, ask(*alice, {.source = "alice"}).code);
  EXPECT_EQ(HistoryCode::TooOften, ask(*bob, {.source = "bob"}).code);
  const auto elsewhere = login("alice", kOtherStaticApp);
  EXPECT_EQ(HistoryCode::Ok, ask(*elsewhere, {.source = "alice"}).code);
}

}  // namespace
}  // namespace rtm::test
