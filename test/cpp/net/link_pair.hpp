#pragma once

#include <ostream>

#include "net/support.hpp"
#include "support/memory_network.hpp"

namespace rtm::net::test {

struct LinkKind {
  const char* name;
  const char* host;
  const char* scheme;

  bool tls() const { return schemes::secure(scheme); }
};

/// Over sockets: what holds here is the promise of FrameLink with TCP and TLS.
inline constexpr LinkKind kSocketKinds[] = {{"TlsIpv4", "127.0.0.1", "rtms"},
                                            {"TlsIpv6", "::1", "rtms"},
                                            {"PlainIpv4", "127.0.0.1", "rtm"},
                                            {"PlainIpv6", "::1", "rtm"}};
/// Every transport must keep the promises of a link.
inline constexpr LinkKind kLinkKinds[] = {kSocketKinds[0],
                                          kSocketKinds[1],
                                          kSocketKinds[2],
                                          kSocketKinds[3],
                                          {"UdpIpv4", "127.0.0.1", "rtmu"},
                                          {"UdpIpv6", "::1", "rtmu"},
                                          {"Memory", "127.0.0.1", "memory"}};

inline void PrintTo(const LinkKind& kind, std::ostream* out) {
  *out << kind.name;
}

/// A connected pair, on one loop, over each kind of connection.
class LinkPairTest : public NetTest, public ::testing::WithParamInterface<LinkKind> {
 protected:
  void SetUp() override {
    NetTest::SetUp();
    ListenOptions options = listenOn(GetParam().host);
    options.scheme = GetParam().scheme;
    server = std::make_unique<TestServer>(loop(), GetParam().tls() ? serverTls() : nullptr, options);
    connect = std::make_unique<TestConnect>(loop(), clientTls(testCertificate().certificatePem), connectTo(endpoint()));
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

  Endpoint endpoint() const {
    Endpoint endpoint = endpointTo(GetParam().host, server->port(), GetParam().tls());
    endpoint.scheme = GetParam().scheme;
    return endpoint;
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

  MemoryNetwork memory;
  std::unique_ptr<TestServer> server;
  std::unique_ptr<TestConnect> connect;
  std::shared_ptr<Peer> client;
  std::shared_ptr<Peer> accepted;
};

}  // namespace rtm::net::test
