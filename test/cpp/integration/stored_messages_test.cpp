// Offline messages and history between users of the C++ library over a real server (docs/spec/semantics.md §2).

#include <gtest/gtest.h>

#include <chrono>
#include <limits>
#include <thread>

#include "integration/server_and_bots.hpp"
#include "sdk/extensions.hpp"

namespace rtm::test {
namespace {

using namespace agora::rtm;  // NOLINT(google-build-using-namespace)

/// Records what Bot does not: whether a message was stored, and the history.
class Reader final : public IRtmServiceEventHandler, public sdk::IHistoryEventHandler {
 public:
  explicit Reader(Bot& of) : bot(of) {
    bot.service->addEventHandler(this);
    sdk::historyOf(*bot.service).setHistoryHandler(this);
  }
  ~Reader() override {
    bot.service->removeEventHandler(this);
    sdk::historyOf(*bot.service).setHistoryHandler(nullptr);
  }
  void onLoginSuccess() override { diary.write("login"); }
  void onMessageReceivedFromPeer(const char* peerId, const IMessage* message) override {
    times.push_back(message->getServerReceivedTs());
    diary.write(std::string(peerId) + (message->isOfflineMessage() ? " before: " : " now: ") + message->getText());
  }
  void onHistoryQueryResult(long long requestId, const sdk::HistoryMessage* messages, int messageCount, unsigned total,
                            sdk::HISTORY_ERR_CODE code) override {
    std::string line =
        "history " + std::to_string(requestId) + " code " + std::to_string(code) + " of " + std::to_string(total) + ":";
    for (int i = 0; i < messageCount; ++i) {
      EXPECT_GT(messages[i].serverReceivedTs, 0);
      line += std::string(" ") + messages[i].source + (messages[i].channel ? ">#" : ">") + messages[i].destination +
              "=" + std::string(messages[i].text);
    }
    diary.write(line);
  }
  /// The request id; the code is expected.
  long long ask(sdk::HistoryQuery query, int expected = 0) {
    if (query.endMs == 0) query.endMs = 10'000'000'000'000;
    long long id = 0;
    EXPECT_EQ(expected, sdk::historyOf(*bot.service).queryHistory(query, id));
    return id;
  }
  bool hears(long long id, const std::string& rest) { return diary.has("history " + std::to_string(id) + " " + rest); }

  Bot& bot;
  Diary diary;
  std::vector<long long> times;
};

class StoredMessages : public ServerAndBots {
 protected:
  static void send(Bot& from, const char* to, const char* text, bool offline, bool history) {
    SendMessageOptions options;
    options.enableOfflineMessaging = offline;
    options.enableHistoricalMessaging = history;
    IMessage* message = from.service->createMessage(text);
    EXPECT_EQ(0, from.service->sendMessageToPeer(to, message, options));
    message->release();
  }
};

TEST_F(StoredMessages, AreCachedAndComeAfterTheLoginMarkedAndInOrder) {
  Bot alice(kAppId, "alice", endpoint);
  alice.login();
  send(alice, "bob", "one", true, false);
  send(alice, "bob", "two", true, false);
  send(alice, "bob", "not stored", false, false);
  ASSERT_TRUE(alice.diary.has("sent 4")) << alice.diary.all();
  ASSERT_TRUE(alice.diary.has("sent 3")) << alice.diary.all();
  Bot bob(kAppId, "bob", endpoint);
  Reader reader(bob);
  bob.login();
  send(alice, "bob", "three", true, false);
  ASSERT_TRUE(reader.diary.has("alice now: three")) << reader.diary.all();
  EXPECT_EQ("login\nalice before: one\nalice before: two\nalice now: three\n", reader.diary.all());
  EXPECT_LE(reader.times[0], reader.times[1]);
  EXPECT_LE(reader.times[1], reader.times[2]);
  EXPECT_TRUE(alice.diary.has("sent 0"));
}

TEST_F(StoredMessages, CanBeQueried) {
  Bot alice(kAppId, "alice", endpoint);
  Bot bob(kAppId, "bob", endpoint);
  Reader reader(alice);
  Reader other(bob);
  reader.ask({.source = "alice"}, sdk::HISTORY_ERR_USER_NOT_LOGGED_IN);
  alice.login();
  bob.login();
  send(alice, "bob", "kept", false, true);
  send(alice, "bob", "not kept", false, false);
  send(alice, "nobody", "kept too", true, true);
  ASSERT_TRUE(alice.diary.has("sent 4"));
  ASSERT_TRUE(other.diary.has("alice now: not kept"));
  ASSERT_TRUE(alice.diary.has("sent 0"));
  EXPECT_TRUE(reader.hears(reader.ask({.source = "alice"}), "code 0 of 2: alice>bob=kept alice>nobody=kept too"))
      << reader.diary.all();
  EXPECT_TRUE(reader.hears(reader.ask({.source = "alice", .limit = 1, .descending = true}),
                           "code 0 of 2: alice>nobody=kept too"))
      << reader.diary.all();
  EXPECT_TRUE(reader.hears(reader.ask({.source = "alice", .countOnly = true}), "code 0 of 2:")) << reader.diary.all();
  EXPECT_TRUE(other.hears(other.ask({.destination = "bob"}), "code 0 of 1: alice>bob=kept")) << other.diary.all();
  EXPECT_TRUE(other.hears(other.ask({.source = "alice"}), "code 4 of 0:")) << other.diary.all();
  reader.ask({}, sdk::HISTORY_ERR_INVALID_ARGUMENT);
  reader.ask({.source = "alice", .limit = 0}, sdk::HISTORY_ERR_INVALID_ARGUMENT);
  reader.ask({.source = "alice", .limit = 101}, sdk::HISTORY_ERR_INVALID_ARGUMENT);
  reader.ask({.source = "alice", .startMs = 2, .endMs = 1}, sdk::HISTORY_ERR_INVALID_ARGUMENT);
}

TEST_F(StoredMessages, OfAServerThatIsGoneTimeOut) {
  Bot alice(kAppId, "alice", endpoint, R"({"presence_ms":300})");
  Reader reader(alice);
  alice.login();
  server->close();
  EXPECT_TRUE(reader.hears(reader.ask({.source = "alice"}), "code 5 of 0:")) << reader.diary.all();
}

TEST_F(StoredMessages, ThatHaveExpiredDoNotCome) {
  Bot alice(kAppId, "alice", endpoint);
  alice.login();
  SendMessageOptions options;
  options.enableOfflineMessaging = true;
  const auto sendFor = [&](const char* text, long long expiresInMs) {
    IMessage* message = alice.service->createMessage(text);
    EXPECT_EQ(0, sdk::expiryOf(*alice.service).sendToPeer("bob", message, options, expiresInMs));
    message->release();
  };
  constexpr long long kLongest = 604'800'000;
  sendFor("old", 1);
  sendFor("kept", kLongest);
  ASSERT_TRUE(alice.diary.has("sent 4")) << alice.diary.all();
  std::this_thread::sleep_for(std::chrono::milliseconds(2));  // nobody tells when it expires
  Bot bob(kAppId, "bob", endpoint);
  Reader reader(bob);
  bob.login();
  send(alice, "bob", "now", false, false);
  ASSERT_TRUE(reader.diary.has("alice now: now")) << reader.diary.all();
  EXPECT_EQ("login\nalice before: kept\nalice now: now\n", reader.diary.all());
}

TEST_F(StoredMessages, HaveNoExpiryOutsideOfItsBounds) {
  Bot alice(kAppId, "alice", endpoint);
  alice.login();
  IChannel* channel = alice.service->createChannel("room", nullptr);
  ASSERT_NE(nullptr, channel);
  IMessage* message = alice.service->createMessage("x");
  sdk::IExpiry& expiry = sdk::expiryOf(*alice.service);
  constexpr long long kYear = 365LL * 24 * 3600 * 1000;
  for (const long long bad : {0LL, -1LL, 604'800'001LL, kYear, std::numeric_limits<long long>::min()}) {
    EXPECT_EQ(PEER_MESSAGE_ERR_INVALID_MESSAGE, expiry.sendToPeer("bob", message, {}, bad)) << bad;
    EXPECT_EQ(CHANNEL_MESSAGE_ERR_INVALID_MESSAGE, expiry.sendToChannel(*channel, message, {}, bad)) << bad;
  }
  EXPECT_EQ(0, expiry.sendToPeer("alice", message, {}, 1000));
  message->release();
  channel->release();
}

}  // namespace
}  // namespace rtm::test
