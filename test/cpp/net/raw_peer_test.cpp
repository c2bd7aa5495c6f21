// Links against peers that are not links: bytes one by one, garbage, resets, silence.
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "net/raw_socket.hpp"
#include "net/support.hpp"

namespace rtm::net::test {
namespace {

class RawPeerTest : public NetTest {
 protected:
  Bytes pings(std::uint64_t count) {
    Bytes bytes;
    for (std::uint64_t i = 1; i <= count; ++i) EXPECT_TRUE(wire::appendFrame(bytes, wire::Ping{i}));
    return bytes;
  }
  std::uint64_t reads() {
    return run([this] { return loop().counters().reads; });
  }
  /// Sends byte by byte, each one after the last has been read.
  void trickle(RawSocket& socket, ByteView bytes) {
    for (const std::uint8_t byte : bytes) {
      const std::uint64_t before = reads();
      ASSERT_TRUE(socket.send({&byte, 1}));
      while (reads() == before) std::this_thread::yield();
    }
  }
};

TEST_F(RawPeerTest, AFrameSplitIntoSingleBytesArrivesWhole) {
  TestServer server(loop(), nullptr);
  RawSocket socket("127.0.0.1", server.port());
  const auto peer = server.awaitPeer();
  trickle(socket, pings(3));
  ASSERT_TRUE(peer->awaitFrames(3));
  EXPECT_EQ(peer->batchCount(), 3);
}

TEST_F(RawPeerTest, TlsSplitIntoSingleBytesArrivesWhole) {
  TestServer server(loop(), serverTls());
  RawTlsClient client(server.port(), clientTls(testCertificate().certificatePem),
                      endpointTo("localhost", server.port(), true));
  ASSERT_TRUE(client.handshake());
  const auto peer = server.awaitPeer();
  ASSERT_TRUE(peer);
  trickle(client.socket, client.encrypt(pings(3)));
  ASSERT_TRUE(peer->awaitFrames(3));
}

TEST_F(RawPeerTest, OneByteRecordsArriveAsFrames) {
  TestServer server(loop(), serverTls());
  RawTlsClient client(server.port(), clientTls(testCertificate().certificatePem),
                      endpointTo("localhost", server.port(), true));
  ASSERT_TRUE(client.handshake());
  const auto peer = server.awaitPeer();
  ASSERT_TRUE(peer);
  Bytes records;
  for (const std::uint8_t byte : pings(200)) {
    const Bytes record = client.encrypt({&byte, 1});
    records.insert(records.end(), record.begin(), record.end());
  }
  ASSERT_TRUE(client.socket.send(records));
  ASSERT_TRUE(peer->awaitFrames(200));
}

TEST_F(RawPeerTest, AFrameOf16MiBIsMalformedAndCostsNoMemory) {
  TestServer server(loop(), nullptr);
  RawSocket socket("127.0.0.1", server.port());
  const auto peer = server.awaitPeer();
  socket.send(Bytes{0xff, 0xff, 0xff, 0x09});
  const auto end = peer->awaitEnd();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->cause, LinkEndCause::Malformed);
  EXPECT_TRUE(socket.receiveAll().empty());
}

TEST_F(RawPeerTest, GarbageInATlsLinkIsATlsErrorOfThatLinkAlone) {
  TestServer server(loop(), serverTls());
  const auto tls = clientTls(testCertificate().certificatePem);
  const auto endpoint = endpointTo("localhost", server.port(), true);
  RawTlsClient good(server.port(), tls, endpoint);
  ASSERT_TRUE(good.handshake());
  RawTlsClient bad(server.port(), tls, endpoint);
  ASSERT_TRUE(bad.handshake());
  ASSERT_TRUE(server.awaitPeer(1));
  Bytes record = bad.encrypt(pings(1));
  record.back() ^= 1;
  bad.socket.send(record);
  const auto end = server.awaitPeer(1)->awaitEnd();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->cause, LinkEndCause::TlsError);
  EXPECT_FALSE(end->detail.empty());
  good.socket.send(good.encrypt(pings(1)));
  EXPECT_TRUE(server.awaitPeer(0)->awaitFrames(1));
}

TEST_F(RawPeerTest, AResetIsANetworkErrorAndReportedOnce) {
  TestServer server(loop(), nullptr);
  RawSocket socket("127.0.0.1", server.port());
  const auto peer = server.awaitPeer();
  socket.send(pings(1));
  ASSERT_TRUE(peer->awaitFrames(1));
  socket.reset();
  const auto end = peer->awaitEnd();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->cause, LinkEndCause::NetworkError);
  run([&] { EXPECT_FALSE(peer->link->send(wire::Ping{1})); });
  settle();
  EXPECT_EQ(peer->endCount(), 1u);
}

TEST_F(RawPeerTest, AResetWhileThereIsMuchToSendIsReportedOnce) {
  for (const bool paused : {false, true}) {
    TestServer server(loop(), nullptr);
    RawSocket socket("127.0.0.1", server.port());
    const auto peer = server.awaitPeer();
    run([&] {
      if (paused) peer->link->pauseReading();
      const Bytes junk(7 * 1024 * 1024);
      EXPECT_TRUE(peer->link->sendEncoded(junk));
    });
    settle();
    socket.reset();
    ASSERT_TRUE(peer->awaitEnd());
    settle();
    EXPECT_EQ(peer->endCount(), 1u);
    run([&] { EXPECT_FALSE(peer->link->send(wire::Ping{1})); });
  }
}

/// Runs once after what was scheduled before it.
struct LaterHook final : TurnHook {
  explicit LaterHook(std::function<void()> then) : body(std::move(then)) {}
  void onTurnEnd() override { body(); }
  std::function<void()> body;
};

TEST_F(RawPeerTest, TheLastFramesOfTheOtherSideArriveAlthoughWritingFails) {
  TestServer server(loop(), nullptr);
  RawSocket socket("127.0.0.1", server.port());
  const auto peer = server.awaitPeer();
  Bytes bye;
  wire::appendFrame(bye, wire::Bye{wire::ByeCode::RemoteLogin, "", 0, {}});
  auto again = std::make_unique<LaterHook>([&] { EXPECT_TRUE(peer->link->send(wire::Ping{2})); });
  run([&] {
    // The other side says BYE and is gone. The first write brings its reset, the second fails, and all that before
    // this loop has read the BYE.
    EXPECT_TRUE(socket.send(bye));
    socket.close();
    EXPECT_TRUE(peer->link->send(wire::Ping{1}));
    loop().atTurnEnd(*again);
  });
  const auto end = peer->awaitEnd();
  ASSERT_TRUE(end);
  ASSERT_EQ(peer->frameCount(), 1u);
  EXPECT_EQ(peer->frames()[0].kind, wire::FrameKind::Bye);
  settle();
  EXPECT_EQ(peer->endCount(), 1u);
  run([&] { again.reset(); });
}

TEST_F(RawPeerTest, AClientThatSpeaksTlsToAPlaintextPortIsNamed) {
  TestServer server(loop(), nullptr);
  RawSocket socket("127.0.0.1", server.port());
  const auto peer = server.awaitPeer();
  socket.send(Bytes{0x16, 0x03, 0x01, 0x02, 0x00, 0x01});
  const auto end = peer->awaitEnd();
  ASSERT_TRUE(end);
  EXPECT_EQ(end->cause, LinkEndCause::Malformed);
  EXPECT_NE(end->detail.find("TLS"), std::string::npos);
}

TEST_F(RawPeerTest, BytesThatComeWithTheEndOfTheHandshakeWaitForTheObserver) {
  TestServer server(loop(), serverTls());
  std::shared_ptr<Peer> late;
  run([&] { server.whenLink = [&](Peer& peer) { peer.link->setObserver(nullptr); }; });
  RawTlsClient client(server.port(), clientTls(testCertificate().certificatePem),
                      endpointTo("localhost", server.port(), true));
  client.holdLastFlight = true;
  ASSERT_TRUE(client.handshake());
  Bytes together = client.heldBack;
  const Bytes records = client.encrypt(pings(2));
  together.insert(together.end(), records.begin(), records.end());
  ASSERT_TRUE(client.socket.send(together));
  late = server.awaitPeer();
  ASSERT_TRUE(late);
  ASSERT_TRUE(client.socket.send(client.encrypt(pings(1))));
  settle();
  EXPECT_EQ(late->frameCount(), 0u);
  run([&] {
    late->link->setObserver(late.get());
    late->link->resumeReading();
  });
  EXPECT_TRUE(late->awaitFrames(3));
}

}  // namespace
}  // namespace rtm::net::test
