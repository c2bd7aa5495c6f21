// How calls end at the edges of a session, for users of the C++ library (docs/decisions/021-ends-of-calls.md).

#include <gtest/gtest.h>

#include "integration/server_and_bots.hpp"
#include "sdk/extensions.hpp"

namespace rtm::test {
namespace {

using namespace agora::rtm;  // NOLINT(google-build-using-namespace)

class EndsOfCalls : public ServerAndBots {
 protected:
  void adjust(server::ServerOptions& options) override {
    options.limits = server::Limits::off();
    options.tls = false;  // a server that comes back has another certificate
    options.port = port;
  }
  /// Also starts the server again, where it was.
  void SetUp() override {
    ServerAndBots::SetUp();
    port = server->port();
    endpoint = "rtm://127.0.0.1:" + std::to_string(port);
  }

  std::uint16_t port = 0;
};

int linesOf(const std::string& diary, const std::string& line) {
  int count = 0;
  for (std::size_t at = 0; (at = diary.find(line + "\n", at)) != std::string::npos; ++at) ++count;
  return count;
}

TEST_F(EndsOfCalls, AreTheTrueResultsBeforeOnLogout) {
  Bot alice(kAppId, "alice", endpoint);
  Bot bob(kAppId, "bob", endpoint);
  alice.login();
  bob.login();
  for (int i = 0; i < 10; ++i) alice.send("bob", std::to_string(i));
  EXPECT_EQ(0, alice.service->logout());
  IMessage* late = alice.service->createMessage("late");
  EXPECT_EQ(PEER_MESSAGE_ERR_USER_NOT_LOGGED_IN, alice.service->sendMessageToPeer("bob", late));
  late->release();
  ASSERT_TRUE(alice.diary.has("logout"));
  const std::string all = alice.diary.all();
  EXPECT_EQ(10, linesOf(all.substr(0, all.find("logout")), "sent 0")) << all;
  EXPECT_TRUE(bob.diary.has("alice: 9"));
}

TEST_F(EndsOfCalls, AreFailureForWhatNeverLeft) {
  Bot alice(kAppId, "alice", endpoint, R"({"outage_ms":100})");
  alice.login();
  class States final : public IRtmServiceEventHandler {
   public:
    void onConnectionStateChanged(CONNECTION_STATE state, CONNECTION_CHANGE_REASON) override {
      diary.write("state " + std::to_string(state));
    }
    Diary diary;
  } states;
  alice.service->addEventHandler(&states);
  server.reset();
  ASSERT_TRUE(states.diary.has("state " + std::to_string(CONNECTION_STATE_RECONNECTING)));
  alice.send("bob", "x");
  EXPECT_EQ(0, alice.service->logout());
  ASSERT_TRUE(alice.diary.has("logout"));
  EXPECT_NE(std::string::npos,
            alice.diary.all().find("sent " + std::to_string(PEER_MESSAGE_ERR_FAILURE) + "\nlogout\n"))
      << alice.diary.all();
  alice.service->removeEventHandler(&states);
}

/// Records what became of lost links.
class Watcher final : public sdk::IConnectionEventHandler, public IChannelEventHandler {
 public:
  void onReconnected(const sdk::Reconnection& link) override {
    EXPECT_GE(link.lostForMs, 0);
    std::string line = link.resumed ? "resumed" : "new session";
    if (link.peerMissed) line += ", peers";
    for (int i = 0; i < link.channelCount; ++i) line += std::string(", #") + link.channelIds[i];
    diary.write(line);
  }
  void onJoinSuccess() override { diary.write("joined"); }
  Diary diary;
};

TEST_F(EndsOfCalls, ALostSessionIsToldApartFromAResumedOne) {
  Bot alice(kAppId, "alice", endpoint);
  Watcher watcher;
  alice.login();
  sdk::connectionOf(*alice.service).setConnectionHandler(&watcher);
  IChannel* room = alice.service->createChannel("room", &watcher);
  room->join();
  ASSERT_TRUE(watcher.diary.has("joined"));
  server.reset();
  SetUp();
  EXPECT_TRUE(watcher.diary.has("new session, peers, #room")) << watcher.diary.all();
  sdk::connectionOf(*alice.service).setConnectionHandler(nullptr);
  room->release();
}

}  // namespace
}  // namespace rtm::test
