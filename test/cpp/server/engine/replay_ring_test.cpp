#include "server/engine/memory/replay_ring.hpp"

#include <gtest/gtest.h>

#include "wire/messages.hpp"

namespace rtm::server {
namespace {

constexpr std::uint64_t kReader = 5;
constexpr ReplayBounds kBounds;

SharedFrame frameOf(std::uint64_t offset) {
  return SharedFrame::encode(
      wire::ChannelMessage{.channelId = "c", .offset = offset, .senderId = "s", .serverTimeMs = 1, .content = {}});
}

std::vector<std::uint64_t> offsets(const ReplayRing::Replay& replay) {
  std::vector<std::uint64_t> result;
  for (const SharedFrame& frame : replay.frames) {
    wire::ChannelMessage message;
    EXPECT_TRUE(wire::decode(frame.bytes().subspan(wire::kFrameHeaderSize), message));
    result.push_back(message.offset);
  }
  return result;
}

void push(ReplayRing& ring, std::uint64_t first, std::uint64_t last, std::uint64_t at = 0, std::uint64_t sender = 1) {
  for (std::uint64_t offset = first; offset <= last; ++offset) ring.push(offset, at, frameOf(offset), sender);
}

TEST(ReplayRing, GivesTheMessagesAfterAPosition) {
  ReplayRing ring(kBounds);
  push(ring, 1, 5);
  const auto replay = ring.after(3, 0, kReader);
  EXPECT_EQ((std::vector<std::uint64_t>{4, 5}), offsets(replay));
  EXPECT_TRUE(replay.complete);
  EXPECT_TRUE(offsets(ring.after(5, 0, kReader)).empty());
  EXPECT_TRUE(offsets(ring.after(900, 0, kReader)).empty());
}

TEST(ReplayRing, HoldsTheNewest32AndReportsAGap) {
  ReplayRing ring(kBounds);
  push(ring, 1, 40);
  const auto exactly = ring.after(8, 0, kReader);
  EXPECT_EQ(32U, exactly.frames.size());
  EXPECT_TRUE(exactly.complete);
  const auto more = ring.after(7, 0, kReader);
  EXPECT_EQ(9U, offsets(more).front());
  EXPECT_EQ(32U, more.frames.size());
  EXPECT_FALSE(more.complete);
}

TEST(ReplayRing, HoldsNothingOlderThan30Seconds) {
  ReplayRing ring(kBounds);
  push(ring, 1, 2, 0);
  push(ring, 3, 3, 20'000);
  EXPECT_EQ(3U, ring.after(0, 30'000, kReader).frames.size());
  const auto late = ring.after(0, 30'001, kReader);
  EXPECT_EQ((std::vector<std::uint64_t>{3}), offsets(late));
  EXPECT_FALSE(late.complete);
  EXPECT_LT(0U, ring.expire(30'001).unpaid);
  EXPECT_EQ(0U, ring.expire(50'001).unpaid);
  EXPECT_FALSE(ring.after(0, 50'001, kReader).complete);
  EXPECT_TRUE(ring.after(3, 50'001, kReader).complete);
}

TEST(ReplayRing, LeavesOutTheReadersOwnMessages) {
  ReplayRing ring(kBounds);
  push(ring, 1, 1);
  push(ring, 2, 2, 0, kReader);
  push(ring, 3, 3);
  const auto replay = ring.after(0, 0, kReader);
  EXPECT_EQ((std::vector<std::uint64_t>{1, 3}), offsets(replay));
  EXPECT_TRUE(replay.complete);
}

}  // namespace
}  // namespace rtm::server
