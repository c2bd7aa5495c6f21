// Sockets of UDP, and many links on one of them.
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "net/admission/admission.hpp"
#include "net/support.hpp"
#include "net/transport/udp/udp_acceptor.hpp"
#include "net/transport/udp/udp_socket.hpp"

namespace rtm::net::test {
namespace {

/// A plain blocking socket on loopback.
class RawDatagrams {
 public:
  explicit RawDatagrams(std::uint16_t port = 0) : socket_(::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {
    const SocketAddress address = SocketAddress::parse("127.0.0.1", port).value();
    EXPECT_EQ(::bind(socket_, address.get(), address.size()), 0);
  }
  ~RawDatagrams() { ::close(socket_); }
  RawDatagrams(const RawDatagrams&) = delete;
  RawDatagrams& operator=(const RawDatagrams&) = delete;

  SocketAddress address() const {
    sockaddr_storage storage{};
    socklen_t size = sizeof(storage);
    EXPECT_EQ(::getsockname(socket_, reinterpret_cast<sockaddr*>(&storage), &size), 0);
    return SocketAddress::from(reinterpret_cast<const sockaddr*>(&storage)).value();
  }
  void send(const SocketAddress& to, ByteView bytes) const {
    EXPECT_EQ(::sendto(socket_, bytes.data(), bytes.size(), 0, to.get(), to.size()),
              static_cast<ssize_t>(bytes.size()));
  }

 private:
  const int socket_;
};

SocketAddress unusedAddress() {
  return RawDatagrams().address();
}

class Hearer final : public UdpSocket::Receiver, public Signal {
 public:
  void onDatagram(const SocketAddress&, ByteView bytes) override {
    update([&] { heard.emplace_back(asText(bytes)); });
  }
  void onSocketError(int error) override {
    update([&] { errors.push_back(error); });
  }
  std::vector<std::string> heard;
  std::vector<int> errors;
};

class UdpTest : public NetTest {
 protected:
  void SetUp() override {
    NetTest::SetUp();
    ListenOptions options = listenOn("127.0.0.1");
    options.scheme = "rtmu";
    server = std::make_unique<TestServer>(loop(), serverTls(), options);
  }
  void TearDown() override {
    connects.clear();
    server.reset();
    NetTest::TearDown();
  }
  std::shared_ptr<Peer> link() {
    begin();
    return connects.back()->peer();
  }
  void begin(std::uint16_t port = 0) {
    Endpoint endpoint = endpointTo("127.0.0.1", port == 0 ? server->port() : port, true, serverTls()->fingerprint());
    endpoint.scheme = "rtmu";
    connects.push_back(std::make_unique<TestConnect>(loop(), clientTls(), connectTo(endpoint)));
  }
  void expectCarries(const std::shared_ptr<Peer>& from, const std::shared_ptr<Peer>& to) {
    ASSERT_TRUE(from && to);
    const std::size_t before = to->frameCount();
    run([&] { EXPECT_TRUE(from->link->send(wire::Ping{1})); });
    EXPECT_TRUE(to->awaitFrames(before + 1));
  }

  std::unique_ptr<TestServer> server;
  std::vector<std::unique_ptr<TestConnect>> connects;
};

TEST_F(UdpTest, ASocketHearsAgainAfterAnErrorOfTheNetwork) {
  Hearer hearer;
  const SocketAddress remote = unusedAddress();
  UdpSocket::Handle socket;
  std::uint16_t port = 0;
  run([&] {
    socket = std::move(UdpSocket::connect(loop(), remote, hearer).value());
    port = socket->port();
    socket->send(remote, asBytes("nobody is there"));
  });
  ASSERT_TRUE(hearer.await([&] { return !hearer.errors.empty(); }));
  EXPECT_EQ(hearer.errors.front(), ECONNREFUSED);
  const RawDatagrams somebody(remote.port());
  somebody.send(SocketAddress::parse("127.0.0.1", port).value(), asBytes("now I am"));
  EXPECT_TRUE(hearer.await([&] { return !hearer.heard.empty(); })) << "the socket is deaf after an error";
  run([&] { socket.reset(); });
}

TEST_F(UdpTest, APortWithoutAServerEndsTheAttemptAtOnce) {
  begin(unusedAddress().port());
  const Failure failure = connects.back()->failure();
  EXPECT_EQ(failure.code, static_cast<int>(ConnectError::Unreachable));
  EXPECT_NE(failure.message.find("Connection refused"), std::string::npos) << failure.message;
}

TEST_F(UdpTest, ManyLinksShareASocket) {
  constexpr std::size_t kLinks = 200;
  for (std::size_t i = 0; i < kLinks; ++i) begin();
  std::vector<std::shared_ptr<Peer>> clients;
  for (const auto& connect : connects) clients.push_back(connect->peer());
  ASSERT_NE(server->awaitPeer(kLinks - 1), nullptr);
  run([&] {
    for (std::uint32_t i = 0; i < kLinks; ++i) {
      for (std::uint32_t j = 0; j < 20; ++j) EXPECT_TRUE(clients[i]->link->send(wire::Ping{i * 100 + j}));
    }
  });
  for (std::size_t i = 0; i < kLinks; ++i) {
    const auto peer = server->awaitPeer(i);
    ASSERT_TRUE(peer->awaitFrames(20));
    std::set<Bytes> bodies;
    for (const Frame& frame : peer->frames()) bodies.insert(frame.body);
    EXPECT_EQ(bodies.size(), 20u);
  }
  for (const auto& client : clients) letGo(loop(), *client);
  for (std::size_t i = 0; i < kLinks; ++i) EXPECT_TRUE(server->awaitPeer(i)->awaitEnd());
  for (std::size_t i = 0; i < kLinks; ++i) letGo(loop(), *server->awaitPeer(i));
  EXPECT_TRUE(awaitSockets(0));
}

TEST_F(UdpTest, LinksGoOnAfterTheirListener) {
  const auto client = link();
  const auto accepted = server->awaitPeer();
  server->closeListener();
  expectCarries(client, accepted);
  expectCarries(accepted, client);
  letGo(loop(), *client);
  ASSERT_TRUE(accepted->awaitEnd());
  letGo(loop(), *accepted);
  EXPECT_TRUE(awaitSockets(0));
}

TEST_F(UdpTest, AnAcceptorMayBeDestroyedWhereItHandsOutALink) {
  struct Held {
    std::unique_ptr<Acceptor> acceptor;
    int accepted = 0;
  };
  Signal signal;
  auto held = std::make_shared<Held>();
  ListenOptions options = listenOn("127.0.0.1", serverTls());
  options.scheme = "rtmu";
  options.admission = std::make_shared<Admission>(loop(), PendingLinks::Limits{});
  std::uint16_t port = 0;
  run([&] {
    // The text makes what is called an object of the heap, which is read after the acceptor is gone.
    auto opened = listenOnUdp(loop(), options,
                              [&signal, held, text = std::string(100, 'x')](std::unique_ptr<ByteTransport> transport) {
                                held->acceptor.reset();
                                transport.reset();
                                signal.update([&] { held->accepted += text.size() == 100 ? 1 : 1000; });
                              });
    ASSERT_TRUE(opened) << opened.failure().message;
    held->acceptor = std::move(opened.value());
    port = held->acceptor->port();
  });
  begin(port);
  EXPECT_TRUE(signal.await([&] { return held->accepted != 0; }));
  EXPECT_EQ(held->accepted, 1);
  EXPECT_EQ(connects.back()->failure().code, static_cast<int>(ConnectError::Unreachable));
}

TEST_F(UdpTest, NoiseOnThePortHarmsNoLink) {
  const auto client = link();
  const auto accepted = server->awaitPeer();
  const RawDatagrams stranger;
  const SocketAddress port = SocketAddress::parse("127.0.0.1", server->port()).value();
  std::mt19937 random(15);
  Bytes noise;
  for (int i = 0; i < 10'000; ++i) {
    noise.resize(i % 4 == 0 ? 1200 : random() % 1400);
    for (std::size_t at = 0; at < noise.size(); at += 1 + random() % 64)
      noise[at] = static_cast<std::uint8_t>(random());
    if (noise.size() > 9) noise[8] = static_cast<std::uint8_t>(random() % 6);
    stranger.send(port, noise);
    if (i % 1000 == 0) expectCarries(client, accepted);
  }
  expectCarries(accepted, client);
  expectCarries(client, accepted);
  EXPECT_EQ(server->peerCount(), 1u);
}

}  // namespace
}  // namespace rtm::net::test
