// The out-queue of a link whose transport finishes writes when the test says so.

#include <gtest/gtest.h>

#include "net/link/link.hpp"
#include "support.hpp"

namespace rtm::net {
namespace {

using test::runOn;

class QueueOnly final : public Link {
 public:
  explicit QueueOnly(IoLoop& loop) : Link(loop) {}
  ~QueueOnly() override = default;
  QueueOnly(const QueueOnly&) = delete;
  QueueOnly& operator=(const QueueOnly&) = delete;

  void setFrameLimit(std::size_t /*maxBody*/) override {}
  void pauseReading() override {}
  void resumeReading() override {}
  void closeAfterFlush() override {}
  bool connected() const override { return true; }
  std::string remoteAddress() const override { return {}; }
  void onTurnEnd() override {}

  /// The transport has taken `bytes` that the kernel has not.
  void holdBelow(std::size_t bytes) {
    unsent_ = bytes;
    stuck_ = true;
  }
  /// The kernel takes everything, first below the queue and then the queue itself.
  void drain() {
    stuck_ = false;
    unsent_ = 0;
    noteCongestion();  // as a flush does
    takeFromQueue(nextToSend().size());
    reportDrained();
  }

 private:
  void destroy() override {}
  std::size_t unsentBytes() const override { return unsent_; }
  std::size_t unsent_ = 0;
};

struct Counter final : LinkObserver {
  bool onFrame(wire::FrameKind /*kind*/, ByteView /*body*/) override { return true; }
  void onLinkEnd(const LinkEnd& /*end*/) override {}
  void onDrained() override { ++drained; }
  int drained = 0;
};

TEST(LinkCongestion, OnDrainedIsOwedForTheSumOfTheQueueAndTheBytesBelow) {
  auto loop = IoLoop::start("test");
  ASSERT_TRUE(loop.ok());
  const int drained = runOn(*loop.value(), [&] {
    Counter counter;
    QueueOnly link(*loop.value());
    link.setObserver(&counter);
    link.setQueueBound(1000);
    link.holdBelow(600);
    EXPECT_TRUE(link.sendEncoded(Bytes(600)));
    EXPECT_GT(link.queuedBytes(), 1000U);  // here a sender stops and waits for onDrained()
    link.drain();                          // the bytes below are gone before the flush looks at the queue
    return counter.drained;
  });
  EXPECT_EQ(drained, 1);
}

}  // namespace
}  // namespace rtm::net
