#include "net/datagram/packet_log.hpp"

#include <gtest/gtest.h>

#include <string>

namespace rtm::net::test {
namespace {

using Fate = SentPacket::Fate;

/// Packets of 100 bytes, sent 10 ms apart from packet 0 at 1 s on.
class PacketLogTest : public ::testing::Test {
 protected:
  static Micros sentAt(std::uint64_t number) { return kSecond + number * 10 * kMillisecond; }
  void send(std::uint64_t from, std::uint64_t to) {
    for (std::uint64_t number = from; number <= to; ++number) {
      SentPacket packet;
      packet.number = number;
      packet.sentAt = sentAt(number);
      packet.bytes = 100;
      log.add(packet);
    }
  }
  /// What an acknowledgement tells: "3" for packet 3, with "!" if it had counted as lost.
  std::string settle(std::uint64_t largest, std::uint64_t earlier) {
    std::string told;
    log.settle({largest, earlier, 0, 0, 0}, [&](const SentPacket& packet) {
      told += std::to_string(packet.number) + (packet.fate == Fate::Lost ? "! " : " ");
    });
    return told;
  }
  /// "3" for packet 3, with "?" if acknowledgements cannot tell of it any more.
  std::string gaps(std::uint64_t largest, Micros tolerance = kMillisecond) {
    std::string lost;
    log.findGaps({largest, 0, 0, 0, 0}, tolerance, [&](const SentPacket& packet, bool counts) {
      lost += std::to_string(packet.number) + (counts ? " " : "? ");
    });
    return lost;
  }
  std::string expire(Micros now, Micros patience = 100 * kMillisecond) {
    std::string late;
    log.expire(now, patience, [&](const SentPacket& packet) { late += std::to_string(packet.number) + " "; });
    return late;
  }

  PacketLog log;
};

TEST_F(PacketLogTest, TellsOfEachPacketOnce) {
  send(0, 9);
  EXPECT_EQ(log.openBytes(), 1000U);
  EXPECT_EQ(settle(4, 0b1011), "0 2 3 4 ");
  EXPECT_EQ(settle(4, 0b1111), "1 ");
  EXPECT_EQ(settle(4, ~std::uint64_t{0}), "");
  EXPECT_EQ(log.openBytes(), 500U);
  EXPECT_EQ(settle(100, 0), "");
}

TEST_F(PacketLogTest, TellsOfTheSixtyFourPacketsBeforeTheLargest) {
  send(0, 100);
  std::string told;
  for (int number = 36; number <= 100; ++number) told += std::to_string(number) + " ";
  EXPECT_EQ(settle(100, ~std::uint64_t{0}), told);
}

TEST_F(PacketLogTest, TakesAGapForALossOnlyBehindThePacketsThatArrived) {
  send(0, 9);
  settle(5, 0b00010);  // 3 and 5
  EXPECT_EQ(gaps(5), "0 1 2 4 ");
  EXPECT_EQ(gaps(5), "");
  EXPECT_EQ(log.openBytes(), 400U);
  EXPECT_EQ(settle(5, 0b10001), "0! 4! ");
}

TEST_F(PacketLogTest, WaitsLongerForAGapWhenPacketsOvertakeEachOther) {
  send(0, 9);
  settle(5, 0);
  EXPECT_EQ(gaps(5, 30 * kMillisecond), "0 1 2 ");
  settle(6, 1);
  EXPECT_EQ(gaps(6, 30 * kMillisecond), "3 ");
}

TEST_F(PacketLogTest, SaysOfWhichLossesAcknowledgementsTellNothing) {
  send(0, 66);
  settle(66, ~std::uint64_t{0});
  EXPECT_EQ(gaps(66), "0? 1? ");
}

TEST_F(PacketLogTest, LetsPacketsExpireOnceTheirTimeIsOver) {
  send(0, 3);
  EXPECT_EQ(expire(sentAt(1) + 100 * kMillisecond - 1), "0 ");
  EXPECT_EQ(expire(sentAt(1) + 100 * kMillisecond), "1 ");
  EXPECT_EQ(log.openBytes(), 200U);
  ASSERT_NE(log.oldestOpen(), nullptr);
  EXPECT_EQ(log.oldestOpen()->number, 2U);
  // A late packet may arrive, and then it was not lost; or it turns out to be lost.
  EXPECT_EQ(settle(3, 0b100), "0 3 ");
  EXPECT_EQ(gaps(3), "1 2 ");
  EXPECT_EQ(log.oldestOpen(), nullptr);
}

TEST_F(PacketLogTest, ForgetsWhatNoAcknowledgementTellsOf) {
  send(0, 200);
  settle(0, 0);
  EXPECT_EQ(gaps(0), "");
  EXPECT_EQ(log.size(), 200U);
  settle(150, ~std::uint64_t{0});
  gaps(150);
  // 1 to 85 are too old to be heard of.
  EXPECT_EQ(log.size(), 50U);
}

TEST_F(PacketLogTest, StaysSmallIfNothingIsEverAcknowledged) {
  send(0, 9999);
  expire(sentAt(9899));
  EXPECT_EQ(log.size(), PacketLog::kMostSettled + 110U);
  EXPECT_EQ(log.openBytes(), 11'000U);
}

TEST_F(PacketLogTest, HoldsNothingASecondAfterTheLastPacket) {
  send(0, 9);
  expire(sentAt(9) + kSecond);
  EXPECT_EQ(log.size(), 10U);
  expire(sentAt(9) + kSecond + 1);
  EXPECT_EQ(log.size(), 0U);
  EXPECT_EQ(log.openBytes(), 0U);
}

}  // namespace
}  // namespace rtm::net::test
