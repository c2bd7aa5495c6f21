// A server that drains tells its clients where to go.

#include <future>

#include "server/server_fixture.hpp"

namespace rtm::test {
namespace {

const std::string kElsewhere = "rtm://127.0.0.1:9999";

class Drains : public LoopsTest {
 protected:
  /// Begins to drain; the future is ready when all are gone.
  std::future<void> drain(server::DrainOptions how) {
    auto gone = std::make_shared<std::promise<void>>();
    auto future = gone->get_future();
    const auto began = server_->drain(std::move(how), [gone] { gone->set_value(); });
    EXPECT_TRUE(began) << began.failure().message;
    return future;
  }
  static void expectAway(TestClient& client, const std::string& where) {
    const RawFrame frame = client.expect<wire::Bye>();
    const auto bye = frame.decode<wire::Bye>();
    EXPECT_EQ(wire::ByeCode::ShuttingDown, bye.code);
    EXPECT_EQ(where.empty() ? 0U : 1U, bye.endpoints.size());
    if (!where.empty() && !bye.endpoints.empty()) {
      EXPECT_EQ(where, bye.endpoints.front());
    }
    EXPECT_EQ(where.empty(), bye.retryAfterMs != 0);
  }
  static bool ready(const std::future<void>& future) { return future.wait_for(kPatience) == std::future_status::ready; }
};

INSTANTIATE_TEST_SUITE_P(Loops, Drains, ::testing::Values(1U, 2U));

TEST_P(Drains, SendEveryClientAwayAndEndWhenAllHaveLeft) {
  start(options());
  std::vector<std::unique_ptr<TestClient>> clients;
  for (int i = 0; i < 20; ++i) clients.push_back(login("user" + std::to_string(i)));
  const auto lost = login("lost");
  lost->cut();
  ASSERT_TRUE(eventually([&] { return server_->stats().connections == 20; }));
  const auto idle = connect();
  const auto gone = drain({.endpoints = {kElsewhere}, .overMs = 200});
  for (auto& client : clients) {
    expectAway(*client, kElsewhere);
    client->cut();  // as clients do
  }
  expectAway(*idle, kElsewhere);
  EXPECT_TRUE(ready(gone));
  EXPECT_EQ(0U, server_->stats().sessions);
}

TEST_P(Drains, SendLaterLoginsAndResumesAwayToo) {
  start(options());
  const auto alice = login("alice");
  const auto waiting = connect();
  const auto gone = drain({.endpoints = {kElsewhere}, .overMs = 60'000});
  waiting->send(wire::Login{.appId = kStaticApp, .userId = "bob", .token = {}});
  expectAway(*waiting, kElsewhere);
  const auto resuming = connect();
  resuming->send(wire::Resume{.appId = kStaticApp, .userId = "alice", .token = {}});
  expectAway(*resuming, kElsewhere);
  alice->settle();
  EXPECT_FALSE(server_->drain({}, {})) << "it drains already";
  EXPECT_EQ(std::future_status::timeout, gone.wait_for(std::chrono::seconds(0)));
  server_->close();
  expectAway(*alice, kElsewhere);
}

TEST_P(Drains, CloseThePortIfTheyNameNoOtherEndpoint) {
  start(options());
  const auto alice = login("alice");
  const auto gone = drain({});
  expectAway(*alice, "");
  alice->cut();
  EXPECT_TRUE(ready(gone));
}

TEST_P(Drains, CountAcknowledgementsAfterTheGoodbye) {
  start(options());
  const auto bob = login("bob");
  // Bob is on his way out last: the first half of the time is Alice's, or else there is nobody to be told.
  const auto alice = login("alice");
  const std::uint64_t first = bob->sendTo("alice", "received, not yet acknowledged");
  const auto message = alice->receive(false);
  auto gone = drain({.endpoints = {kElsewhere}, .overMs = 1000});
  alice->expect<wire::Bye>();
  alice->send(wire::InboxAck{.offset = message.offset});
  alice->send(wire::Ping{.token = 1});  // no answer: BYE was the last frame
  const auto frame = bob->awaitAny({wire::FrameKind::SendResults, wire::FrameKind::Bye});
  ASSERT_TRUE(frame);
  if (frame->kind == wire::FrameKind::SendResults) {
    EXPECT_EQ((std::vector<std::uint64_t>{first, 1, 0}), frame->decode<wire::SendResults>().ranges);
  }
  EXPECT_EQ(0U, alice->count(wire::FrameKind::Pong));
  EXPECT_TRUE(ready(gone)) << "who does not close is closed";
  EXPECT_TRUE(alice->awaitEnd());
}

TEST_P(Drains, AnswerUnreachableForMessagesToALeavingUser) {
  start(options());
  std::vector<std::unique_ptr<TestClient>> clients;
  for (int i = 0; i < 2; ++i) clients.push_back(login("user" + std::to_string(i)));
  auto gone = drain({.endpoints = {kElsewhere}, .overMs = 60'000});
  // One of two goes at half time; until then both work.
  EXPECT_EQ(0U, [&] {
    const std::uint64_t seq = clients[0]->sendTo("user1", "hello");
    clients[1]->receive();
    return clients[0]->resultOf(seq);
  }());
  clients[1]->cut();
  ASSERT_TRUE(eventually([&] { return server_->stats().sessions == 1; })) << "it cannot come back here";
  EXPECT_EQ(3U, clients[0]->resultOf(clients[0]->sendTo("user1", "gone")));
}

TEST_P(Drains, RefuseBadEndpoints) {
  start(options());
  EXPECT_FALSE(server_->drain({.endpoints = {"https://example.org"}}, {}));
  EXPECT_FALSE(server_->drain({.endpoints = std::vector<std::string>(17, kElsewhere)}, {}));
  login("alice");
}

}  // namespace
}  // namespace rtm::test
