#include "net/admission/handshake_queue.hpp"

#include <cstdint>
#include <string>
#include <vector>

#include "net/support.hpp"

namespace rtm::net::test {
namespace {

constexpr AddressPrefix kFlood{.bits = 1, .kind = AddressPrefix::Kind::V4};
constexpr AddressPrefix kGood{.bits = 2, .kind = AddressPrefix::Kind::V4};

class HandshakeQueueTest : public NetTest {
 protected:
  /// A step that writes down that it ran, and may take processor time: by the fake clock alone, because real work takes
  /// so long on a busy machine that the budget fills again meanwhile.
  struct Recorder final : HandshakeQueue::Step {
    Recorder(HandshakeQueueTest& owner, std::string label, std::int64_t cost)
        : test(owner), name(std::move(label)), costNs(cost) {}
    void runStep() override {
      cpuNs += costNs;
      test.ran.push_back(name);
      if (test.ran.size() == test.awaited) test.done.set_value();
    }
    HandshakeQueueTest& test;
    std::string name;
    std::int64_t costNs;
  };

  void SetUp() override {
    NetTest::SetUp();
    queue = run([&] { return std::make_shared<HandshakeQueue>(loop(), [] { return cpuNs; }); });
  }
  void TearDown() override {
    run([&] {
      steps.clear();
      queue.reset();
    });
    NetTest::TearDown();
  }
  void add(const std::string& name, AddressPrefix prefix, bool begun = false, std::int64_t costNs = 0) {
    steps.push_back(std::make_unique<Recorder>(*this, name, costNs));
    queue->add(*steps.back(), prefix, begun);
  }
  void awaitAll() { ASSERT_EQ(done.get_future().wait_for(kDeadline), std::future_status::ready); }

  static inline std::int64_t cpuNs = 0;  ///< the fake clock; loop thread
  std::shared_ptr<HandshakeQueue> queue;
  std::vector<std::unique_ptr<Recorder>> steps;
  std::vector<std::string> ran;  ///< loop thread until `done`
  std::size_t awaited = 0;
  std::promise<void> done;
};

TEST_F(HandshakeQueueTest, PrefixesTakeTurns) {
  awaited = 5;
  run([&] {
    for (const char* name : {"flood 1", "flood 2", "flood 3", "flood 4"}) add(name, kFlood);
    add("good", kGood);
  });
  awaitAll();
  EXPECT_EQ(ran, (std::vector<std::string>{"flood 1", "good", "flood 2", "flood 3", "flood 4"}));
}

TEST_F(HandshakeQueueTest, AHandshakeThatHasBegunGoesBeforeNewOnesOfItsPrefix) {
  awaited = 3;
  run([&] {
    add("new 1", kFlood);
    add("new 2", kFlood);
    add("begun", kFlood, true);
  });
  awaitAll();
  EXPECT_EQ(ran, (std::vector<std::string>{"begun", "new 1", "new 2"}));
}

TEST_F(HandshakeQueueTest, PrefixesThatAreSlowedHaveOneTurnInEight) {
  auto penalties = std::make_shared<Penalties>();
  run([&] {
    queue = std::make_shared<HandshakeQueue>(
        loop(), [] { return cpuNs; }, penalties);
    for (int i = 0; i < 40; ++i) penalties->add(kFlood, Penalties::Offence::BadToken, loop().now());
  });
  awaited = 20;
  run([&] {
    for (int i = 0; i < 10; ++i) add("slowed", kFlood);
    for (int i = 0; i < 10; ++i) add("good", kGood);
  });
  awaitAll();
  std::vector<std::string> expected(10, "good");
  expected.insert(expected.begin() + 7, "slowed");
  expected.insert(expected.end(), 9, "slowed");  // nobody else waits any more
  EXPECT_EQ(ran, expected);
}

TEST_F(HandshakeQueueTest, AStepThatWasRemovedDoesNotRun) {
  awaited = 1;
  run([&] {
    add("removed", kFlood);
    add("stays", kGood);
    queue->remove(*steps.front(), kFlood);
  });
  awaitAll();
  EXPECT_EQ(ran, std::vector<std::string>{"stays"});
}

TEST_F(HandshakeQueueTest, WorkAboveTheBudgetWaitsForIt) {
  awaited = 1;
  run([&] {
    queue->keepHalfFree(true);
    add("costs an hour", kFlood, false, 3'600'000'000'000);
    add("must wait", kFlood);
  });
  awaitAll();
  while (run([&] { return queue->counters().exhausted; }) == 0) {
  }
  run([&] {
    EXPECT_EQ(ran, std::vector<std::string>{"costs an hour"});
    EXPECT_EQ(queue->counters().cpuNs, 3'600'000'000'000u);
  });
}

TEST_F(HandshakeQueueTest, WorkThatWaitedRunsWhenTheBudgetAllows) {
  awaited = 4;
  run([&] {
    queue->keepHalfFree(true);
    for (int i = 0; i < 4; ++i) add("costly", kFlood, false, 30'000'000);  // the burst is 20 ms
  });
  awaitAll();
}

}  // namespace
}  // namespace rtm::net::test
