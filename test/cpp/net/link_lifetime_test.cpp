// A link may be destroyed, or closed, in each of its own callbacks and in callbacks of other links. The tests show that
// no callback follows, that the memory is freed once (the sanitizers check this), and that the socket is closed.
#include <array>
#include <string>

#include "net/link_pair.hpp"

namespace rtm::net::test {
namespace {

enum class How { LetGo, CloseAndLetGo, CloseAndKeep };

void finish(Peer& peer, How how) {
  if (how != How::LetGo) peer.link->closeAfterFlush();
  if (how != How::CloseAndKeep) peer.link.reset();
}

constexpr std::array kHows = {How::LetGo, How::CloseAndLetGo, How::CloseAndKeep};

class LinkLifetimeTest : public LinkPairTest {
 protected:
  void sendPings(Peer& peer, std::uint64_t count) {
    run([&] {
      for (std::uint64_t i = 1; i <= count; ++i) EXPECT_TRUE(peer.link->send(wire::Ping{i}));
    });
  }
  void reconnect() {
    TearDown();
    SetUp();
  }
  void expectGone() {
    letGo(loop(), *client);
    letGo(loop(), *accepted);
    EXPECT_TRUE(awaitSockets(0));
  }
};

TEST_P(LinkLifetimeTest, InOnFrameInTheMiddleOfARead) {
  for (const How how : kHows) {
    for (const bool answer : {false, true}) {
      accepted->whenFrame = [how, answer](Peer& self, wire::FrameKind, ByteView) {
        finish(self, how);
        return answer;  // after that, what it returns must not matter
      };
      sendPings(*client, 3);
      ASSERT_TRUE(client->awaitEnd());
      settle();
      EXPECT_EQ(accepted->frameCount(), 1u);
      EXPECT_EQ(accepted->batchCount(), 0);
      EXPECT_EQ(accepted->endCount(), 0u);
      EXPECT_EQ(client->endCount(), 1u);
      expectGone();
      reconnect();
    }
  }
}

TEST_P(LinkLifetimeTest, InOnBatchEnd) {
  for (const How how : kHows) {
    accepted->whenBatchEnd = [how](Peer& self) { finish(self, how); };
    sendPings(*client, 3);
    ASSERT_TRUE(client->awaitEnd());
    settle();
    EXPECT_EQ(accepted->frameCount(), 3u);
    EXPECT_EQ(accepted->batchCount(), 1);
    EXPECT_EQ(accepted->endCount(), 0u);
    expectGone();
    reconnect();
  }
}

TEST_P(LinkLifetimeTest, InOnDrained) {
  for (const How how : kHows) {
    client->whenDrained = [how](Peer& self) { finish(self, how); };
    run([&] {
      client->link->setQueueBound(0);
      EXPECT_TRUE(client->link->send(wire::Ping{1}));
      EXPECT_FALSE(client->link->send(wire::Ping{2}));
    });
    ASSERT_TRUE(accepted->awaitEnd());
    settle();
    EXPECT_EQ(client->drainedCount(), 1);
    EXPECT_EQ(client->endCount(), 0u);
    EXPECT_EQ(accepted->frameCount(), 1u);
    expectGone();
    reconnect();
  }
}

TEST_P(LinkLifetimeTest, InOnLinkEnd) {
  for (const How how : kHows) {
    client->whenEnd = [how](Peer& self) { finish(self, how); };
    letGo(loop(), *accepted);
    ASSERT_TRUE(client->awaitEnd());
    settle();
    EXPECT_EQ(client->endCount(), 1u);
    expectGone();
    reconnect();
  }
}

TEST_P(LinkLifetimeTest, InOnLinkEndOfAMalformedFrameAndOfItsBatch) {
  for (const bool inBatch : {true, false}) {
    (inBatch ? accepted->whenBatchEnd : accepted->whenEnd) = [](Peer& self) { self.link.reset(); };
    run([&] {
      EXPECT_TRUE(client->link->send(wire::Ping{1}));
      EXPECT_TRUE(client->link->sendEncoded(Bytes{0xff, 0xff, 0xff, 9}));
    });
    ASSERT_TRUE(client->awaitEnd());
    settle();
    EXPECT_EQ(accepted->endCount(), inBatch ? 0u : 1u);
    expectGone();
    reconnect();
  }
}

TEST_P(LinkLifetimeTest, OfAnotherLinkOfTheLoop) {
  accepted->whenFrame = [this](Peer&, wire::FrameKind, ByteView) {
    client->link.reset();
    return true;
  };
  sendPings(*client, 3);
  ASSERT_TRUE(accepted->awaitEnd());
  EXPECT_EQ(accepted->frameCount(), 3u);
  EXPECT_EQ(client->endCount(), 0u);
  expectGone();
}

TEST_P(LinkLifetimeTest, OfAnotherLinkInAHookOfTheSameTurn) {
  // Both links have queued bytes; draining the one destroys the other, whose flush is still to come.
  client->whenDrained = [this](Peer&) { accepted->link.reset(); };
  run([&] {
    client->link->setQueueBound(0);
    EXPECT_TRUE(client->link->send(wire::Ping{1}));
    EXPECT_FALSE(client->link->send(wire::Ping{1}));
    EXPECT_TRUE(accepted->link->send(wire::Ping{2}));
  });
  ASSERT_TRUE(client->awaitEnd());
  EXPECT_EQ(client->frameCount(), 0u);
  expectGone();
}

TEST_P(LinkLifetimeTest, BeforeTheFirstTurnEndsNothingIsSent) {
  run([&] {
    EXPECT_TRUE(client->link->send(wire::Ping{1}));
    client->link.reset();
  });
  ASSERT_TRUE(accepted->awaitEnd());
  EXPECT_EQ(accepted->frameCount(), 0u);
  expectGone();
}

TEST_P(LinkLifetimeTest, WhileAWriteIsUnderWay) {
  for (const How how : kHows) {
    run([&] {
      accepted->link->pauseReading();
      client->link->setQueueBound(16 * 1024 * 1024);
      const Bytes content(60'000);
      wire::PeerSend message;
      message.content = content;
      while (client->link->send(message)) {
      }
    });
    run([&] {
      EXPECT_GT(client->link->queuedBytes(), 1024u * 1024u);
      finish(*client, how);
    });
    letGo(loop(), *accepted);
    settle();
    EXPECT_EQ(client->endCount(), 0u);
    expectGone();
    reconnect();
  }
}

TEST_P(LinkLifetimeTest, ClosingTwiceOrAfterTheEndDoesNothing) {
  letGo(loop(), *accepted);
  ASSERT_TRUE(client->awaitEnd());
  run([&] {
    client->link->closeAfterFlush();
    client->link->closeAfterFlush();
    client->link->pauseReading();
    client->link->resumeReading();
    EXPECT_FALSE(client->link->send(wire::Ping{1}));
    EXPECT_FALSE(client->link->remoteAddress().empty());
    client->link->info();
  });
  expectGone();
}

TEST_P(LinkLifetimeTest, StoppingTheLoopSendsWhatAClosingLinkHasQueued) {
  auto second = std::move(IoLoop::start("second").value());
  auto fromSecond =
      std::make_unique<TestConnect>(*second, clientTls(testCertificate().certificatePem), connectTo(endpoint()));
  const auto sender = fromSecond->peer();
  ASSERT_TRUE(sender);
  const auto receiver = server->awaitPeer(1);
  ASSERT_TRUE(receiver);
  second->post([&] {
    sender->link->send(wire::Logout{7});
    sender->link->closeAfterFlush();
    sender->link.reset();
  });
  fromSecond.reset();
  second->stop();
  ASSERT_TRUE(receiver->awaitFrames(1));
  EXPECT_EQ(receiver->frames()[0].kind, wire::FrameKind::Logout);
  EXPECT_TRUE(receiver->awaitEnd());
}

INSTANTIATE_TEST_SUITE_P(Links, LinkLifetimeTest, ::testing::ValuesIn(kLinkKinds),
                         [](const auto& each) { return each.param.name; });

}  // namespace
}  // namespace rtm::net::test
