// Which servers a client trusts, and its errors about other servers.
#include <fstream>
#include <string>

#include "net/certificates.hpp"
#include "net/raw_socket.hpp"
#include "net/resolve/resolver.hpp"
#include "net/support.hpp"
#include "net/transport/tls/tls_layer.hpp"
#include "net/transport/tls/tls_tickets.hpp"

namespace rtm::net::test {
namespace {

std::shared_ptr<TlsServerContext> contextOf(const SelfSignedCertificate& identity, const std::string& issuers = "") {
  return TlsServerContext::create(identity.certificatePem + issuers, identity.keyPem).value();
}

class TrustTest : public NetTest {
 protected:
  void SetUp() override {
    NetTest::SetUp();
    run([&] {
      loop().local<Resolver>().setLookup([](const std::string&, Family family) -> Resolver::Answer {
        if (family == Family::V6) return std::vector<SocketAddress>();
        return std::vector<SocketAddress>{SocketAddress::parse("127.0.0.1", 0).value()};
      });
    });
  }

  void expectConnects(const std::shared_ptr<TlsServerContext>& served, std::shared_ptr<TlsClientContext> trusting,
                      const std::string& host, const std::string& pin = "") {
    TestServer server(loop(), served);
    TestConnect connect(loop(), std::move(trusting), connectTo(endpointTo(host, server.port(), true, pin)));
    EXPECT_TRUE(connect.peer()) << host;
  }

  std::string expectUntrusted(const std::shared_ptr<TlsServerContext>& served,
                              std::shared_ptr<TlsClientContext> trusting, const std::string& host,
                              const std::string& pin = "") {
    TestServer server(loop(), served);
    TestConnect connect(loop(), std::move(trusting), connectTo(endpointTo(host, server.port(), true, pin)));
    const Failure failure = connect.failure();
    EXPECT_EQ(failure.code, static_cast<int>(ConnectError::Untrusted)) << failure.message;
    // The server never takes the client for connected, and hears why.
    EXPECT_NE(server.awaitRefused().find("alert"), std::string::npos) << server.awaitRefused();
    EXPECT_EQ(server.peerCount(), 0u);
    return failure.message;
  }

  const std::string kOtherPin = std::string(64, '0');
};

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_F(TrustTest, ThePinnedCertificateIsTrustedWithoutAnyCa) {
  const auto served = serverTls();
  expectConnects(served, clientTls(), "127.0.0.1", served->fingerprint());
  expectConnects(served, clientTls(), "some.other.name", served->fingerprint());
}

TEST_F(TrustTest, ACertificateOtherThanThePinnedOneIsRefused) {
  const auto served = serverTls();
  const std::string message =
      expectUntrusted(served, clientTls(testCertificate().certificatePem), "localhost", kOtherPin);
  EXPECT_TRUE(contains(message, "not the pinned one, sha256=" + kOtherPin)) << message;
  EXPECT_TRUE(contains(message, "it showed sha256=" + served->fingerprint())) << message;
}

TEST_F(TrustTest, APinStandsForDatesToo) {
  const auto expired = contextOf(make({"old", {"localhost"}, -20, -10}));
  expectConnects(expired, clientTls(), "localhost", expired->fingerprint());
}

TEST_F(TrustTest, WithoutAPinTheNameMustStandInTheCertificate) {
  const auto served = serverTls();
  const auto trusting = clientTls(testCertificate().certificatePem);
  expectConnects(served, trusting, "rtm.test");
  expectConnects(served, trusting, "127.0.0.1");
  EXPECT_TRUE(contains(expectUntrusted(served, trusting, "evil.test"), "the certificate is not for evil.test"));
  EXPECT_TRUE(contains(expectUntrusted(served, trusting, "rtm.test.evil.test"), "is not for"));

  const auto named = make({"localhost", {"localhost"}});
  EXPECT_TRUE(contains(expectUntrusted(contextOf(named), clientTls(named.certificatePem), "127.0.0.1"), "is not for"));
}

TEST_F(TrustTest, TheCommonNameNamesNoHost) {
  const auto addressed = make({"rtm.test", {"127.0.0.1"}});
  const auto trusting = clientTls(addressed.certificatePem);
  expectConnects(contextOf(addressed), trusting, "127.0.0.1");
  EXPECT_TRUE(contains(expectUntrusted(contextOf(addressed), trusting, "rtm.test"), "not for rtm.test"));
  const auto old = make({"rtm.test", {}});
  EXPECT_TRUE(contains(expectUntrusted(contextOf(old), clientTls(old.certificatePem), "rtm.test"), "not for rtm.test"));
}

TEST_F(TrustTest, ExpiredAndNotYetValidAreRefused) {
  const auto expired = make({"x", {"localhost"}, -20, -10});
  EXPECT_TRUE(contains(expectUntrusted(contextOf(expired), clientTls(expired.certificatePem), "localhost"),
                       "certificate has expired"));
  const auto early = make({"x", {"localhost"}, 10, 20});
  EXPECT_TRUE(contains(expectUntrusted(contextOf(early), clientTls(early.certificatePem), "localhost"),
                       "certificate is not yet valid"));
}

TEST_F(TrustTest, AnUnknownIssuerIsRefused) {
  const std::string message = expectUntrusted(serverTls(), clientTls(), "localhost");
  EXPECT_TRUE(contains(message, "self-signed") || contains(message, "self signed")) << message;
  const auto root = make({"root", {}, -10, 10, true});
  const auto leaf = make({"leaf", {"localhost"}, -10, 10, false, &root});
  EXPECT_TRUE(contains(expectUntrusted(contextOf(leaf), clientTls(), "localhost"), "issuer"));
}

TEST_F(TrustTest, AChainThroughAnIntermediateToATrustedRootIsTrusted) {
  const auto root = make({"root", {}, -10, 10, true});
  const auto middle = make({"middle", {}, -10, 10, true, &root});
  const auto leaf = make({"leaf", {"localhost"}, -10, 10, false, &middle});
  expectConnects(contextOf(leaf, middle.certificatePem), clientTls(root.certificatePem), "localhost");
  expectUntrusted(contextOf(leaf), clientTls(root.certificatePem), "localhost");
}

TEST_F(TrustTest, CasComeFromAFileAsWell) {
  const std::string path = ::testing::TempDir() + "rtm-trust-test-ca.pem";
  std::ofstream(path) << testCertificate().certificatePem;
  TlsClientOptions options;
  options.systemCas = false;
  options.caFile = path;
  const auto trusting = TlsClientContext::create(options);
  std::remove(path.c_str());
  ASSERT_TRUE(trusting) << trusting.failure().message;
  expectConnects(serverTls(), trusting.value(), "localhost");

  options.caFile = path;  // it is gone
  const auto missing = TlsClientContext::create(options);
  ASSERT_FALSE(missing);
  EXPECT_TRUE(contains(missing.failure().message, path)) << missing.failure().message;
}

TEST_F(TrustTest, SystemCasLoadAndDoNotCoverOurServer) {
  const auto trusting = TlsClientContext::create({});
  ASSERT_TRUE(trusting) << trusting.failure().message;
  expectUntrusted(serverTls(), trusting.value(), "localhost");
}

TEST_F(TrustTest, ASecondConnectResumesTheFirst) {
  TestServer server(loop(), serverTls());
  const auto trusting = clientTls();
  const auto options = connectTo(endpointTo("localhost", server.port(), true, serverTls()->fingerprint()));
  std::size_t connections = 0;
  for (const bool resumed : {false, true, true}) {
    TestConnect connect(loop(), trusting, options);
    const auto peer = connect.peer();
    ASSERT_TRUE(peer);
    run([&] { EXPECT_EQ(peer->link->info().resumed, resumed); });
    // The ticket comes after the handshake; one frame from the server shows that it has been read.
    const auto accepted = server.awaitPeer(connections++);
    ASSERT_TRUE(accepted);
    run([&] { EXPECT_TRUE(accepted->link->send(wire::Ping{1})); });
    ASSERT_TRUE(peer->awaitFrames(1));
    letGo(loop(), *peer);  // a cut connection must not spoil the ticket
  }
}

TEST_F(TrustTest, ATicketIsOnlyOfferedUnderTheSamePin) {
  TestServer server(loop(), serverTls());
  const auto trusting = clientTls(testCertificate().certificatePem);
  const auto port = server.port();
  std::size_t connections = 0;
  const auto resumes = [&](const std::string& pin) {
    TestConnect connect(loop(), trusting, connectTo(endpointTo("localhost", port, true, pin)));
    const auto peer = connect.peer();
    if (!peer) return false;
    const auto accepted = server.awaitPeer(connections++);
    run([&] { accepted->link->send(wire::Ping{1}); });
    EXPECT_TRUE(peer->awaitFrames(1));
    return run([&] { return peer->link->info().resumed; });
  };
  EXPECT_FALSE(resumes(""));
  EXPECT_TRUE(resumes(""));
  EXPECT_FALSE(resumes(serverTls()->fingerprint()));
  EXPECT_TRUE(resumes(serverTls()->fingerprint()));
  TestConnect connect(loop(), trusting, connectTo(endpointTo("localhost", port, true, kOtherPin)));
  EXPECT_EQ(connect.failure().code, static_cast<int>(ConnectError::Untrusted));
}

TEST_F(TrustTest, AResumedHandshakeDoesNotGetAroundThePin) {
  TestServer server(loop(), serverTls());
  const auto trusting = clientTls();
  const std::string host = "localhost:" + std::to_string(server.port()) + "#";
  {
    TestConnect connect(loop(), trusting,
                        connectTo(endpointTo("localhost", server.port(), true, serverTls()->fingerprint())));
    const auto peer = connect.peer();
    ASSERT_TRUE(peer);
    const auto accepted = server.awaitPeer();
    run([&] { accepted->link->send(wire::Ping{1}); });
    ASSERT_TRUE(peer->awaitFrames(1));
  }
  // Even if a ticket came under the wrong key by some mistake.
  auto* ticket = trusting->tickets().get(host + serverTls()->fingerprint());
  ASSERT_NE(ticket, nullptr);
  trusting->tickets().put(host + kOtherPin, ticket);
  TestConnect connect(loop(), trusting, connectTo(endpointTo("localhost", server.port(), true, kOtherPin)));
  const Failure failure = connect.failure();
  EXPECT_EQ(failure.code, static_cast<int>(ConnectError::Untrusted));
  EXPECT_TRUE(contains(failure.message, "not the pinned one")) << failure.message;
  EXPECT_EQ(trusting->tickets().get(host + kOtherPin), nullptr);
}

TEST_F(TrustTest, AReloadedCertificateIsUsedAtOnceEvenForClientsWithTickets) {
  const auto served = serverTls();
  TestServer server(loop(), served);
  const auto trusting = clientTls();
  const std::string oldPin = served->fingerprint();
  const auto options = connectTo(endpointTo("localhost", server.port(), true, oldPin));
  {
    TestConnect connect(loop(), trusting, options);
    const auto peer = connect.peer();
    ASSERT_TRUE(peer);
    const auto accepted = server.awaitPeer();
    run([&] { accepted->link->send(wire::Ping{1}); });
    ASSERT_TRUE(peer->awaitFrames(1));
  }
  ASSERT_FALSE(served->reload("nonsense", "nonsense"));
  EXPECT_EQ(served->fingerprint(), oldPin);
  const auto next = make({"next", {"localhost"}});
  ASSERT_TRUE(served->reload(next.certificatePem, next.keyPem));
  EXPECT_NE(served->fingerprint(), oldPin);
  TestConnect old(loop(), trusting, options);
  EXPECT_EQ(old.failure().code, static_cast<int>(ConnectError::Untrusted));
  TestConnect fresh(loop(), trusting, connectTo(endpointTo("localhost", server.port(), true, served->fingerprint())));
  EXPECT_TRUE(fresh.peer());
}

TEST_F(TrustTest, BadCertificatesAndKeysAreRefusedWithAReason) {
  const auto good = make({"good", {"localhost"}});
  const auto other = make({"other", {"localhost"}});
  struct Bad {
    std::string certificate;
    std::string key;
    std::string problem;
  };
  const std::vector<Bad> table = {
      {"", good.keyPem, "cannot read the server's certificate"},
      {"garbage", good.keyPem, "cannot read the server's certificate"},
      {good.certificatePem, "", "cannot read the server's private key"},
      {good.certificatePem, good.keyPem.substr(0, 80), "cannot read the server's private key"},
      {good.certificatePem, withPassphrase(good.keyPem), "without a passphrase"},
      {good.certificatePem, other.keyPem, "does not belong to the certificate"},
  };
  for (const Bad& bad : table) {
    const auto context = TlsServerContext::create(bad.certificate, bad.key);
    ASSERT_FALSE(context) << bad.problem;
    EXPECT_TRUE(contains(context.failure().message, bad.problem)) << context.failure().message;
  }
  TlsClientOptions options;
  options.caPem = "garbage";
  EXPECT_FALSE(TlsClientContext::create(options));
}

TEST_F(TrustTest, SelfSignedCertificatesAreMadeForNamesAndAddresses) {
  const auto made = makeSelfSignedCertificate({"localhost", "::1", "10.0.0.1"}, 1);
  ASSERT_TRUE(made) << made.failure().message;
  EXPECT_NE(made.value().certificatePem, makeSelfSignedCertificate({"localhost"}, 1).value().certificatePem);
  EXPECT_EQ(contextOf(made.value())->fingerprint().size(), 64u);
  for (const auto& hosts : std::vector<std::vector<std::string>>{{}, {""}, {"a,DNS:b"}, {"a b"}}) {
    EXPECT_FALSE(makeSelfSignedCertificate(hosts, 1));
  }
  EXPECT_FALSE(makeSelfSignedCertificate({"a"}, 0));
  EXPECT_FALSE(makeSelfSignedCertificate({"a"}, -1));
}

}  // namespace
}  // namespace rtm::net::test
