#include "net/link/link.hpp"

#include <algorithm>
#include <numeric>
#include <string>

#include "net/link_pair.hpp"
#include "net/raw_socket.hpp"

namespace rtm::net::test {
namespace {

using LinkTest = LinkPairTest;

TEST_P(LinkTest, CarriesFramesBothWays) {
  ping(*client, 1);
  ASSERT_TRUE(accepted->awaitFrames(1));
  EXPECT_EQ(tokenOf(accepted->frames()[0]), 1u);
  ping(*accepted, 2);
  ASSERT_TRUE(client->awaitFrames(1));
  EXPECT_EQ(tokenOf(client->frames()[0]), 2u);
}

TEST_P(LinkTest, ReportsItsProtocolAndRemoteAddress) {
  run([&] {
    const LinkInfo info = client->link->info();
    EXPECT_EQ(info.tls, GetParam().tls());
    EXPECT_EQ(info.protocol, GetParam().tls() ? "TLSv1.3" : "");
    const std::string host = GetParam().host;
    const std::string shown = (host == "::1" ? "[::1]" : host) + ":" + std::to_string(server->port());
    EXPECT_EQ(client->link->remoteAddress(), shown);
  });
}

TEST_P(LinkTest, ManyFramesOfOneTurnLeaveInOneWriteAndArriveAsOneBatch) {
  const LoopCounters before = run([&] {
    const LoopCounters now = loop().counters();
    for (std::uint64_t i = 0; i < 1000; ++i) EXPECT_TRUE(client->link->send(wire::Ping{i + 1}));
    return now;
  });
  ASSERT_TRUE(accepted->awaitFrames(1000));
  const LoopCounters after = run([&] { return loop().counters(); });
  // Over UDP this loop also writes the acknowledgements of the other end.
  const bool udp = std::string(GetParam().scheme) == "rtmu";
  EXPECT_LE(after.writes - before.writes, udp ? 4u : 1u);
  EXPECT_LE(after.reads - before.reads, 3u);  // one, and the ticket of a TLS server may come now as well
  EXPECT_TRUE(accepted->awaitBatches(1));
  EXPECT_EQ(accepted->batchCount(), 1);
  const auto frames = accepted->frames();
  for (std::size_t i = 0; i < frames.size(); ++i) ASSERT_EQ(tokenOf(frames[i]), i + 1);
}

TEST_P(LinkTest, RefusesABodyOver64KiBAndQueuesNothing) {
  const Bytes large(wire::kMaxFrameBody + 1);
  run([&] {
    wire::PeerSend message;
    message.content = large;
    EXPECT_FALSE(client->link->send(message));
    EXPECT_EQ(client->link->queuedBytes(), 0u);
    EXPECT_TRUE(client->link->send(wire::Ping{3}));
  });
  ASSERT_TRUE(accepted->awaitFrames(1));
  EXPECT_EQ(tokenOf(accepted->frames()[0]), 3u);
}

TEST_P(LinkTest, AFrameOverTheLimitEndsTheLinkAsMalformed) {
  ping(*client, 1);
  run([&] {
    const Bytes header{0xff, 0xff, 0xff, static_cast<std::uint8_t>(wire::FrameKind::Ping)};
    EXPECT_TRUE(client->link->sendEncoded(header));
  });
  const auto end = accepted->awaitEnd();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->cause, LinkEndCause::Malformed);
  EXPECT_EQ(end->detail, "a frame over the limit");
  EXPECT_EQ(accepted->frameCount(), 1u);  // what came before it counts
  EXPECT_TRUE(client->awaitEnd());
}

TEST_P(LinkTest, TheFrameLimitHoldsFromTheNextHeaderOn) {
  run([&] { accepted->link->setFrameLimit(1024); });
  const Bytes content(2000);
  run([&] {
    wire::PeerSend message;
    message.content = content;
    EXPECT_TRUE(client->link->send(message));
  });
  const auto end = accepted->awaitEnd();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->cause, LinkEndCause::Malformed);
}

/// Sends numbered messages of `size` bytes until the link takes no more; returns how many it took.
std::size_t fill(Peer& peer, std::uint64_t& next, std::size_t size) {
  const Bytes content(size, 0x5a);
  std::size_t taken = 0;
  while (true) {
    wire::PeerSend message;
    message.seq = next;
    message.content = content;
    if (!peer.link->send(message)) return taken;
    ++next;
    ++taken;
  }
}

std::uint64_t sequenceOf(const Frame& frame) {
  wire::PeerSend message;
  EXPECT_TRUE(wire::decode(frame.body, message));
  return message.seq;
}

TEST_P(LinkTest, BackPressureStopsTheSenderAndLosesNothing) {
  constexpr std::size_t kBound = 256 * 1024;
  std::uint64_t next = 1;
  run([&] {
    accepted->link->pauseReading();
    client->link->setQueueBound(kBound);
  });
  // Turn by turn, until the kernel's buffers of both ends are full as well: it takes nothing for a while.
  for (int full = 0; full < 3; ++full) {
    if (run([&] { return fill(*client, next, 40'000); }) > 0) full = 0;
    client->awaitDrained(client->drainedCount() + 1, std::chrono::milliseconds(100));
  }
  const int drained = client->drainedCount();
  run([&] {
    EXPECT_FALSE(client->link->send(wire::Ping{1}));
    EXPECT_GT(client->link->queuedBytes(), kBound / 2);
    EXPECT_LT(client->link->queuedBytes(), kBound + 100'000);
    EXPECT_EQ(client->link->queuedBytes(), loop().counters().queuedBytes);
  });
  EXPECT_EQ(accepted->frameCount(), 0u);
  run([&] { accepted->link->resumeReading(); });
  ASSERT_TRUE(client->awaitDrained(drained + 1));
  run([&] { EXPECT_TRUE(client->link->send(wire::Ping{7})); });
  ASSERT_TRUE(accepted->awaitFrames(next));
  const auto frames = accepted->frames();
  ASSERT_EQ(frames.size(), next);  // the messages 1 to next-1, and the ping
  for (std::size_t i = 0; i + 1 < frames.size(); ++i) ASSERT_EQ(sequenceOf(frames[i]), i + 1);
  EXPECT_EQ(tokenOf(frames.back()), 7u);
  run([&] { EXPECT_EQ(0u, loop().counters().queuedBytes); });
}

TEST_P(LinkTest, OnDrainedIsOwedOnlyAfterARefusal) {
  run([&] { EXPECT_TRUE(client->link->send(wire::Ping{1})); });
  ASSERT_TRUE(accepted->awaitFrames(1));
  EXPECT_EQ(client->drainedCount(), 0);
  run([&] {
    client->link->setQueueBound(0);
    EXPECT_TRUE(client->link->send(wire::Ping{2}));
    EXPECT_FALSE(client->link->send(wire::Ping{3}));
  });
  EXPECT_TRUE(client->awaitDrained(1));
  ASSERT_TRUE(accepted->awaitFrames(2));
  EXPECT_EQ(accepted->frameCount(), 2u);
}

TEST_P(LinkTest, MegabytesArriveWholeAndInOrder) {
  std::uint64_t next = 1;
  accepted->whenFrame = [expected = std::uint64_t{1}](Peer&, wire::FrameKind, ByteView body) mutable {
    wire::PeerSend message;
    EXPECT_TRUE(wire::decode(body, message));
    EXPECT_EQ(message.seq, expected++);
    return true;
  };
  // The sender refills whenever it is told to, as a client under load does. 48 MiB: many times every buffer.
  client->whenDrained = [&next](Peer& self) {
    if (next <= 1200) fill(self, next, 40'000);
  };
  run([&] {
    client->link->setQueueBound(2 * 1024 * 1024);
    fill(*client, next, 40'000);
  });
  ASSERT_TRUE(accepted->awaitFrames(1200)) << accepted->frameCount() << " came, next is " << run([&] { return next; });
}

TEST_P(LinkTest, APausedLinkStillDeliversTheFramesOfItsRead) {
  accepted->whenFrame = [](Peer& self, wire::FrameKind, ByteView) {
    self.link->pauseReading();
    return true;
  };
  run([&] {
    for (std::uint64_t i = 1; i <= 3; ++i) EXPECT_TRUE(client->link->send(wire::Ping{i}));
  });
  ASSERT_TRUE(accepted->awaitFrames(3));
  ping(*client, 4);
  EXPECT_FALSE(accepted->awaitFrames(4, std::chrono::milliseconds(50)));
  run([&] { accepted->link->resumeReading(); });
  EXPECT_TRUE(accepted->awaitFrames(4));
}

TEST_P(LinkTest, AnObserverThatReturnsFalseHearsNothingMore) {
  client->whenFrame = [](Peer&, wire::FrameKind, ByteView) { return false; };
  run([&] {
    for (std::uint64_t i = 1; i <= 3; ++i) EXPECT_TRUE(accepted->link->send(wire::Ping{i}));
  });
  ASSERT_TRUE(client->awaitFrames(1));
  letGo(loop(), *accepted);
  settle();
  EXPECT_EQ(client->frameCount(), 1u);
  EXPECT_EQ(client->endCount(), 0u);
  EXPECT_EQ(client->batchCount(), 0);
}

TEST_P(LinkTest, AnObserverMayHandOverToAnotherInTheMiddleOfARead) {
  Peer second;
  client->whenFrame = [&second](Peer& self, wire::FrameKind, ByteView) {
    self.link->setObserver(&second);
    return true;
  };
  run([&] {
    for (std::uint64_t i = 1; i <= 3; ++i) EXPECT_TRUE(accepted->link->send(wire::Ping{i}));
  });
  ASSERT_TRUE(second.awaitFrames(2));
  EXPECT_EQ(tokenOf(second.frames()[0]), 2u);
  EXPECT_EQ(client->frameCount(), 1u);
  letGo(loop(), *client);
}

TEST_P(LinkTest, APeerThatVanishesIsReportedOnceAndSendingIsRefused) {
  letGo(loop(), *accepted);
  const auto end = client->awaitEnd();
  ASSERT_TRUE(end);
  EXPECT_TRUE(end->cause == LinkEndCause::PeerClosed || end->cause == LinkEndCause::NetworkError);
  EXPECT_FALSE(end->detail.empty());
  run([&] {
    EXPECT_FALSE(client->link->send(wire::Ping{1}));
    EXPECT_FALSE(client->link->sendEncoded(Bytes(8)));
  });
  settle();
  EXPECT_EQ(client->endCount(), 1u);
}

TEST_P(LinkTest, CloseAfterFlushDeliversEverythingThenEnds) {
  std::uint64_t next = 1;
  run([&] {
    client->link->setQueueBound(4 * 1024 * 1024);  // more than the sockets take at once
    fill(*client, next, 40'000);
    client->link->closeAfterFlush();
    EXPECT_FALSE(client->link->send(wire::Ping{1}));
    client->link.reset();
  });
  ASSERT_TRUE(accepted->awaitFrames(next - 1));
  const auto end = accepted->awaitEnd();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->cause, LinkEndCause::PeerClosed);
  EXPECT_EQ(accepted->frameCount(), next - 1);
  EXPECT_EQ(client->endCount(), 0u);
  letGo(loop(), *accepted);
  EXPECT_TRUE(awaitSockets(0));
}

TEST_P(LinkTest, TheLastFrameArrivesAlthoughTheOtherSideKeepsSending) {
  // A plain close() with unread bytes makes the kernel send a reset, which can overtake the farewell.
  accepted->whenFrame = [](Peer& self, wire::FrameKind, ByteView) {
    self.link->send(wire::Bye{wire::ByeCode::Malformed, "no", 0, {}});
    self.link->closeAfterFlush();
    self.link.reset();
    return false;
  };
  std::uint64_t next = 1;
  client->whenDrained = [&next](Peer& self) {
    if (next < 5000) fill(self, next, 10'000);
  };
  run([&] {
    client->link->setQueueBound(1024 * 1024);
    fill(*client, next, 10'000);
  });
  ASSERT_TRUE(client->awaitFrames(1));
  EXPECT_EQ(client->frames()[0].kind, wire::FrameKind::Bye);
  EXPECT_TRUE(client->awaitEnd());
}

TEST_P(LinkTest, CloseAfterFlushGivesUpOnAPeerThatDoesNotRead) {
  std::uint64_t next = 1;
  // Before the turn of the loop in which the time starts: filling 16 MiB is slow under a sanitizer.
  const auto begin = std::chrono::steady_clock::now();
  run([&] {
    accepted->link->pauseReading();
    client->link->setQueueBound(16 * 1024 * 1024);
    fill(*client, next, 40'000);
    client->link->closeAfterFlush();
    client->link.reset();
  });
  EXPECT_TRUE(awaitSockets(1));
  const auto took = std::chrono::steady_clock::now() - begin;
  EXPECT_GT(took, std::chrono::milliseconds(1500));
  EXPECT_LT(took, std::chrono::seconds(10));
  run([&] { EXPECT_EQ(0u, loop().counters().queuedBytes) << "what a link that ended did not get rid of"; });
}

TEST_P(LinkTest, RecordsTheTimeOfTheLastByte) {
  const std::uint64_t before = run([&] { return accepted->link->lastReceivedMs(); });
  settle(std::chrono::milliseconds(20));
  ping(*client, 1);
  ASSERT_TRUE(accepted->awaitFrames(1));
  EXPECT_GE(run([&] { return accepted->link->lastReceivedMs(); }), before + 15);
}

INSTANTIATE_TEST_SUITE_P(Links, LinkTest, ::testing::ValuesIn(kLinkKinds),
                         [](const auto& each) { return each.param.name; });

}  // namespace
}  // namespace rtm::net::test
