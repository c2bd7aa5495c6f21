#include "net/transport/write_gate.hpp"

#include <atomic>
#include <future>
#include <thread>

#include "net/link_pair.hpp"

namespace rtm::net::test {
namespace {

class WriteGateTest : public LinkPairTest {
 protected:
  void SetUp() override {
    LinkPairTest::SetUp();
    gate = run([&] { return client->link->writeGate(); });
    ASSERT_NE(gate, nullptr);
  }

  static Bytes pingFrame(std::uint64_t token) {
    Bytes frame;
    EXPECT_TRUE(wire::appendFrame(frame, wire::Ping{token}));
    return frame;
  }

  static Bytes messageFrame(std::uint64_t seq, std::size_t size) {
    const Bytes content(size);
    wire::PeerSend message;
    message.seq = seq;
    message.content = content;
    Bytes frame;
    EXPECT_TRUE(wire::appendFrame(frame, message));
    return frame;
  }

  /// As a caller does it that falls back to the loop.
  bool writeSoon(const Bytes& frame) {
    const auto until = std::chrono::steady_clock::now() + kDeadline;
    while (!gate->tryWrite(frame)) {
      if (std::chrono::steady_clock::now() > until) return false;
      run([] {});  // a turn of the loop
    }
    return true;
  }

  /// Writes until the socket is full and the rest of a frame is with the loop; gives how many frames were taken.
  std::uint64_t writeUntilFull() {
    std::uint64_t written = 0;
    for (int refused = 0; refused < 3;) {  // three times with a turn between: not just met at work
      if (gate->tryWrite(messageFrame(written + 1, 16'000))) {
        ++written;
        refused = 0;
      } else {
        ++refused;
        run([] {});
      }
    }
    return written;
  }

  void expectInOrder(std::uint64_t count) {
    ASSERT_TRUE(accepted->awaitFrames(count)) << accepted->frameCount() << " of " << count;
    const auto frames = accepted->frames();
    for (std::size_t i = 0; i < count; ++i) {
      wire::PeerSend message;
      ASSERT_TRUE(wire::decode(frames[i].body, message));
      ASSERT_EQ(message.seq, i + 1);
    }
  }

  std::shared_ptr<WriteGate> gate;
};

TEST_P(WriteGateTest, WritesWhileTheLoopIsElsewhere) {
  std::promise<void> go;
  std::promise<LoopCounters> before;
  loop().post([&, wait = go.get_future().share()] {
    before.set_value(loop().counters());
    wait.wait();
  });
  const LoopCounters counted = before.get_future().get();
  EXPECT_TRUE(gate->tryWrite(pingFrame(1)));
  EXPECT_TRUE(gate->tryWrite(pingFrame(2)));
  go.set_value();
  ASSERT_TRUE(accepted->awaitFrames(2));
  EXPECT_EQ(tokenOf(accepted->frames()[0]), 1u);
  EXPECT_EQ(tokenOf(accepted->frames()[1]), 2u);
  EXPECT_EQ(run([&] { return loop().counters(); }).writes, counted.writes);
}

TEST_P(WriteGateTest, OvertakesNothingThatIsQueued) {
  run([&] {
    EXPECT_TRUE(client->link->send(wire::Ping{1}));
    EXPECT_FALSE(std::async(std::launch::async, [&] { return gate->tryWrite(pingFrame(2)); }).get());
  });
  ASSERT_TRUE(accepted->awaitFrames(1));
  EXPECT_TRUE(writeSoon(pingFrame(3)));
  ASSERT_TRUE(accepted->awaitFrames(2));
  EXPECT_EQ(tokenOf(accepted->frames()[1]), 3u);
}

TEST_P(WriteGateTest, RefusesWhileTheLoopIsAtWorkOnTheLink) {
  std::atomic<int> refused{0};
  client->whenFrame = [&](Peer&, wire::FrameKind, ByteView) {
    if (!std::async(std::launch::async, [&] { return gate->tryWrite(pingFrame(1)); }).get()) ++refused;
    return true;
  };
  ping(*accepted, 1);
  ASSERT_TRUE(client->awaitFrames(1));
  EXPECT_EQ(refused, 1);
  run([] {});
  EXPECT_EQ(accepted->frameCount(), 0u);
}

TEST_P(WriteGateTest, RefusesMoreThanARecord) {
  EXPECT_FALSE(gate->tryWrite(Bytes(WriteGate::kMaxBytes + 1)));
  EXPECT_TRUE(gate->tryWrite(messageFrame(1, WriteGate::kMaxBytes - 100)));
  expectInOrder(1);
}

TEST_P(WriteGateTest, TheLoopSendsTheBytesThatTheSocketDidNotTake) {
  run([&] { accepted->link->pauseReading(); });
  const std::uint64_t written = writeUntilFull();
  EXPECT_GT(written, 1u);
  // What is queued meanwhile comes behind it.
  run([&] { EXPECT_TRUE(client->link->sendEncoded(messageFrame(written + 1, 100))); });
  EXPECT_FALSE(gate->tryWrite(messageFrame(written + 2, 100)));
  run([&] { accepted->link->resumeReading(); });
  expectInOrder(written + 1);
  EXPECT_TRUE(writeSoon(messageFrame(written + 2, 100)));
  expectInOrder(written + 2);
}

TEST_P(WriteGateTest, CloseAfterFlushSendsTheBytesThatTheSocketDidNotTake) {
  run([&] { accepted->link->pauseReading(); });
  const std::uint64_t written = writeUntilFull();
  run([&] {
    client->link->closeAfterFlush();
    client->link.reset();
    EXPECT_FALSE(std::async(std::launch::async, [&] { return gate->tryWrite(messageFrame(9, 1)); }).get());
    accepted->link->resumeReading();
  });
  expectInOrder(written);
  const auto end = accepted->awaitEnd();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->cause, LinkEndCause::PeerClosed);
}

TEST_P(WriteGateTest, CloseAfterFlushTakesOverBytesThatHaveNotReachedTheLoop) {
  std::uint64_t written = 0;
  run([&] {
    accepted->link->pauseReading();
    // The loop is in this task and cannot go on with anything until the link is closing.
    written = std::async(std::launch::async, [&] {
                std::uint64_t count = 0;
                while (gate->tryWrite(messageFrame(count + 1, 16'000))) ++count;
                return count;
              }).get();
    client->link->closeAfterFlush();
    client->link.reset();
    accepted->link->resumeReading();
  });
  EXPECT_GT(written, 1u);
  expectInOrder(written);
}

TEST_P(WriteGateTest, OutlivesTheLinkAndRefusesThen) {
  letGo(loop(), *client);
  EXPECT_FALSE(gate->tryWrite(pingFrame(1)));
  ASSERT_TRUE(accepted->awaitEnd());
  EXPECT_EQ(accepted->frameCount(), 0u);
}

TEST_P(WriteGateTest, IsNotMadeForALinkThatEnded) {
  run([&] {
    client->link->closeAfterFlush();
    const std::shared_ptr<WriteGate> late = client->link->writeGate();
    EXPECT_EQ(late, gate);  // the closed one
    accepted->link->closeAfterFlush();
    EXPECT_EQ(accepted->link->writeGate(), nullptr);
  });
}

TEST_P(WriteGateTest, APeerThatVanishedIsFoundByTheLoop) {
  run([&] { client->link->pauseReading(); });  // so that only writing can find it
  letGo(loop(), *accepted);
  // The kernel takes something, then answers with an error, which the loop meets when it goes on.
  const auto until = std::chrono::steady_clock::now() + kDeadline;
  while (client->endCount() == 0 && std::chrono::steady_clock::now() < until) {
    gate->tryWrite(pingFrame(1));
    run([] {});
  }
  const auto end = client->awaitEnd();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->cause, LinkEndCause::NetworkError);
  EXPECT_FALSE(gate->tryWrite(pingFrame(2)));
}

TEST_P(WriteGateTest, ThreadsAndTheLoopWriteAndReadAtTheSameTime) {
  constexpr std::uint64_t kEach = 3000;
  const auto writer = [&](std::uint64_t first) {
    for (std::uint64_t i = 0; i < kEach; ++i) {
      if (!writeSoon(pingFrame(first + i))) return;
    }
  };
  std::thread one(writer, std::uint64_t{1'000'000});
  std::thread two(writer, std::uint64_t{2'000'000});
  for (std::uint64_t i = 0; i < kEach; ++i) {
    run([&] {
      EXPECT_TRUE(client->link->send(wire::Ping{3'000'000 + i}));
      EXPECT_TRUE(accepted->link->send(wire::Ping{i}));
    });
  }
  one.join();
  two.join();
  ASSERT_TRUE(accepted->awaitFrames(3 * kEach));
  ASSERT_TRUE(client->awaitFrames(kEach));
  std::uint64_t next[] = {1'000'000, 2'000'000, 3'000'000};
  for (const Frame& frame : accepted->frames()) {
    const std::uint64_t token = tokenOf(frame);
    ASSERT_EQ(token, next[token / 1'000'000 - 1]++);
  }
}

INSTANTIATE_TEST_SUITE_P(Links, WriteGateTest, ::testing::ValuesIn(kSocketKinds),
                         [](const auto& each) { return each.param.name; });

}  // namespace
}  // namespace rtm::net::test
