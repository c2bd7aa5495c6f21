#include "client/connection/heartbeat.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <utility>

#include "net/loop/io_loop.hpp"

namespace rtm::client {
namespace {

/// A link without a network: counts what is sent, and receives when the test says so. Loop thread only.
class FakeLink final : public net::Link {
 public:
  explicit FakeLink(net::IoLoop& loop) : Link(loop) { receive(); }
  ~FakeLink() override = default;

  void receive() { lastReceivedMs_ = loop_.now(); }
  std::function<void(int sent)> onSent;

 private:
  void onTurnEnd() override {
    takeFromQueue(nextToSend().size());
    if (onSent) onSent(++sent_);
  }
  void setFrameLimit(std::size_t /*maxBody*/) override {}
  void pauseReading() override {}
  void resumeReading() override {}
  void closeAfterFlush() override {}
  bool connected() const override { return true; }
  std::string remoteAddress() const override { return "memory"; }
  void destroy() override {}
  std::size_t unsentBytes() const override { return 0; }

  int sent_ = 0;
};

class HeartbeatTest : public ::testing::Test, private Heartbeat::Owner {
 protected:
  void SetUp() override {
    loop_ = std::move(net::IoLoop::start("heartbeat").value());
    run([this] {
      link_ = std::make_unique<FakeLink>(*loop_);
      heartbeat_ = std::make_unique<Heartbeat>(*loop_, static_cast<Heartbeat::Owner&>(*this));
    });
  }
  void TearDown() override {
    run([this] {
      heartbeat_.reset();
      link_.reset();
    });
    loop_->stop();
  }

  void run(const std::function<void()>& work) {
    std::promise<void> done;
    loop_->post([&] {
      work();
      done.set_value();
    });
    done.get_future().wait();
  }

  /// The `silentMs` of the report, once it has come.
  std::uint64_t awaitSilence() {
    std::future<std::uint64_t> silence = silence_.get_future();
    const bool came = silence.wait_for(std::chrono::seconds(10)) == std::future_status::ready;
    EXPECT_TRUE(came) << "expected a report of silence";
    return came ? silence.get() : 0;
  }

  std::unique_ptr<net::IoLoop> loop_;
  std::unique_ptr<FakeLink> link_;
  std::unique_ptr<Heartbeat> heartbeat_;
  int silences_ = 0;  ///< loop thread

 private:
  void onSilence(std::uint64_t silentMs) override {
    if (++silences_ == 1) silence_.set_value(silentMs);
  }

  std::promise<std::uint64_t> silence_;
};

TEST_F(HeartbeatTest, SendsAPingAtOnceAndAtEachInterval) {
  std::promise<std::uint64_t> first;
  std::promise<std::uint64_t> fifth;
  std::uint64_t startedAt = 0;
  run([&] {
    startedAt = loop_->now();
    link_->onSent = [&](int sent) {
      if (sent == 1) first.set_value(loop_->now() - startedAt);
      if (sent == 5) fifth.set_value(loop_->now() - startedAt);
    };
    heartbeat_->start(*link_, 60, 10'000);
  });
  EXPECT_LT(first.get_future().get(), 60U) << "the first does not wait for the interval";
  EXPECT_GE(fifth.get_future().get(), 4U * 60);
}

TEST_F(HeartbeatTest, ReportsSilenceOnceCountedFromTheLastByte) {
  std::uint64_t startedAt = 0;
  std::uint64_t heardAt = 0;
  std::uint64_t reportedAt = 0;
  int pings = 0;
  run([&] {
    startedAt = loop_->now();
    link_->onSent = [&](int sent) {
      pings = sent;
      if (sent > 3) return;
      link_->receive();
      heardAt = loop_->now();
    };
    heartbeat_->start(*link_, 100, 2000);  // a busy machine may delay the loop, but not by two seconds
  });
  const std::uint64_t silentMs = awaitSilence();
  run([&] { reportedAt = loop_->now(); });
  EXPECT_GE(silentMs, 2000U);
  EXPECT_GE(heardAt - startedAt, 200U);
  EXPECT_GE(reportedAt - heardAt, 2000U);
  EXPECT_GT(pings, 3) << "it goes on while the server is silent";
  run([&] { EXPECT_EQ(1, silences_); });
}

TEST_F(HeartbeatTest, CountsSilenceFromTheEndOfAPause) {
  std::promise<void> fourth;
  std::uint64_t pauseEndedAt = 0;
  run([&] {
    link_->onSent = [&](int sent) {
      if (sent == 4) fourth.set_value();
    };
    heartbeat_->setPaused(true);
    heartbeat_->start(*link_, 60, 100);
  });
  fourth.get_future().wait();  // 180 ms without a byte
  run([&] {
    EXPECT_EQ(0, silences_);
    heartbeat_->setPaused(false);
    pauseEndedAt = loop_->now();
  });
  EXPECT_GE(awaitSilence(), 100U);
  run([&] { EXPECT_GE(loop_->now() - pauseEndedAt, 100U); });
}

TEST_F(HeartbeatTest, BoundsTheIntervalThatAServerAsksFor) {
  std::promise<std::uint64_t> third;
  std::uint64_t startedAt = 0;
  run([&] {
    startedAt = loop_->now();
    link_->onSent = [&](int sent) {
      if (sent == 3) third.set_value(loop_->now() - startedAt);
    };
    heartbeat_->start(*link_, 0, 10'000);
  });
  EXPECT_GE(third.get_future().get(), 2U * 50);
}

}  // namespace
}  // namespace rtm::client
