#include <string>

#include "net/support.hpp"

namespace rtm::net::test {
namespace {

struct Kind {
  const char* name;
  const char* host;
  bool tls;
};

void PrintTo(const Kind& kind, std::ostream* out) {
  *out << kind.name;
}

/// A connected pair over each kind of connection.
class LinkTest : public NetTest, public ::testing::WithParamInterface<Kind> {
 protected:
  void SetUp() override {
    NetTest::SetUp();
    server_ = std::make_unique<TestServer>(loop(), GetParam().tls ? serverTls() : nullptr, listenOn(GetParam().host));
    connect_ = std::make_unique<TestConnect>(loop(), clientTls(testCertificate().certificatePem),
                                             connectTo(endpointTo(GetParam().host, server_->port(), GetParam().tls)));
    client = connect_->peer();
    ASSERT_TRUE(client);
    accepted = server_->awaitPeer();
    ASSERT_TRUE(accepted);
  }
  void TearDown() override {
    connect_.reset();
    server_.reset();
    NetTest::TearDown();
  }

  void send(Peer& peer, std::uint64_t token) {
    run([&] { EXPECT_TRUE(peer.link->send(wire::Ping{token})); });
  }

  std::shared_ptr<Peer> client;
  std::shared_ptr<Peer> accepted;
  std::unique_ptr<TestServer> server_;
  std::unique_ptr<TestConnect> connect_;
};

std::uint64_t tokenOf(const Frame& frame) {
  wire::Ping ping;
  EXPECT_EQ(frame.kind, wire::FrameKind::Ping);
  EXPECT_TRUE(wire::decode(frame.body, ping));
  return ping.token;
}

TEST_P(LinkTest, CarriesFramesBothWays) {
  send(*client, 1);
  ASSERT_TRUE(accepted->awaitFrames(1));
  EXPECT_EQ(tokenOf(accepted->frames()[0]), 1u);
  send(*accepted, 2);
  ASSERT_TRUE(client->awaitFrames(1));
  EXPECT_EQ(tokenOf(client->frames()[0]), 2u);
}

INSTANTIATE_TEST_SUITE_P(Links, LinkTest,
                         ::testing::Values(Kind{"TlsIpv4", "127.0.0.1", true}, Kind{"TlsIpv6", "::1", true},
                                           Kind{"PlainIpv4", "127.0.0.1", false}, Kind{"PlainIpv6", "::1", false}),
                         [](const auto& each) { return each.param.name; });

}  // namespace
}  // namespace rtm::net::test
