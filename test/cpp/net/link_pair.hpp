#pragma once

#include <ostream>

#include "net/support.hpp"

namespace rtm::net::test {

struct LinkKind {
  const char* name;
  const char* host;
  bool tls;
};

inline constexpr LinkKind kLinkKinds[] = {{"TlsIpv4", "127.0.0.1", true},
                                          {"TlsIpv6", "::1", true},
                                          {"PlainIpv4", "127.0.0.1", false},
                                          {"PlainIpv6", "::1", false}};

inline void PrintTo(const LinkKind& kind, std::ostream* out) {
  *out << kind.name;
}

/// A connected pair, on one loop, over each kind of connection.
class LinkPairTest : public NetTest, public ::testing::WithParamInterface<LinkKind> {
 protected:
  void SetUp() override {
    NetTest::SetUp();
    server = std::make_unique<TestServer>(loop(), GetParam().tls ? serverTls() : nullptr, listenOn(GetParam().host));
    connect = std::make_unique<TestConnect>(loop(), clientTls(testCertificate().certificatePem),
                                            connectTo(endpointTo(GetParam().host, server->port(), GetParam().tls)));
    client = connect->peer();
    ASSERT_TRUE(client);
    accepted = server->awaitPeer();
    ASSERT_TRUE(accepted);
  }
  void TearDown() override {
    connect.reset();
    server.reset();
    NetTest::TearDown();
  }

  void ping(Peer& peer, std::uint64_t token) {
    run([&] { EXPECT_TRUE(peer.link->send(wire::Ping{token})); });
  }

  static std::uint64_t tokenOf(const Frame& frame) {
    wire::Ping ping;
    EXPECT_EQ(frame.kind, wire::FrameKind::Ping);
    EXPECT_TRUE(wire::decode(frame.body, ping));
    return ping.token;
  }

  std::unique_ptr<TestServer> server;
  std::unique_ptr<TestConnect> connect;
  std::shared_ptr<Peer> client;
  std::shared_ptr<Peer> accepted;
};

}  // namespace rtm::net::test
