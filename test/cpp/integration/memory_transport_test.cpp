// A real client and a real server that meet without sockets: the seam between links and transports carries the whole
// protocol, and the transport can be a third one that the library does not know.

#include <gtest/gtest.h>

#include "integration/bot.hpp"
#include "integration/server_and_bots.hpp"
#include "support/memory_network.hpp"

namespace rtm::test {
namespace {

using namespace agora::rtm;  // NOLINT(google-build-using-namespace)

class ChannelDiary final : public IChannelEventHandler {
 public:
  Diary diary;
  void onJoinSuccess() override { diary.write("joined"); }
  void onMessageReceived(const char* userId, const IMessage* message) override {
    diary.write(std::string(userId) + ": " + message->getText());
  }
  void onSendMessageResult(long long, CHANNEL_MESSAGE_ERR_CODE code) override {
    diary.write("sent " + std::to_string(code));
  }
};

class MemoryTransportTest : public ::testing::TestWithParam<std::size_t> {
 protected:
  void SetUp() override {
    server::ServerOptions options;
    options.schemes = {"memory"};
    options.port = 0;
    options.loops = 2;
    options.apps = {{.appId = kAppId, .certificates = {}}};
    options.limits = server::Limits::off();
    auto started = server::Server::start(std::move(options));
    ASSERT_TRUE(started.ok()) << started.failure().message;
    server = std::move(started.value());
    endpoint = "memory://127.0.0.1:" + std::to_string(server->port());
  }

  net::test::MemoryNetwork network{GetParam()};
  std::unique_ptr<server::Server> server;
  std::string endpoint;
};

TEST_P(MemoryTransportTest, CarriesLoginPeerAndChannelMessages) {
  Bot alice(kAppId, "alice", endpoint);
  Bot bob(kAppId, "bob", endpoint);
  alice.login();
  bob.login();
  EXPECT_EQ(network.opened(), 4U) << "two ends of two connections";

  alice.send("bob", "hello");
  EXPECT_TRUE(bob.diary.has("alice: hello")) << bob.diary.all();
  EXPECT_TRUE(alice.diary.has("sent 0")) << alice.diary.all();

  ChannelDiary alices;
  ChannelDiary bobs;
  IChannel* alicesChannel = alice.service->createChannel("room", &alices);
  IChannel* bobsChannel = bob.service->createChannel("room", &bobs);
  ASSERT_EQ(alicesChannel->join(), 0);
  ASSERT_EQ(bobsChannel->join(), 0);
  ASSERT_TRUE(alices.diary.has("joined")) << alices.diary.all();
  ASSERT_TRUE(bobs.diary.has("joined")) << bobs.diary.all();
  IMessage* message = bob.service->createMessage("to all");
  EXPECT_EQ(bobsChannel->sendMessage(message, SendMessageOptions()), 0);
  message->release();
  EXPECT_TRUE(alices.diary.has("bob: to all")) << alices.diary.all();
  EXPECT_TRUE(bobs.diary.has("sent 0")) << bobs.diary.all();
  alicesChannel->release();
  bobsChannel->release();
}

TEST_P(MemoryTransportTest, AMessageSentIntoABrokenPipeArrivesOnce) {
  Bot alice(kAppId, "alice", endpoint);
  Bot bob(kAppId, "bob", endpoint);
  alice.login();
  bob.login();
  network.cut();
  alice.send("bob", "after the cut");
  EXPECT_TRUE(bob.diary.has("alice: after the cut")) << bob.diary.all();
  EXPECT_TRUE(alice.diary.has("sent 0")) << alice.diary.all();
  alice.send("bob", "the last");
  EXPECT_TRUE(bob.diary.has("alice: the last")) << bob.diary.all();
  EXPECT_EQ(bob.diary.all(), "login\nalice: after the cut\nalice: the last\n");
  EXPECT_GE(network.opened(), 8U) << "both clients connected again";
}

TEST_P(MemoryTransportTest, BackPressureDelaysMessagesAndLosesNone) {
  Bot alice(kAppId, "alice", endpoint);
  Bot bob(kAppId, "bob", endpoint);
  alice.login();
  bob.login();
  alice.sendLongMessages(bob, 100);
  EXPECT_GT(network.stalls(), 0U);
}

TEST_P(MemoryTransportTest, AServerThatClosesEndsTheConnection) {
  Bot alice(kAppId, "alice", endpoint);
  alice.login();
  server->close();
  Bot late(kAppId, "late", endpoint, "{\"login_ms\":300}");
  ASSERT_EQ(late.service->login("", "late"), 0);
  EXPECT_TRUE(late.diary.has("login failed 9")) << late.diary.all();
}

INSTANTIATE_TEST_SUITE_P(Windows, MemoryTransportTest, ::testing::Values(4 * 1024, 64 * 1024),
                         [](const auto& each) { return std::to_string(each.param / 1024) + "KiB"; });

}  // namespace
}  // namespace rtm::test
