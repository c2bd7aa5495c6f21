// The order of messages that are written by the thread that sends them, and of those that the I/O thread writes
// (docs/decisions/007), from several threads of a program at the same time.

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <sstream>
#include <thread>

#include "integration/server_and_bots.hpp"

namespace rtm::test {
namespace {

using namespace agora::rtm;  // NOLINT(google-build-using-namespace)

/// Waits for results by message id.
class Results final : public IRtmServiceEventHandler {
 public:
  void onSendMessageResult(long long messageId, PEER_MESSAGE_ERR_CODE code) override {
    {
      const std::lock_guard lock(mutex_);
      codes_[messageId] = code;
    }
    changed_.notify_all();
  }
  bool delivered(long long messageId) {
    std::unique_lock lock(mutex_);
    if (!changed_.wait_for(lock, std::chrono::seconds(20), [&] { return codes_.count(messageId) != 0; })) return false;
    return codes_[messageId] == PEER_MESSAGE_ERR_OK;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::map<long long, PEER_MESSAGE_ERR_CODE> codes_;
};

class SendOrder : public ServerAndBots {
 protected:
  void adjust(server::ServerOptions& options) override { options.limits = server::Limits::off(); }
};

TEST_F(SendOrder, IsTheOrderOfTheCallsOfEachThreadAloneAndInBursts) {
  constexpr int kRounds = 60;
  constexpr int kBurst = 7;
  Bot alice(kAppId, "alice", endpoint);
  Bot bob(kAppId, "bob", endpoint);
  alice.login();
  bob.login();
  Results results;
  alice.service->addEventHandler(&results);

  const auto sendAll = [&](int thread) {
    int number = 0;
    const auto send = [&] {
      IMessage* message =
          alice.service->createMessage((std::to_string(thread) + "/" + std::to_string(number++)).c_str());
      const long long id = message->getMessageId();
      EXPECT_EQ(0, alice.service->sendMessageToPeer("bob", message));
      message->release();
      return id;
    };
    for (int round = 0; round < kRounds; ++round) {
      EXPECT_TRUE(results.delivered(send()));  // alone, unless another thread sends
      long long last = 0;
      for (int i = 0; i < kBurst; ++i) last = send();
      if (round % 2 == 0) {
        EXPECT_TRUE(results.delivered(last));
      }
    }
    EXPECT_TRUE(results.delivered(send()));
  };
  std::array<std::thread, 3> threads;
  for (int i = 0; i < 3; ++i) threads[static_cast<std::size_t>(i)] = std::thread(sendAll, i);
  for (std::thread& thread : threads) thread.join();

  constexpr int kOfEach = kRounds * (1 + kBurst) + 1;
  for (int i = 0; i < 3; ++i) {
    ASSERT_TRUE(bob.diary.has("alice: " + std::to_string(i) + "/" + std::to_string(kOfEach - 1)));
  }
  std::array<int, 3> next{};
  std::istringstream lines(bob.diary.all());
  for (std::string line; std::getline(lines, line);) {
    if (line.rfind("alice: ", 0) != 0) continue;
    const std::size_t thread = static_cast<std::size_t>(line[7] - '0');
    ASSERT_EQ(std::to_string(next.at(thread)++), line.substr(9));
  }
  for (const int count : next) EXPECT_EQ(kOfEach, count);
  alice.service->removeEventHandler(&results);
}

}  // namespace
}  // namespace rtm::test
