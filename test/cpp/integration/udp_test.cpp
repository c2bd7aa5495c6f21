// Bots whose links go over UDP: alone, and beside TCP.

#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include "client/runtime/process.hpp"
#include "client/service_context.hpp"
#include "integration/bot.hpp"
#include "integration/server_and_bots.hpp"
#include "net/connect/parse_endpoint.hpp"
#include "net/transport/udp_servers.hpp"

namespace rtm::test {
namespace {

using namespace agora::rtm;  // NOLINT(google-build-using-namespace)

class UdpTest : public ServerAndBots {
 protected:
  void adjust(server::ServerOptions& options) override {
    options.udp = true;
    options.loops = 3;
    options.limits = server::Limits::off();
  }
  /// Nothing but UDP.
  std::string byUdp() const {
    return "rtmu://127.0.0.1:" + std::to_string(server->port()) + "#sha256=" + server->fingerprint();
  }
};

TEST_F(UdpTest, CarriesLoginAndMessagesOfBothWays) {
  Bot alice(kAppId, "alice", byUdp());
  Bot bob(kAppId, "bob", endpoint);
  alice.login();
  bob.login();
  alice.send("bob", "by UDP");
  bob.send("alice", "by TCP");
  EXPECT_TRUE(bob.diary.has("alice: by UDP")) << bob.diary.all();
  EXPECT_TRUE(alice.diary.has("bob: by TCP")) << alice.diary.all();
  EXPECT_TRUE(alice.diary.has("sent 0")) << alice.diary.all();
}

TEST_F(UdpTest, CarriesMoreThanAnyWindowOnceAndInOrder) {
  Bot alice(kAppId, "alice", byUdp());
  Bot bob(kAppId, "bob", byUdp());
  alice.login();
  bob.login();
  alice.sendLongMessages(bob, 200);
}

TEST_F(UdpTest, ManyBotsFindTheirLoops) {
  std::vector<std::unique_ptr<Bot>> bots;
  for (int i = 0; i < 30; ++i) {
    bots.push_back(std::make_unique<Bot>(kAppId, "bot" + std::to_string(i), byUdp()));
    bots.back()->login();
  }
  for (std::size_t i = 0; i < bots.size(); ++i) {
    const std::string next = "bot" + std::to_string((i + 1) % bots.size());
    bots[i]->send(next, "hello");
  }
  for (std::size_t i = 0; i < bots.size(); ++i) {
    Diary& diary = bots[(i + 1) % bots.size()]->diary;
    EXPECT_TRUE(diary.has("bot" + std::to_string(i) + ": hello")) << diary.all();
  }
}

TEST_F(UdpTest, IsFoundBesideADeadTcpPort) {
  // The port of TCP takes connections and never says a word; that of UDP is the server's.
  const int mute = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  ASSERT_EQ(::bind(mute, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(mute, 4), 0);
  ASSERT_EQ(::getsockname(mute, reinterpret_cast<sockaddr*>(&address), &size), 0);
  Bot alice(kAppId, "alice",
            "rtms://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "#sha256=" + server->fingerprint() +
                "&udp=" + std::to_string(server->port()));
  alice.login();
  ::close(mute);
}

TEST_F(UdpTest, AServerSaysWhereItTakesUdp) {
  Bot alice(kAppId, "alice", endpoint);
  alice.login();
  auto tls = client::Process::tlsContext({});
  ASSERT_TRUE(tls.ok());
  const auto known = tls.value()->udpServers().find(net::parseEndpoint(endpoint).value());
  ASSERT_TRUE(known.has_value());
  EXPECT_EQ(known->port, server->port());
  EXPECT_FALSE(known->token.empty());
  // With the token of TCP a login by UDP needs no RETRY, and gets a new token.
  Bot bob(kAppId, "bob", byUdp());
  bob.login();
  EXPECT_TRUE(tls.value()->udpServers().find(net::parseEndpoint(byUdp()).value()).has_value());
}

TEST_F(UdpTest, AProcessThatAsksForTcpSendsNoDatagram) {
  const int watch = ::socket(AF_INET, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  ASSERT_EQ(::bind(watch, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::getsockname(watch, reinterpret_cast<sockaddr*>(&address), &size), 0);
  ASSERT_TRUE(client::setServiceContext({.tcpOnly = true}));
  {
    // Nobody answers by TCP, so the search lasts longer than the delay of UDP.
    Bot alice(kAppId, "alice", "rtms://127.0.0.1:1#udp=" + std::to_string(ntohs(address.sin_port)),
              R"({"login_ms":900})");
    ASSERT_EQ(alice.service->login("", "alice"), 0);
    EXPECT_TRUE(alice.diary.has("login failed 9")) << alice.diary.all();
  }
  char byte = 0;
  EXPECT_EQ(::recv(watch, &byte, 1, 0), -1) << "a datagram came";
  EXPECT_TRUE(client::setServiceContext({}));
  ::close(watch);
}

TEST_F(UdpTest, APortThatSomebodyElseHasIsRefused) {
  server::ServerOptions options;
  options.host = "127.0.0.1";
  options.port = server->port();
  options.schemes = {"rtmu"};
  options.loops = 2;
  options.apps = {{.appId = kAppId, .certificates = {}}};
  const auto second = server::Server::start(std::move(options));
  ASSERT_FALSE(second.ok());
  EXPECT_NE(second.failure().message.find("by UDP"), std::string::npos) << second.failure().message;
}

}  // namespace
}  // namespace rtm::test
