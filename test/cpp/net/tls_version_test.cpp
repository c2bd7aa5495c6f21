// Protocol versions, ALPN, and servers or clients that do not speak TLS at all.
#include <openssl/ssl.h>

#include <string>

#include "net/raw_socket.hpp"
#include "net/support.hpp"

namespace rtm::net::test {
namespace {

class TlsVersionTest : public NetTest {
 protected:
  std::string protocolOf(bool serverAllows12, bool clientAllows12, int clientMost) {
    const auto served =
        TlsServerContext::create(testCertificate().certificatePem, testCertificate().keyPem, serverAllows12).value();
    TlsClientOptions options;
    options.systemCas = false;
    options.allowTls12 = clientAllows12;
    const auto trusting = TlsClientContext::create(options).value();
    if (clientMost != 0) SSL_CTX_set_max_proto_version(trusting->native(), clientMost);
    TestServer server(loop(), served);
    TestConnect connect(loop(), trusting,
                        connectTo(endpointTo("127.0.0.1", server.port(), true, served->fingerprint())));
    if (clientMost == TLS1_2_VERSION && !serverAllows12) {
      const Failure failure = connect.failure();
      EXPECT_EQ(failure.code, static_cast<int>(ConnectError::NotTls));
      return failure.message;
    }
    const auto peer = connect.peer();
    if (!peer) return "";
    const auto accepted = server.awaitPeer();
    run([&] { accepted->link->send(wire::Ping{1}); });
    EXPECT_TRUE(peer->awaitFrames(1));
    return run([&] { return peer->link->info().protocol; });
  }
};

TEST_F(TlsVersionTest, Tls13ByDefaultAnd12OnlyWhereBothAllowIt) {
  EXPECT_EQ(protocolOf(false, false, 0), "TLSv1.3");
  EXPECT_EQ(protocolOf(true, true, 0), "TLSv1.3");
  EXPECT_EQ(protocolOf(true, true, TLS1_2_VERSION), "TLSv1.2");
  EXPECT_NE(protocolOf(false, true, TLS1_2_VERSION).find("TLS"), std::string::npos);
}

TEST_F(TlsVersionTest, AClientThatOffersOnlyOtherProtocolsIsRefused) {
  TestServer server(loop(), serverTls());
  const auto trusting = clientTls();
  const unsigned char other[] = {2, 'h', '2'};
  SSL_CTX_set_alpn_protos(trusting->native(), other, sizeof(other));
  TestConnect connect(loop(), trusting,
                      connectTo(endpointTo("127.0.0.1", server.port(), true, serverTls()->fingerprint())));
  EXPECT_EQ(connect.failure().code, static_cast<int>(ConnectError::NotTls));
  EXPECT_FALSE(server.awaitRefused().empty());
}

TEST_F(TlsVersionTest, AClientThatOffersNoProtocolIsAccepted) {
  TestServer server(loop(), serverTls());
  const auto trusting = clientTls();
  SSL_CTX_set_alpn_protos(trusting->native(), nullptr, 0);
  TestConnect connect(loop(), trusting,
                      connectTo(endpointTo("127.0.0.1", server.port(), true, serverTls()->fingerprint())));
  EXPECT_TRUE(connect.peer());
}

TEST_F(TlsVersionTest, SomethingThatAnswersInPlaintextIsNotTls) {
  RawListener listener("127.0.0.1");
  TestConnect connect(loop(), clientTls(), connectTo(endpointTo("127.0.0.1", listener.port(), true)));
  RawSocket http = listener.accept();
  EXPECT_FALSE(http.receive().empty());
  http.send(asBytes("HTTP/1.1 400 Bad Request\r\n\r\n"));
  const Failure failure = connect.failure();
  EXPECT_EQ(failure.code, static_cast<int>(ConnectError::NotTls));
  EXPECT_NE(failure.message.find("TLS: "), std::string::npos) << failure.message;
}

TEST_F(TlsVersionTest, BothSidesReportATlsClientOnAPlaintextPort) {
  TestServer server(loop(), nullptr);
  TestConnect connect(loop(), clientTls(), connectTo(endpointTo("127.0.0.1", server.port(), true)));
  const Failure failure = connect.failure();
  EXPECT_EQ(failure.code, static_cast<int>(ConnectError::Unreachable));
  EXPECT_NE(failure.message.find("a plaintext port?"), std::string::npos) << failure.message;
  const auto end = server.awaitPeer()->awaitEnd();
  ASSERT_TRUE(end);
  EXPECT_NE(end->detail.find("is TLS"), std::string::npos) << end->detail;
}

TEST_F(TlsVersionTest, APlaintextClientOnATlsPortIsCutAndNamedInTheServersLog) {
  TestServer server(loop(), serverTls());
  TestConnect connect(loop(), clientTls(), connectTo(endpointTo("127.0.0.1", server.port(), false)));
  const auto peer = connect.peer();
  ASSERT_TRUE(peer);
  run([&] { EXPECT_TRUE(peer->link->send(wire::Hello{1, 0, "test"})); });
  EXPECT_TRUE(peer->awaitEnd());
  EXPECT_EQ(peer->frameCount(), 0u);
  EXPECT_NE(server.awaitRefused().find("TLS: "), std::string::npos) << server.awaitRefused();
  EXPECT_EQ(server.peerCount(), 0u);
}

}  // namespace
}  // namespace rtm::net::test
