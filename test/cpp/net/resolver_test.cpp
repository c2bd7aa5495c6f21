#include "net/resolve/resolver.hpp"

#include <algorithm>
#include <atomic>
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "net/support.hpp"

namespace rtm::net::test {
namespace {

std::vector<SocketAddress> one(const std::string& literal) {
  return {SocketAddress::parse(literal, 0).value()};
}

/// A name server that answers when the test says so. Shared with the threads that ask it, which may outlive the test.
class FakeNames : private Signal {
 public:
  Resolver::Answer ask(const std::string& host, Family family) {
    update([&] { ++asked_[host]; });
    await([&] { return !hanging_.contains(host); }, std::chrono::minutes(1));
    if (host.starts_with("missing")) return Failure{-2, "no such name"};
    return one(family == Family::V6 ? "::1" : "127.0.0.1");
  }
  void hang(const std::string& host) {
    update([&] { hanging_[host] = true; });
  }
  void release() {
    update([&] { hanging_.clear(); });
  }
  bool awaitAsked(const std::string& host, int times) {
    return await([&] { return asked_[host] >= times; });
  }
  int asked(const std::string& host) {
    return read([&] { return asked_[host]; });
  }

 private:
  std::map<std::string, bool> hanging_;
  std::map<std::string, int> asked_;
};

class ResolverTest : public NetTest, protected Signal {
 protected:
  void SetUp() override {
    NetTest::SetUp();
    run([&] {
      loop().local<Resolver>().setLookup(
          [names = names](const std::string& host, Family family) { return names->ask(host, family); });
    });
  }
  void TearDown() override {
    run([&] { requests.clear(); });
    names->release();
    NetTest::TearDown();
  }

  void ask(const std::string& host, Family family = Family::V4, std::uint64_t timeoutMs = 10'000) {
    run([&] {
      requests.push_back(loop().local<Resolver>().resolve(host, 7, family, timeoutMs, [this, host](const auto& answer) {
        EXPECT_TRUE(loop().onLoopThread());
        update([&] {
          answers.push_back(host + (answer ? "=" + answer.value().at(0).toString() : ": " + answer.failure().message));
        });
      }));
    });
  }
  bool awaitAnswers(std::size_t count) {
    return await([&] { return answers.size() >= count; });
  }
  std::vector<std::string> taken() {
    return read([&] { return answers; });
  }

  std::shared_ptr<FakeNames> names = std::make_shared<FakeNames>();
  std::vector<std::unique_ptr<Resolver::Request>> requests;
  std::vector<std::string> answers;
};

TEST_F(ResolverTest, AnswersOnTheLoopWithThePortThatWasAskedFor) {
  ask("a", Family::V6);
  ASSERT_TRUE(awaitAnswers(1));
  ask("a", Family::V4);
  ASSERT_TRUE(awaitAnswers(2));
  EXPECT_EQ(taken(), (std::vector<std::string>{"a=[::1]:7", "a=127.0.0.1:7"}));
}

TEST_F(ResolverTest, AFailedLookupIsAnAnswer) {
  ask("missing");
  ASSERT_TRUE(awaitAnswers(1));
  EXPECT_EQ(taken()[0], "missing: no such name");
}

TEST_F(ResolverTest, OneFamilyDoesNotWaitForTheOther) {
  std::atomic<bool> released{false};
  run([&] {
    loop().local<Resolver>().setLookup([&](const std::string&, Family family) -> Resolver::Answer {
      while (family == Family::V6 && !released) std::this_thread::yield();
      return one("127.0.0.1");
    });
  });
  ask("dual", Family::V6);
  ask("dual", Family::V4);
  ASSERT_TRUE(awaitAnswers(1));
  released = true;
  ASSERT_TRUE(awaitAnswers(2));
  run([&] { loop().local<Resolver>().setLookup([](const auto&, Family) { return one("::1"); }); });
}

TEST_F(ResolverTest, ADeadNameServerTimesOutAndHoldsUpNobodyElse) {
  names->hang("dead");
  ask("dead", Family::V6, 30);
  ask("dead", Family::V4, 30);
  ask("alive");
  ASSERT_TRUE(awaitAnswers(3));
  auto all = taken();
  std::sort(all.begin(), all.end());
  EXPECT_EQ(all[0], "alive=127.0.0.1:7");
  EXPECT_EQ(all[1], "dead: the name server did not answer in time");
}

TEST_F(ResolverTest, EqualLookupsUnderWayAreMadeOnce) {
  names->hang("bots");
  for (int i = 0; i < 500; ++i) ask("bots");
  ASSERT_TRUE(names->awaitAsked("bots", 1));
  names->release();
  ASSERT_TRUE(awaitAnswers(500));
  EXPECT_EQ(names->asked("bots"), 1);
  ask("bots");
  ASSERT_TRUE(awaitAnswers(501));
  EXPECT_EQ(names->asked("bots"), 2);  // nothing is remembered
}

TEST_F(ResolverTest, RetriesForAHangingNameDoNotUseUpThreads) {
  names->hang("dead");
  for (int i = 0; i < 20; ++i) ask("dead", Family::V4, 1);
  ASSERT_TRUE(awaitAnswers(20));
  ask("alive");
  ASSERT_TRUE(awaitAnswers(21));
  EXPECT_EQ(names->asked("dead"), 1);
}

TEST_F(ResolverTest, TheNumberOfThreadsIsBounded) {
  for (int i = 0; i < 20; ++i) {
    names->hang("dead" + std::to_string(i));
    ask("dead" + std::to_string(i), Family::V4, 50);
  }
  ASSERT_TRUE(awaitAnswers(20));
  int started = 0;
  for (int i = 0; i < 20; ++i) started += names->asked("dead" + std::to_string(i));
  EXPECT_EQ(started, static_cast<int>(Resolver::kMaxThreads));
  names->release();
  ask("alive");
  EXPECT_TRUE(awaitAnswers(21));
}

TEST_F(ResolverTest, ADroppedRequestIsNotAnswered) {
  names->hang("slow");
  ask("slow");
  ask("slow");
  ASSERT_TRUE(names->awaitAsked("slow", 1));
  run([&] { requests.erase(requests.begin()); });
  names->release();
  ASSERT_TRUE(awaitAnswers(1));
  settle();
  EXPECT_EQ(taken().size(), 1u);
}

TEST_F(ResolverTest, ACallbackMayDropItselfAndOthersAndAskAgain) {
  names->hang("slow");
  std::promise<void> again;
  run([&] {
    requests.resize(3);
    requests[0] = loop().local<Resolver>().resolve("slow", 1, Family::V4, 10'000, [&](const auto&) {
      requests[0].reset();
      requests[2].reset();
      requests[2] =
          loop().local<Resolver>().resolve("slow", 1, Family::V4, 10'000, [&](const auto&) { again.set_value(); });
    });
    requests[1] = loop().local<Resolver>().resolve("slow", 1, Family::V4, 10'000, [](const auto&) {});
    requests[2] = loop().local<Resolver>().resolve("slow", 1, Family::V4, 10'000, [](const auto&) { FAIL(); });
  });
  names->release();
  ASSERT_EQ(again.get_future().wait_for(kDeadline), std::future_status::ready);
  EXPECT_EQ(names->asked("slow"), 2);
}

TEST(StoppedResolverTest, StoppingTheLoopDoesNotWaitForADeadNameServer) {
  auto names = std::make_shared<FakeNames>();
  names->hang("dead");
  auto loop = std::move(IoLoop::start("resolver").value());
  std::unique_ptr<Resolver::Request> request;
  runOn(*loop, [&] {
    loop->local<Resolver>().setLookup(
        [names](const std::string& host, Family family) { return names->ask(host, family); });
    request = loop->local<Resolver>().resolve("dead", 1, Family::V4, 10'000, [](const auto&) { FAIL(); });
  });
  ASSERT_TRUE(names->awaitAsked("dead", 1));
  runOn(*loop, [&] { request.reset(); });
  const auto begin = std::chrono::steady_clock::now();
  loop.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(5));
  names->release();  // the thread that was left behind finds nobody to tell
}

TEST(SystemResolverTest, KnowsLocalhostAndNotNonsense) {
  auto loop = std::move(IoLoop::start("resolver").value());
  std::promise<bool> found;
  std::promise<std::string> missing;
  std::vector<std::unique_ptr<Resolver::Request>> requests;
  loop->post([&] {
    requests.push_back(loop->local<Resolver>().resolve("localhost", 9, Family::V4, 10'000, [&](const auto& answer) {
      found.set_value(answer && !answer.value().empty() && answer.value()[0].port() == 9);
    }));
    requests.push_back(loop->local<Resolver>().resolve(
        "no-such-name.invalid", 9, Family::V4, 10'000,
        [&](const auto& answer) { missing.set_value(answer ? "" : answer.failure().message); }));
  });
  EXPECT_TRUE(found.get_future().get());
  EXPECT_FALSE(missing.get_future().get().empty());
  runOn(*loop, [&] { requests.clear(); });
  loop->stop();
}

}  // namespace
}  // namespace rtm::net::test
