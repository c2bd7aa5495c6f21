#include "net/connect/connector.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <string>
#include <vector>

#include "net/raw_socket.hpp"
#include "net/resolve/resolver.hpp"
#include "net/support.hpp"

namespace rtm::net::test {
namespace {

using Clock = std::chrono::steady_clock;

/// Addresses of a host by family; a family without an entry has no address.
struct FakeHost {
  std::vector<std::string> v6;
  std::vector<std::string> v4;
  std::chrono::milliseconds v6Delay{0};
  std::chrono::milliseconds v4Delay{0};
};

class ConnectorTest : public NetTest {
 protected:
  void resolveTo(std::map<std::string, FakeHost> hosts) {
    run([&] {
      loop().local<Resolver>().setLookup([hosts](const std::string& host, Family family) -> Resolver::Answer {
        const auto known = hosts.find(host);
        if (known == hosts.end()) return Failure{-2, "no such name"};
        const bool isV6 = family == Family::V6;
        std::this_thread::sleep_for(isV6 ? known->second.v6Delay : known->second.v4Delay);
        std::vector<SocketAddress> addresses;
        for (const std::string& literal : isV6 ? known->second.v6 : known->second.v4) {
          addresses.push_back(SocketAddress::parse(literal, 0).value());
        }
        if (addresses.empty()) return Failure{-5, "no address of this family"};
        return addresses;
      });
    });
  }
  static Endpoint pinned(const std::string& host, std::uint16_t port) {
    return endpointTo(host, port, true, serverTls()->fingerprint());
  }
  /// Connects, and says to which address and how long it took.
  std::string winner(ConnectOptions options, std::chrono::milliseconds* took = nullptr) {
    const auto begin = Clock::now();
    TestConnect connect(loop(), clientTls(), std::move(options));
    const auto peer = connect.peer();
    if (took != nullptr) *took = std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now() - begin);
    return peer ? run([&] { return peer->link->remoteAddress(); }) : "";
  }
  /// With this delay the next attempt starts because the last one failed, or not at all, so that the test does not
  /// depend on the speed of the machine.
  static ConnectOptions withoutDelay(ConnectOptions options) {
    options.attemptDelayMs = kOutOfReachMs;
    options.attemptTimeoutMs = kOutOfReachMs;
    return options;
  }
  /// With this timeout only the delay starts the next attempt.
  static ConnectOptions withoutTimeout(ConnectOptions options) {
    options.attemptTimeoutMs = kOutOfReachMs;
    return options;
  }
  static constexpr std::uint64_t kOutOfReachMs = 60'000;

  static std::string at(const std::string& host, std::uint16_t port) { return host + ":" + std::to_string(port); }
};

TEST_F(ConnectorTest, PrefersIpv6OfADualStackName) {
  TestServer server(loop(), serverTls(), listenOn("::"));
  resolveTo({{"dual", {{"::1"}, {"127.0.0.1"}}}});
  EXPECT_EQ(winner(withoutDelay(connectTo(pinned("dual", server.port())))), at("[::1]", server.port()));
}

TEST_F(ConnectorTest, WithoutDatagramsAnEndpointOfUdpAloneIsNone) {
  ListenOptions listening = listenOn("127.0.0.1");
  listening.scheme = kUdpScheme;
  TestServer server(loop(), serverTls(), listening);
  ConnectOptions options = connectTo(pinned("127.0.0.1", server.port()));
  options.endpoints[0].scheme = kUdpScheme;
  EXPECT_EQ(winner(options), at("127.0.0.1", server.port()));
  options.datagrams = false;
  TestConnect connect(loop(), clientTls(), options);
  EXPECT_EQ(connect.failure().code, static_cast<int>(ConnectError::NoEndpoint));
}

TEST_F(ConnectorTest, OneFamilyAloneIsEnough) {
  TestServer server(loop(), serverTls(), listenOn("::"));
  resolveTo({{"only4", {{}, {"127.0.0.1"}}}, {"only6", {{"::1"}, {}}}});
  EXPECT_EQ(winner(connectTo(pinned("only4", server.port()))), at("127.0.0.1", server.port()));
  EXPECT_EQ(winner(connectTo(pinned("only6", server.port()))), at("[::1]", server.port()));
}

TEST_F(ConnectorTest, ADeadLookupOfOneFamilyDoesNotDelayTheOther) {
  TestServer server(loop(), serverTls(), listenOn("::"));
  const std::chrono::seconds kLong(20);  // longer than winner() waits
  resolveTo({{"dead6", {{"::1"}, {"127.0.0.1"}, kLong, {}}}, {"dead4", {{"::1"}, {"127.0.0.1"}, {}, kLong}}});
  ConnectOptions options = connectTo(pinned("dead6", server.port()));
  options.resolveTimeoutMs = kOutOfReachMs;
  EXPECT_EQ(winner(options), at("127.0.0.1", server.port()));
  options.endpoints = {pinned("dead4", server.port())};
  EXPECT_EQ(winner(options), at("[::1]", server.port()));
}

TEST_F(ConnectorTest, ABlackHoleCostsOneAttemptDelay) {
  const RawListener hole("::1", RawListener::Mode::Blackhole);
  ListenOptions options = listenOn("127.0.0.1");
  options.port = hole.port();
  TestServer server(loop(), serverTls(), options);
  resolveTo({{"dual", {{"::1"}, {"127.0.0.1"}}}});
  std::chrono::milliseconds took{};
  EXPECT_EQ(winner(connectTo(pinned("dual", server.port())), &took), at("127.0.0.1", server.port()));
  EXPECT_GE(took, std::chrono::milliseconds(240));
  EXPECT_LT(took, std::chrono::milliseconds(4000));  // far below what giving up the hole takes
  EXPECT_TRUE(awaitAtMostSockets(1));  // the loser was cancelled; the accepted side may or may not have ended by now
}

TEST_F(ConnectorTest, AServerThatAcceptsButNeverShakesHandsCostsOneAttemptDelay) {
  const RawListener mute("::1");
  TestServer server(loop(), serverTls(), [&] {
    ListenOptions options = listenOn("127.0.0.1");
    options.port = mute.port();
    return options;
  }());
  resolveTo({{"dual", {{"::1"}, {"127.0.0.1"}}}});
  EXPECT_EQ(winner(withoutTimeout(connectTo(pinned("dual", server.port())))), at("127.0.0.1", server.port()));
}

TEST_F(ConnectorTest, ARefusingAddressCostsNothing) {
  TestServer server(loop(), serverTls());  // IPv4 only: the IPv6 port refuses
  resolveTo({{"dual", {{"::1"}, {"127.0.0.1"}}}});
  EXPECT_EQ(winner(withoutDelay(connectTo(pinned("dual", server.port())))), at("127.0.0.1", server.port()));
}

TEST_F(ConnectorTest, TheNextEndpointIsTriedWhenTheFirstIsUntrustedDeadOrUnknown) {
  TestServer good(loop(), serverTls());
  const RawListener hole("127.0.0.1", RawListener::Mode::Blackhole);
  TestServer plain(loop(), nullptr);
  resolveTo({});
  for (const Endpoint& first :
       {endpointTo("127.0.0.1", good.port(), true, std::string(64, '0')), pinned("127.0.0.1", hole.port()),
        pinned("unknown", 1), pinned("127.0.0.1", plain.port())}) {
    ConnectOptions options;
    options.endpoints = {first, pinned("127.0.0.1", good.port())};
    EXPECT_EQ(winner(options), at("127.0.0.1", good.port()));
  }
}

TEST_F(ConnectorTest, PlaintextIsOnlySpokenToAPlaintextEndpoint) {
  TestServer plain(loop(), nullptr);
  EXPECT_EQ(winner(connectTo(endpointTo("127.0.0.1", plain.port(), false))), at("127.0.0.1", plain.port()));
}

TEST_F(ConnectorTest, FailuresNameEachAttemptOnALine) {
  std::uint16_t refusing = 0;
  {
    const RawListener closed("127.0.0.1");
    refusing = closed.port();
  }
  const RawListener hole("127.0.0.1", RawListener::Mode::Blackhole);
  resolveTo({});
  ConnectOptions options;
  options.attemptTimeoutMs = 300;
  options.endpoints = {pinned("127.0.0.1", refusing), pinned("unknown", 1), pinned("127.0.0.1", hole.port())};
  TestConnect connect(loop(), clientTls(), options);
  const Failure failure = connect.failure();
  EXPECT_EQ(failure.code, static_cast<int>(ConnectError::Unreachable));
  EXPECT_NE(failure.message.find(at("127.0.0.1", refusing) + ": connection refused ("), std::string::npos)
      << failure.message;
  EXPECT_NE(failure.message.find("unknown:1 (IPv6): no such name ("), std::string::npos) << failure.message;
  EXPECT_NE(failure.message.find(at("127.0.0.1", hole.port()) + ": no connection within 300 ms ("), std::string::npos)
      << failure.message;
  EXPECT_TRUE(awaitSockets(0));
}

TEST_F(ConnectorTest, ReportsTheLastStepOfEachAttemptAndTheWinner) {
  TestServer server(loop(), serverTls());
  std::uint16_t refusing = 0;
  {
    const RawListener closed("127.0.0.1");
    refusing = closed.port();
  }
  const RawListener mute("127.0.0.1");
  resolveTo({});
  ConnectOptions options;
  options.attemptTimeoutMs = kOutOfReachMs;
  options.endpoints = {pinned("127.0.0.1", refusing), pinned("unknown", 1), pinned("127.0.0.1", mute.port()),
                       endpointTo("127.0.0.1", server.port(), true, std::string(64, '0')),
                       pinned("127.0.0.1", server.port())};
  std::vector<std::string> lost;
  options.onLost = [&](const ConnectAttempt& attempt, const std::string& result) {
    lost.push_back(attempt.line(attempt.startedMs + 7, result));
  };
  ConnectAttempt won;
  std::promise<void> done;
  std::unique_ptr<Connector> connector;
  run([&] {
    connector = std::make_unique<Connector>(loop(), clientTls(), options, [&](Result<LinkHandle> result) {
      EXPECT_TRUE(result.ok());
      won = connector->winner();
      done.set_value();
    });
    connector->start();
  });
  ASSERT_EQ(done.get_future().wait_for(kDeadline), std::future_status::ready);
  run([&] { connector.reset(); });
  EXPECT_EQ(won.endpoint, 4U);
  EXPECT_EQ(won.where(), at("127.0.0.1", server.port()));
  const auto told = [&](const std::string& line) {
    return std::count_if(lost.begin(), lost.end(), [&](const std::string& each) { return each.starts_with(line); });
  };
  const std::string all = ::testing::PrintToString(lost);
  EXPECT_EQ(lost.size(), 5U) << all;
  EXPECT_EQ(told(at("127.0.0.1", refusing) + " (IPv4), TCP, 7 ms: connection refused"), 1) << all;
  EXPECT_EQ(told("unknown:1 (IPv6), lookup, 7 ms: no such name"), 1) << all;
  EXPECT_EQ(told("unknown:1 (IPv4), lookup, 7 ms: no such name"), 1) << all;
  EXPECT_EQ(told(at("127.0.0.1", mute.port()) + " (IPv4), TLS, 7 ms: given up, " + won.address + " was faster"), 1)
      << all;
  EXPECT_EQ(told(at("127.0.0.1", server.port()) + " (IPv4), TLS, 7 ms: TLS: "), 1) << all;
}

TEST_F(ConnectorTest, ReportsUntrustedBeforeOtherFailures) {
  TestServer server(loop(), serverTls());
  std::uint16_t refusing = 0;
  {
    const RawListener closed("127.0.0.1");
    refusing = closed.port();
  }
  ConnectOptions options;
  options.endpoints = {endpointTo("127.0.0.1", server.port(), true, std::string(64, '0')),
                       pinned("127.0.0.1", refusing)};
  TestConnect connect(loop(), clientTls(), options);
  EXPECT_EQ(connect.failure().code, static_cast<int>(ConnectError::Untrusted));
}

TEST_F(ConnectorTest, UnresolvedAndEmptyListsFailLaterNotInsideStart) {
  resolveTo({});
  for (const bool empty : {true, false}) {
    ConnectOptions options;
    if (!empty) options.endpoints = {pinned("unknown", 1)};
    bool inStart = false;
    std::promise<int> code;
    std::unique_ptr<Connector> connector;
    run([&] {
      connector = std::make_unique<Connector>(loop(), clientTls(), options, [&](Result<LinkHandle> result) {
        EXPECT_FALSE(inStart);
        connector.reset();  // allowed inside the callback
        code.set_value(result.failure().code);
      });
      inStart = true;
      connector->start();
      inStart = false;
    });
    auto future = code.get_future();
    ASSERT_EQ(future.wait_for(kDeadline), std::future_status::ready);
    EXPECT_EQ(future.get(), static_cast<int>(empty ? ConnectError::NoEndpoint : ConnectError::Unresolved));
  }
}

TEST_F(ConnectorTest, ADeadNameServerIsAFailureInTime) {
  resolveTo({{"dead", {{"::1"}, {"127.0.0.1"}, std::chrono::seconds(20), std::chrono::seconds(20)}}});
  ConnectOptions options = connectTo(pinned("dead", 1));
  options.resolveTimeoutMs = 100;
  TestConnect connect(loop(), clientTls(), options);
  const Failure failure = connect.failure();
  EXPECT_EQ(failure.code, static_cast<int>(ConnectError::Unresolved));
  EXPECT_NE(failure.message.find("did not answer in time"), std::string::npos) << failure.message;
}

TEST_F(ConnectorTest, CanBeCancelledAtEachStage) {
  TestServer server(loop(), serverTls());
  const RawListener hole("127.0.0.1", RawListener::Mode::Blackhole);
  const RawListener mute("127.0.0.1");
  resolveTo({{"slow", {{"::1"}, {"127.0.0.1"}, std::chrono::milliseconds(300), std::chrono::milliseconds(300)}}});
  const std::vector<std::pair<Endpoint, std::chrono::milliseconds>> stages = {
      {pinned("127.0.0.1", server.port()), std::chrono::milliseconds(0)},  // right after start()
      {pinned("slow", server.port()), std::chrono::milliseconds(50)},      // resolving
      {pinned("127.0.0.1", hole.port()), std::chrono::milliseconds(50)},   // TCP
      {pinned("127.0.0.1", mute.port()), std::chrono::milliseconds(50)},   // TLS
  };
  for (const auto& stage : stages) {
    const Endpoint& endpoint = stage.first;
    const std::chrono::milliseconds wait = stage.second;
    bool called = false;
    std::unique_ptr<Connector> connector;
    run([&] {
      connector = std::make_unique<Connector>(loop(), clientTls(), connectTo(endpoint),
                                              [&](Result<LinkHandle>) { called = true; });
      connector->start();
      if (wait.count() == 0) connector.reset();
    });
    if (wait.count() != 0) settle(wait);
    run([&] { connector.reset(); });
    settle();
    EXPECT_FALSE(run([&] { return called; }));
    EXPECT_TRUE(awaitSockets(0));
  }
}

TEST_F(ConnectorTest, DroppingTheLinkInsideTheCallbackClosesIt) {
  TestServer server(loop(), serverTls());
  std::unique_ptr<Connector> connector;
  std::promise<void> done;
  run([&] {
    connector = std::make_unique<Connector>(loop(), clientTls(), connectTo(pinned("127.0.0.1", server.port())),
                                            [&](Result<LinkHandle> result) {
                                              EXPECT_TRUE(result);
                                              connector.reset();
                                              done.set_value();
                                            });
    connector->start();
  });
  ASSERT_EQ(done.get_future().wait_for(kDeadline), std::future_status::ready);
  ASSERT_TRUE(server.awaitPeer());
  EXPECT_TRUE(server.awaitPeer()->awaitEnd());
}

TEST_F(ConnectorTest, ManyRoundsLeaveNoSocketBehind) {
  TestServer server(loop(), serverTls());
  const auto trusting = clientTls();
  const auto options = connectTo(pinned("127.0.0.1", server.port()));
  for (int round = 0; round < 200; ++round) {
    TestConnect connect(loop(), trusting, options);
    ASSERT_TRUE(connect.peer());
    const auto accepted = server.awaitPeer(static_cast<std::size_t>(round));
    letGo(loop(), round % 2 == 0 ? *accepted : *connect.peer());
    letGo(loop(), round % 2 == 0 ? *connect.peer() : *accepted);
  }
  EXPECT_TRUE(awaitSockets(0));
}

}  // namespace
}  // namespace rtm::net::test
