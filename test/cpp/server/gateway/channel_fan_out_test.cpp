// What a member gets that does not read: its messages, and of everything else the newest once it reads again.

#include "server/gateway/held_reads.hpp"
#include "server/server_fixture.hpp"

namespace rtm::test {
namespace {

constexpr std::uint64_t kMiB = 1024 * 1024;

class SlowMember : public LoopsTest {
 protected:
  std::uint64_t waiting() { return server_->stats().queueBytes; }
  /// Publishes until more than 1 MiB, and much less than 4 MiB, wait in the server for members that do not read. First
  /// the buffers of the system fill up.
  void fill(TestClient& sender, const std::string& channel) {
    const std::string text(30 * 1024, 'x');
    for (int step = 0; step < 200; ++step) {
      const bool begins = waiting() == 0;
      std::uint64_t last = 0;
      for (int i = 0; i < (begins ? 24 : 8); ++i) last = sender.sendToChannel(channel, text);
      ASSERT_EQ(0U, sender.resultOf(last));
      // The number is up to 100 ms old, and nothing tells of a new one that is the same.
      const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(250);
      while (std::chrono::steady_clock::now() < until) {
        if (waiting() > kMiB * 5 / 4) return;
        std::this_thread::sleep_for(std::chrono::milliseconds(5));
      }
    }
    FAIL() << "no queue of more than 1 MiB: " << waiting();
  }
  static std::uint32_t write(TestClient& client, const std::string& value) {
    client.send(wire::ChannelAttributesWrite{.requestId = client.nextRequest(),
                                             .channelId = "room",
                                             .action = wire::AttributeAction::Set,
                                             .entries = {{"topic", value, {}, {}}},
                                             .notify = true});
    return client.expectResult();
  }
  static std::string topic(TestClient& client) {
    const RawFrame frame = client.expect<wire::ChannelAttributesEvent>();
    const auto event = frame.decode<wire::ChannelAttributesEvent>();
    return event.entries.empty() ? std::string() : std::string(event.entries[0].value);
  }
  /// The client has everything up to `place`. The resume token is replaced.
  std::unique_ptr<TestClient> resume(Login& session, const wire::ChannelPosition& place) {
    auto client = connect();
    client->send(wire::Resume{.appId = kStaticApp,
                              .userId = "slow",
                              .token = {},
                              .sessionId = session.sessionId,
                              .resumeToken = session.resumeToken,
                              .inboxEpoch = session.inboxEpoch,
                              .inboxOffset = 0,
                              .channels = {place},
                              .firstUnansweredSeq = 1});
    const RawFrame frame = client->expect<wire::ResumeResult>();
    const auto result = frame.decode<wire::ResumeResult>();
    EXPECT_TRUE(result.resumed);
    session.resumeToken = Bytes(result.resumeToken.begin(), result.resumeToken.end());
    return client;
  }
};
INSTANTIATE_TEST_SUITE_P(Loops, SlowMember, ::testing::Values(1U, 2U));

TEST_P(SlowMember, GetsTheNewestAttributesAndCountOnceItReads) {
  start(options());
  const auto alice = login("alice");
  const auto slow = login("slow");
  alice->join("room");
  slow->join("room");
  EXPECT_EQ(0U, write(*alice, "before"));
  EXPECT_EQ("before", topic(*slow));
  EXPECT_EQ("before", topic(*alice));
  slow->pauseReading();
  fill(*alice, "room");
  const auto carol = login("carol");
  carol->join("room");
  for (const char* value : {"1", "2", "3", "last"}) EXPECT_EQ(0U, write(*alice, value));
  while (topic(*alice) != "last") {
  }
  EXPECT_EQ(0U, server_->stats().slowConsumers);
  slow->resumeReading();
  EXPECT_EQ("last", topic(*slow));
  std::uint32_t count = 0;
  while (count != 3) {
    const auto frame = slow->await(wire::FrameKind::MemberCount);
    ASSERT_TRUE(frame.has_value()) << "the last count was " << count;
    count = frame->decode<wire::MemberCount>().count;
  }
  EXPECT_EQ(0U, write(*alice, "after"));
  EXPECT_EQ("after", topic(*slow)) << "told as always, and nothing was told twice";
}

TEST_P(SlowMember, IsNotToldOlderAttributesBehindNewerOnes) {
  if (GetParam() != 1) GTEST_SKIP() << "HeldReads has one loop";
  server::ServerOptions given = options();
  const auto reads = std::make_shared<HeldReads>(given.engineParameters);
  given.engine = reads;
  start(given);
  const auto alice = login("alice");
  const auto slow = login("slow");
  alice->join("room");
  slow->join("room");
  slow->pauseReading();
  fill(*alice, "room");
  EXPECT_EQ(0U, write(*alice, "left out"));
  EXPECT_EQ("left out", topic(*alice));
  slow->resumeReading();
  ASSERT_TRUE(reads->awaitRead());
  EXPECT_EQ(0U, write(*alice, "newer"));
  EXPECT_EQ("newer", topic(*slow));
  reads->answer();
  EXPECT_EQ(0U, write(*alice, "newest"));
  EXPECT_EQ("newest", topic(*slow)) << "the answer of the read was not told";
}

TEST_P(SlowMember, ThatResumesGetsTheAttributesThatWereLeftOut) {
  start(options());
  const auto alice = login("alice");
  auto slow = login("slow");
  alice->join("room");
  const auto joined = slow->join("room");
  Login session = slow->session();
  slow->pauseReading();
  fill(*alice, "room");
  EXPECT_EQ(0U, write(*alice, "left out"));
  EXPECT_EQ("left out", topic(*alice));
  // The client has a message from after the notice, so the engine takes the notice for heard.
  const auto seq = alice->sendToChannel("room", "later");
  EXPECT_EQ(0U, alice->resultOf(seq));
  std::uint64_t newest = 0;
  {
    const auto reader = login("reader");
    newest = reader->join("room").offset;
  }
  slow->cut();
  slow = resume(session, {"room", joined.epoch, newest});
  EXPECT_EQ("left out", topic(*slow));
}

TEST_P(SlowMember, ThatResumesGetsTheAttributesThatCameLateAndMayBeLost) {
  start(options());
  const auto alice = login("alice");
  auto slow = login("slow");
  alice->join("room");
  const auto joined = slow->join("room");
  Login session = slow->session();
  slow->pauseReading();
  fill(*alice, "room");
  EXPECT_EQ(0U, write(*alice, "late"));
  EXPECT_EQ("late", topic(*alice));
  EXPECT_EQ(0U, alice->resultOf(alice->sendToChannel("room", "later")));
  std::uint64_t newest = 0;
  {
    const auto reader = login("reader");
    newest = reader->join("room").offset;
  }
  slow->resumeReading();
  EXPECT_EQ("late", topic(*slow));
  // The server cannot know that it was heard: the messages that the client has came before it.
  for (int i = 0; i < 2; ++i) {
    slow->cut();
    slow = resume(session, {"room", joined.epoch, newest});
    EXPECT_EQ("late", topic(*slow));
  }
}

}  // namespace
}  // namespace rtm::test
