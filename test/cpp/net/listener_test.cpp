#include "net/link/listener.hpp"

#include <sys/resource.h>
#include <unistd.h>

#include <map>
#include <string>
#include <vector>

#include "net/admission/admission.hpp"
#include "net/raw_socket.hpp"
#include "net/support.hpp"

namespace rtm::net::test {
namespace {

// GCC says so with a macro, Clang with a feature.
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
constexpr bool kAddressSanitizer = true;
#else
constexpr bool kAddressSanitizer = false;
#endif
#elif defined(__SANITIZE_ADDRESS__)
constexpr bool kAddressSanitizer = true;
#else
constexpr bool kAddressSanitizer = false;
#endif

class ListenerTest : public NetTest {
 protected:
  ListenerCounters counters(TestServer& server) {
    return run([&] { return server.listener().counters(); });
  }
  bool awaitCounters(TestServer& server, const std::function<bool(const ListenerCounters&)>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + kDeadline;
    while (!condition(counters(server))) {
      if (std::chrono::steady_clock::now() > deadline) return false;
      settle(std::chrono::milliseconds(10));
    }
    return true;
  }
};

TEST_F(ListenerTest, OneListenerTakesBothFamilies) {
  TestServer server(loop(), nullptr, listenOn("::"));
  const RawSocket first("127.0.0.1", server.port());
  const RawSocket second("::1", server.port());
  ASSERT_TRUE(server.awaitPeer(1));
  std::vector<std::string> remotes;
  for (std::size_t i = 0; i < 2; ++i) {
    const auto peer = server.awaitPeer(i);
    remotes.push_back(run([&] { return peer->link->remoteAddress(); }));
  }
  EXPECT_EQ(remotes[0].find("127.0.0.1:"), 0u) << remotes[0];  // shown as what it is, not as ::ffff:127.0.0.1
  EXPECT_EQ(remotes[1].find("[::1]:"), 0u) << remotes[1];
}

TEST_F(ListenerTest, APortInUseIsAClearFailure) {
  TestServer server(loop(), nullptr);
  run([&] {
    ListenOptions options = listenOn("127.0.0.1");
    options.port = server.port();
    const auto second = listen(loop(), options, [](LinkHandle) {});
    ASSERT_FALSE(second);
    EXPECT_EQ(second.failure().code, EADDRINUSE);
    EXPECT_NE(second.failure().message.find("127.0.0.1:" + std::to_string(server.port())), std::string::npos);
  });
}

TEST_F(ListenerTest, AHostThatIsNoAddressIsAClearFailure) {
  run([&] {
    for (const char* host : {"", "localhost", "1.2.3", "fe80::1%nosuchinterface"}) {
      const auto listener = listen(loop(), listenOn(host), [](LinkHandle) {});
      ASSERT_FALSE(listener) << host;
      EXPECT_EQ(listener.failure().code, EINVAL);
    }
  });
}

TEST_F(ListenerTest, ASchemeThatIsUnknownOrLacksItsCertificateIsAClearFailure) {
  run([&] {
    ListenOptions options = listenOn("127.0.0.1");
    options.scheme = "gopher";
    const auto unknown = listen(loop(), options, [](LinkHandle) {});
    ASSERT_FALSE(unknown);
    EXPECT_EQ(unknown.failure().message, "cannot listen on gopher://: unknown scheme");
    options.scheme = "rtms";
    const auto bare = listen(loop(), options, [](LinkHandle) {});
    ASSERT_FALSE(bare);
    EXPECT_EQ(bare.failure().message, "rtms:// needs a certificate and a key to listen");
  });
}

TEST_F(ListenerTest, WithReusePortSeveralListenersShareAPort) {
  ListenOptions options = listenOn("127.0.0.1");
  options.reusePort = true;
  TestServer first(loop(), nullptr, options);
  options.port = first.port();
  TestServer second(loop(), nullptr, options);
  EXPECT_EQ(first.port(), second.port());
  std::vector<RawSocket> sockets;
  for (int i = 0; i < 64; ++i) sockets.emplace_back("127.0.0.1", first.port());
  EXPECT_TRUE(awaitSockets(64));
  EXPECT_GT(first.peerCount(), 0u);
  EXPECT_GT(second.peerCount(), 0u);
}

TEST_F(ListenerTest, ASilentClientIsDroppedAfterTheHandshakeTimeout) {
  ListenOptions options = listenOn("127.0.0.1");
  options.handshakeTimeoutMs = 100;
  TestServer server(loop(), serverTls(), options);
  RawSocket silent("127.0.0.1", server.port());
  EXPECT_TRUE(silent.receiveAll().empty());
  EXPECT_NE(server.awaitRefused().find("not done within 100 ms"), std::string::npos);
  EXPECT_EQ(counters(server).refused, 1u);
  EXPECT_TRUE(awaitSockets(0));
}

TEST_F(ListenerTest, ATrickleOfBytesDoesNotProlongTheHandshake) {
  ListenOptions options = listenOn("127.0.0.1");
  options.handshakeTimeoutMs = 150;
  TestServer server(loop(), serverTls(), options);
  RawSocket slow("127.0.0.1", server.port());
  const Bytes hello{0x16, 0x03, 0x01, 0x02, 0x00, 0x01, 0x00, 0x01, 0xfc, 0x03, 0x03};
  for (std::size_t i = 0; slow.send({&hello[i % hello.size()], 1}) && i < 8; ++i) settle();
  EXPECT_FALSE(server.awaitRefused().empty());
}

TEST_F(ListenerTest, WhenAllPlacesAreTakenASilentClientMakesRoomForTheNewcomer) {
  ListenOptions options = listenOn("127.0.0.1");
  options.admission =
      run([&] { return std::make_shared<Admission>(loop(), PendingLinks::Limits{.total = 2, .perPrefix = 2}); });
  options.handshakeTimeoutMs = 60'000;
  TestServer server(loop(), serverTls(), options);
  RawSocket first("127.0.0.1", server.port());
  const RawSocket second("127.0.0.1", server.port());
  ASSERT_TRUE(awaitCounters(server, [](const ListenerCounters& now) { return now.accepted == 2; }));
  TestConnect connect(loop(), clientTls(),
                      connectTo(endpointTo("127.0.0.1", server.port(), true, serverTls()->fingerprint())));
  EXPECT_TRUE(connect.peer());
  EXPECT_NE(server.awaitRefused().find("dropped before a login"), std::string::npos);
  EXPECT_TRUE(first.receiveAll().empty());
  EXPECT_EQ(counters(server).refused, 1u);
}

TEST_F(ListenerTest, AClientThatSaysNothingAfterItsHandshakeMakesRoomToo) {
  ListenOptions options = listenOn("127.0.0.1");
  options.admission =
      run([&] { return std::make_shared<Admission>(loop(), PendingLinks::Limits{.total = 2, .perPrefix = 2}); });
  TestServer server(loop(), serverTls(), options);
  const Endpoint endpoint = endpointTo("127.0.0.1", server.port(), true, serverTls()->fingerprint());
  for (int i = 0; i < 4; ++i) {
    TestConnect connect(loop(), clientTls(), connectTo(endpoint));
    EXPECT_TRUE(connect.peer()) << i;
    EXPECT_TRUE(server.awaitPeer(static_cast<std::size_t>(i))) << i;
  }
  EXPECT_EQ(run([&] { return options.admission->pending->counters().refused; }), 0u);
}

TEST_F(ListenerTest, AClientHelloLongerThanItsRecordIsRefusedBeforeItCostsMemory) {
  TestServer server(loop(), serverTls(), listenOn("127.0.0.1"));
  RawSocket client("127.0.0.1", server.port());
  const Bytes hello{0x16, 0x03, 0x01, 0x40, 0x00, 0x01, 0x01, 0xff, 0x00};
  ASSERT_TRUE(client.send(hello));
  EXPECT_NE(server.awaitRefused().find("longer than its record"), std::string::npos);
  EXPECT_TRUE(client.receiveAll().empty());
}

TEST_F(ListenerTest, AStormIsTakenInSmallPortionsPerTurn) {
  TestServer server(loop(), nullptr);
  std::map<std::uint64_t, int> perTurn;
  run([&] { server.whenLink = [&](Peer&) { ++perTurn[loop().counters().turns]; }; });
  // The loop is busy while the storm gathers.
  std::promise<void> release;
  loop().post([&] { release.get_future().wait(); });
  std::vector<RawSocket> sockets;
  for (int i = 0; i < 100; ++i) sockets.emplace_back("127.0.0.1", server.port());
  release.set_value();
  ASSERT_TRUE(server.awaitPeer(99));
  run([&] {
    EXPECT_GE(perTurn.size(), 100u / 16);
    for (const auto& [turn, count] : perTurn) EXPECT_LE(count, 16);
  });
}

TEST_F(ListenerTest, OutOfDescriptorsItWaitsWithoutSpinningAndSaysWhy) {
  if (kAddressSanitizer) GTEST_SKIP() << "the sanitizers' own checks need a descriptor at times";
  TestServer server(loop(), nullptr);
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit few = before;
  few.rlim_cur = 256;
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &few), 0);
  std::vector<int> taken;
  for (int copy = dup(0); copy >= 0; copy = dup(0)) taken.push_back(copy);
  ASSERT_GT(taken.size(), 1u);
  close(taken.back());
  taken.pop_back();
  RawSocket waiting("127.0.0.1", server.port());  // takes the last descriptor
  const std::uint64_t turns = run([&] { return loop().counters().turns; });
  settle(std::chrono::milliseconds(250));
  EXPECT_LT(run([&] { return loop().counters().turns; }) - turns, 30u);
  EXPECT_EQ(server.peerCount(), 0u);
  EXPECT_NE(server.awaitRefused().find("file descriptors used up, new connections wait: this process may have 256"),
            std::string::npos)
      << server.awaitRefused();
  for (const int copy : taken) close(copy);
  setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_TRUE(server.awaitPeer());
}

TEST_F(ListenerTest, DestroyedInItsOwnCallbackItLeavesTheLinkAlive) {
  for (const bool tls : {false, true}) {
    std::unique_ptr<Listener> listener;
    Peer accepted;
    std::promise<void> handedOver;
    const std::uint16_t port = run([&] {
      auto listening = listen(loop(), listenOn("127.0.0.1", tls ? serverTls() : nullptr), [&](LinkHandle link) {
        accepted.attach(std::move(link));
        listener.reset();
        handedOver.set_value();
      });
      listener = std::move(listening.value());
      return listener->port();
    });
    TestConnect connect(loop(), clientTls(),
                        connectTo(endpointTo("127.0.0.1", port, tls, tls ? serverTls()->fingerprint() : "")));
    const auto peer = connect.peer();
    ASSERT_TRUE(peer);
    handedOver.get_future().wait();
    run([&] { EXPECT_TRUE(peer->link->send(wire::Ping{1})); });
    EXPECT_TRUE(accepted.awaitFrames(1));
    letGo(loop(), accepted);
  }
}

TEST_F(ListenerTest, DestroyedInTheMiddleOfAStormItTakesNoMore) {
  std::unique_ptr<Listener> listener;
  int links = 0;
  std::promise<void> release;
  const std::uint16_t port = run([&] {
    listener = std::move(listen(loop(), listenOn("127.0.0.1"), [&](LinkHandle) {
                           if (++links == 3) listener.reset();
                         }).value());
    return listener->port();
  });
  loop().post([&] { release.get_future().wait(); });
  std::vector<RawSocket> sockets;
  for (int i = 0; i < 10; ++i) sockets.emplace_back("127.0.0.1", port);
  release.set_value();
  settle();
  EXPECT_EQ(run([&] { return links; }), 3);
  EXPECT_TRUE(awaitSockets(0));
}

TEST_F(ListenerTest, DestroyingItCutsHandshakesUnderWay) {
  TestServer server(loop(), serverTls());
  RawSocket silent("127.0.0.1", server.port());
  ASSERT_TRUE(awaitCounters(server, [](const ListenerCounters& now) { return now.accepted == 1; }));
  server.closeListener();
  EXPECT_TRUE(silent.receiveAll().empty());
  EXPECT_TRUE(awaitSockets(0));
}

TEST_F(ListenerTest, ALinkThatIsDroppedInTheCallbackIsClosed) {
  for (const bool tls : {false, true}) {
    std::unique_ptr<Listener> listener;
    const std::uint16_t port = run([&] {
      listener =
          std::move(listen(loop(), listenOn("127.0.0.1", tls ? serverTls() : nullptr), [](LinkHandle) {}).value());
      return listener->port();
    });
    TestConnect connect(loop(), clientTls(),
                        connectTo(endpointTo("127.0.0.1", port, tls, tls ? serverTls()->fingerprint() : "")));
    const auto peer = connect.peer();
    ASSERT_TRUE(peer);
    EXPECT_TRUE(peer->awaitEnd());
    run([&] { listener.reset(); });
  }
}

}  // namespace
}  // namespace rtm::net::test
