#include "net/datagram/receive_half.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace rtm::net::test {
namespace {

class ReceiveHalfTest : public ::testing::Test, public StreamSink {
 protected:
  void onStreamBytes(ByteView bytes) override { came += asText(bytes); }
  void onStreamEnd() override { came += "."; }
  bool take(std::uint64_t number, std::string_view text) {
    return half.take(now, SegmentItem{number, text.empty(), asBytes(text)}, *this);
  }
  /// A packet with news comes; when its acknowledgement is due.
  std::optional<Micros> packet(std::uint64_t number) {
    take(half.awaited(), "x");
    half.packetCame(now, number);
    return half.acknowledgeAt();
  }

  ReceiveHalf half;
  Micros now = kSecond;
  std::string came;
};

TEST_F(ReceiveHalfTest, RestoresTheOrder) {
  EXPECT_TRUE(take(2, "c"));
  EXPECT_TRUE(take(1, "b"));
  EXPECT_EQ(came, "");
  EXPECT_TRUE(take(0, "a"));
  EXPECT_EQ(came, "abc");
  EXPECT_TRUE(take(1, "B"));
  EXPECT_TRUE(take(4, ""));
  EXPECT_TRUE(take(4, ""));
  EXPECT_TRUE(take(3, "d"));
  EXPECT_EQ(came, "abcd.");
  EXPECT_TRUE(half.ended());
}

TEST_F(ReceiveHalfTest, DeliversNothingBehindTheEnd) {
  take(3, "z");
  take(1, "");
  take(0, "a");
  EXPECT_EQ(came, "a.");
  EXPECT_TRUE(take(2, "y"));
  EXPECT_EQ(came, "a.");
}

TEST_F(ReceiveHalfTest, HoldsAtMostItsWindow) {
  const std::string piece(1000, 'x');
  std::uint64_t number = 1;
  while (take(number, piece)) ++number;
  EXPECT_EQ(number - 1, ReceiveWindow::kLeast / 1000);
  // What comes in order needs no room, and makes some.
  EXPECT_TRUE(take(0, piece));
  EXPECT_EQ(came.size(), number * 1000);
  EXPECT_TRUE(take(number + 1, piece));
}

TEST_F(ReceiveHalfTest, HoldsOnlySoManyTinySegments) {
  std::uint64_t number = 1;
  while (number < 100'000 && take(number, "x")) ++number;
  EXPECT_EQ(number - 1, ReceiveHalf::kMostSegments);
  // One that it holds already is no news, nor in need of room.
  EXPECT_TRUE(take(number - 1, "x"));
}

TEST_F(ReceiveHalfTest, HoldsWhatComesWhileItIsPaused) {
  take(0, "a");
  half.pause();
  take(1, "b");
  half.packetCame(now, 0);
  half.acknowledged();
  EXPECT_EQ(came, "a");
  EXPECT_EQ(half.acknowledgement(now).window, 0U);
  EXPECT_EQ(half.acknowledgement(now).segments, 1U);
  now += kSecond;
  half.resume(now, *this);
  EXPECT_EQ(came, "ab");
  // The sender must hear of it.
  EXPECT_EQ(half.acknowledgeAt(), now);
  EXPECT_EQ(half.acknowledgement(now).window, ReceiveWindow::kLeast);
  half.acknowledged();
  half.resume(now, *this);
  EXPECT_FALSE(half.acknowledgeAt());
}

TEST_F(ReceiveHalfTest, HoldsOnlyItsWindowWhileItIsPausedForGood) {
  half.pause();
  std::size_t held = 0;
  for (std::uint64_t number = 0; number < 10'000; ++number) held += take(number, std::string(100, 'x')) ? 100 : 0;
  EXPECT_LE(held, ReceiveWindow::kLeast);
  half.resume(now, *this);
  EXPECT_EQ(came.size(), held);
}

TEST_F(ReceiveHalfTest, AcknowledgesWithinTenMillisecondsCopiesWithinTwentyAndManyAtOnce) {
  EXPECT_EQ(packet(0), now + 10 * kMillisecond);
  half.acknowledged();
  EXPECT_FALSE(half.acknowledgeAt());
  take(0, "x");
  half.packetCame(now, 1);
  EXPECT_EQ(half.acknowledgeAt(), now + 20 * kMillisecond);
  // News do not wait for copies.
  EXPECT_EQ(packet(2), now + 10 * kMillisecond);
  for (std::uint64_t number = 3; number < 32; ++number) EXPECT_EQ(packet(number), now + 10 * kMillisecond);
  EXPECT_EQ(packet(32), now);
}

TEST_F(ReceiveHalfTest, TellsWhichOfTheLastPacketsCame) {
  struct Case {
    std::uint64_t number;
    std::uint64_t largest;
    std::uint64_t earlier;
  };
  constexpr std::uint64_t kFirst = 1000;
  for (const Case& each :
       {Case{kFirst, kFirst, 0}, Case{kFirst + 1, kFirst + 1, 0b1}, Case{kFirst + 4, kFirst + 4, 0b1100},
        Case{kFirst + 3, kFirst + 4, 0b1101}, Case{kFirst + 3, kFirst + 4, 0b1101},
        Case{kFirst - 60, kFirst + 4, std::uint64_t{1} << 63 | 0b1101},
        Case{kFirst - 61, kFirst + 4, std::uint64_t{1} << 63 | 0b1101},
        Case{kFirst + 68, kFirst + 68, std::uint64_t{1} << 63}, Case{kFirst + 133, kFirst + 133, 0},
        Case{std::uint64_t{1} << 40, std::uint64_t{1} << 40, 0}}) {
    half.packetCame(now, each.number);
    EXPECT_EQ(half.acknowledgement(now).largest, each.largest) << each.number;
    EXPECT_EQ(half.acknowledgement(now).earlier, each.earlier) << each.number;
  }
}

TEST(ReceiveWindow, IsFourTimesWhatWasDeliveredInASecondWithinBounds) {
  ReceiveWindow window;
  EXPECT_EQ(window.bytes(), ReceiveWindow::kLeast);
  window.delivered(10 * kSecond, 50'000);
  EXPECT_EQ(window.bytes(), 200'000U);
  window.delivered(10 * kSecond + 1, 20'000);
  EXPECT_EQ(window.bytes(), 280'000U);
  // The second before counts until this one has brought more.
  window.delivered(11 * kSecond, 10'000);
  EXPECT_EQ(window.bytes(), 280'000U);
  window.delivered(12 * kSecond, 10'000);
  EXPECT_EQ(window.bytes(), ReceiveWindow::kLeast);
  window.delivered(12 * kSecond + 1, 10'000'000);
  EXPECT_EQ(window.bytes(), ReceiveWindow::kMost);
  window.delivered(20 * kSecond, 1);
  EXPECT_EQ(window.bytes(), ReceiveWindow::kLeast);
}

}  // namespace
}  // namespace rtm::net::test
