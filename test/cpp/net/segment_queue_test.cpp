#include "net/datagram/segment_queue.hpp"

#include <gtest/gtest.h>

#include <string>

namespace rtm::net::test {
namespace {

std::string textOf(SegmentQueue& queue, std::uint64_t number) {
  return std::string(asText(queue.bytesOf(queue.at(number))));
}

TEST(SegmentQueue, CutsWhatWasWrittenWhereAPacketEnds) {
  SegmentQueue queue;
  queue.write(asBytes("abc"));
  queue.write(asBytes("def"));
  EXPECT_EQ(queue.cut(4), 0U);
  EXPECT_EQ(queue.cut(100), 1U);
  EXPECT_EQ(textOf(queue, 0), "abcd");
  EXPECT_EQ(textOf(queue, 1), "ef");
  EXPECT_FALSE(queue.more());
  EXPECT_EQ(queue.positionOf(1), 4U);
  EXPECT_EQ(queue.positionOf(2), 6U);
}

TEST(SegmentQueue, CutsTheEndOnceBehindTheLastByte) {
  SegmentQueue queue;
  queue.write(asBytes("abc"));
  queue.finish();
  queue.finish();
  queue.cut(100);
  EXPECT_TRUE(queue.more());
  EXPECT_FALSE(queue.finished());
  const std::uint64_t last = queue.cut(100);
  EXPECT_EQ(queue.at(last).size, 0U);
  EXPECT_TRUE(queue.finished());
  EXPECT_FALSE(queue.more());
  EXPECT_FALSE(queue.empty());
  queue.arrivedBelow(2);
  EXPECT_TRUE(queue.empty());
}

TEST(SegmentQueue, CountsTheBytesThatHaveNotAllArrived) {
  SegmentQueue queue;
  queue.write(Bytes(100));
  EXPECT_EQ(queue.held(), 100U);
  for (int i = 0; i < 3; ++i) queue.cut(30);
  queue.arrived(1);
  EXPECT_EQ(queue.held(), 100U);  // the receiver waits for segment 0
  queue.arrived(0);
  EXPECT_EQ(queue.held(), 40U);
  queue.arrived(2);
  EXPECT_EQ(queue.held(), 10U);
  queue.write(Bytes(5));
  EXPECT_EQ(queue.held(), 15U);
  queue.cut(100);
  queue.arrivedBelow(4);
  EXPECT_EQ(queue.held(), 0U);
  EXPECT_TRUE(queue.empty());
}

TEST(SegmentQueue, IgnoresArrivalsOfSegmentsThatAreNotItsOwn) {
  SegmentQueue queue;
  queue.write(Bytes(10));
  queue.cut(10);
  queue.arrived(1);
  queue.arrived(~std::uint64_t{0});
  queue.arrivedBelow(0);
  EXPECT_EQ(queue.held(), 10U);
  queue.arrived(0);
  queue.arrived(0);
  queue.arrivedBelow(0);
  EXPECT_EQ(queue.first(), 1U);
  EXPECT_EQ(queue.end(), 1U);
}

TEST(SegmentQueue, FindsTheBytesOfASegmentAlsoAfterMuchHasArrived) {
  SegmentQueue queue;
  for (int i = 0; i < 200; ++i) {
    queue.write(Bytes(1000, static_cast<std::uint8_t>(i)));
    queue.cut(1000);
    // One in ten arrives late.
    if (i % 10 != 0) queue.arrived(static_cast<std::uint64_t>(i));
    if (i % 10 == 9) queue.arrived(static_cast<std::uint64_t>(i - 9));
    for (std::uint64_t number = queue.first(); number < queue.end(); ++number)
      ASSERT_EQ(textOf(queue, number), std::string(1000, static_cast<char>(number)));
  }
  EXPECT_TRUE(queue.empty());
}

}  // namespace
}  // namespace rtm::net::test
