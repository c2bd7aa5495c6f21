// What a handshake leaves to the datagrams after it: two TLS layers in memory, without sockets.
#include <gtest/gtest.h>
#include <openssl/ssl.h>

#include <array>
#include <memory>
#include <string>
#include <utility>

#include "base/hex.hpp"
#include "net/datagram/datagram_keys.hpp"
#include "net/support.hpp"
#include "net/transport/tls/tls_layer.hpp"

namespace rtm::net::test {
namespace {

/// Both ends of one handshake.
class Handshake {
 public:
  Handshake(const TlsServerContext& server, std::shared_ptr<TlsClientContext> client)
      : client_(TlsLayer::client(std::move(client), endpointTo("127.0.0.1", 9136, true, server.fingerprint()))),
        server_(TlsLayer::server(server)) {}

  bool done() {
    for (int flight = 0; flight < 4 && !(clientDone_ && serverDone_); ++flight) {
      clientDone_ = step(*client_, toClient_, toServer_);
      serverDone_ = step(*server_, toServer_, toClient_);
    }
    return clientDone_ && serverDone_;
  }
  /// Tickets come behind the server's last flight.
  void takeTicket() {
    std::array<std::uint8_t, 16> into{};
    std::size_t count = 0;
    client_->feed(toClient_);
    EXPECT_EQ(client_->read(into, count, toServer_), TlsLayer::Status::NeedsMore);
    toClient_.clear();
  }
  TlsLayer& client() { return *client_; }
  TlsLayer& server() { return *server_; }

 private:
  static bool step(TlsLayer& layer, Bytes& in, Bytes& out) {
    layer.feed(in);
    const bool done = layer.handshake(out) == TlsLayer::Status::Ok;
    in.clear();
    layer.feed({});
    return done;
  }

  std::unique_ptr<TlsLayer> client_;
  std::unique_ptr<TlsLayer> server_;
  Bytes toClient_;
  Bytes toServer_;
  bool clientDone_ = false;
  bool serverDone_ = false;
};

class DatagramSecretsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    server_ = TlsServerContext::create(testCertificate().certificatePem, testCertificate().keyPem, true).value();
  }
  std::shared_ptr<TlsClientContext> client() const {
    TlsClientOptions options;
    options.systemCas = false;
    options.allowTls12 = true;
    return TlsClientContext::create(options).value();
  }
  std::shared_ptr<TlsServerContext> server_;
};

TEST_F(DatagramSecretsTest, AreTheSameOnBothSidesAndDifferForDirectionsAndHandshakes) {
  const auto trusting = client();
  Handshake first(*server_, trusting);
  ASSERT_TRUE(first.done());
  const auto ofClient = DatagramSecrets::of(first.client());
  const auto ofServer = DatagramSecrets::of(first.server());
  ASSERT_TRUE(ofClient && ofServer);
  EXPECT_EQ(ofClient->aead, Aead::Aes128Gcm);
  EXPECT_EQ(ofServer->aead, Aead::Aes128Gcm);
  EXPECT_EQ(toHex(ofClient->ofClient.bytes), toHex(ofServer->ofClient.bytes));
  EXPECT_EQ(toHex(ofClient->ofServer.bytes), toHex(ofServer->ofServer.bytes));
  EXPECT_NE(toHex(ofClient->ofClient.bytes), toHex(ofClient->ofServer.bytes));

  Handshake second(*server_, trusting);
  ASSERT_TRUE(second.done());
  const auto ofSecond = DatagramSecrets::of(second.client());
  ASSERT_TRUE(ofSecond);
  EXPECT_NE(toHex(ofSecond->ofClient.bytes), toHex(ofClient->ofClient.bytes));
}

TEST_F(DatagramSecretsTest, DifferThoughATicketShortensTheHandshake) {
  const auto trusting = client();
  std::string earlier;
  for (const bool resumed : {false, true}) {
    Handshake handshake(*server_, trusting);
    ASSERT_TRUE(handshake.done());
    EXPECT_EQ(handshake.client().resumed(), resumed);
    const auto secrets = DatagramSecrets::of(handshake.client());
    ASSERT_TRUE(secrets);
    EXPECT_EQ(toHex(secrets->ofClient.bytes), toHex(DatagramSecrets::of(handshake.server())->ofClient.bytes));
    EXPECT_NE(toHex(secrets->ofClient.bytes), earlier);
    earlier = toHex(secrets->ofClient.bytes);
    handshake.takeTicket();
  }
}

TEST_F(DatagramSecretsTest, FollowTheCipherThatTlsChose) {
  struct Suite {
    const char* name;
    Aead aead;
  };
  const Suite suites[] = {{"TLS_AES_128_GCM_SHA256", Aead::Aes128Gcm},
                          {"TLS_AES_256_GCM_SHA384", Aead::Aes256Gcm},
                          {"TLS_CHACHA20_POLY1305_SHA256", Aead::ChaCha20Poly1305}};
  for (const Suite& suite : suites) {
    const auto trusting = client();
    SSL_CTX_set_ciphersuites(trusting->native(), suite.name);
    Handshake handshake(*server_, trusting);
    ASSERT_TRUE(handshake.done());
    const auto secrets = DatagramSecrets::of(handshake.client());
    ASSERT_TRUE(secrets);
    EXPECT_EQ(secrets->aead, suite.aead) << suite.name;
  }
}

TEST_F(DatagramSecretsTest, DoNotExistBeforeTheEndOfTheHandshake) {
  Handshake handshake(*server_, client());
  EXPECT_FALSE(DatagramSecrets::of(handshake.client()));
  EXPECT_FALSE(DatagramSecrets::of(handshake.server()));
  // The server has sent all that it has to say, and waits for the client's Finished.
  Bytes hello;
  Bytes answer;
  ASSERT_EQ(handshake.client().handshake(hello), TlsLayer::Status::NeedsMore);
  handshake.server().feed(hello);
  ASSERT_EQ(handshake.server().handshake(answer), TlsLayer::Status::NeedsMore);
  EXPECT_FALSE(DatagramSecrets::of(handshake.server()));
}

TEST_F(DatagramSecretsTest, DoNotExistBelowTls13) {
  const auto trusting = client();
  SSL_CTX_set_max_proto_version(trusting->native(), TLS1_2_VERSION);
  Handshake handshake(*server_, trusting);
  ASSERT_TRUE(handshake.done());
  EXPECT_EQ(handshake.client().protocol(), "TLSv1.2");
  EXPECT_FALSE(DatagramSecrets::of(handshake.client()));
  EXPECT_FALSE(DatagramSecrets::of(handshake.server()));
}

}  // namespace
}  // namespace rtm::net::test
