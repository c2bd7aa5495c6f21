#include "net/datagram/stream_items.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace rtm::net::test {
namespace {

using Kind = StreamItemReader::Kind;
using stream_items::append;
using stream_items::appendPing;

const Acknowledgement kAcknowledgement{1000, 0xA5A5A5A5'5A5A5A5A, 77, 64 * 1024, 4800};

std::vector<Kind> kindsOf(ByteView payload) {
  std::vector<Kind> kinds;
  StreamItemReader items(payload, 0, 0, 0);
  do kinds.push_back(items.next());
  while (kinds.back() != Kind::End && kinds.back() != Kind::Malformed);
  return kinds;
}

TEST(StreamItems, AreReadAsTheyWereWritten) {
  Bytes payload;
  append(payload, kAcknowledgement);
  append(payload, SegmentItem{5, false, asBytes("text")});
  appendPing(payload);
  append(payload, SegmentItem{6, true, {}});
  StreamItemReader items(payload, 990, 70, 3);
  ASSERT_EQ(items.next(), Kind::Acknowledgement);
  EXPECT_EQ(items.acknowledgement().largest, kAcknowledgement.largest);
  EXPECT_EQ(items.acknowledgement().earlier, kAcknowledgement.earlier);
  EXPECT_EQ(items.acknowledgement().segments, kAcknowledgement.segments);
  EXPECT_EQ(items.acknowledgement().window, kAcknowledgement.window);
  EXPECT_EQ(items.acknowledgement().delay, kAcknowledgement.delay);
  ASSERT_EQ(items.next(), Kind::Segment);
  EXPECT_EQ(items.segment().number, 5U);
  EXPECT_FALSE(items.segment().last);
  EXPECT_EQ(asText(items.segment().bytes), "text");
  EXPECT_EQ(items.next(), Kind::Ping);
  ASSERT_EQ(items.next(), Kind::Segment);
  EXPECT_TRUE(items.segment().last);
  EXPECT_EQ(items.next(), Kind::End);
  EXPECT_EQ(items.next(), Kind::End);
}

TEST(StreamItems, HaveTheSizesThatASenderCountsWith) {
  Bytes payload;
  append(payload, kAcknowledgement);
  EXPECT_EQ(payload.size(), stream_items::kAcknowledgementSize);
  payload.clear();
  append(payload, SegmentItem{5, false, asBytes("text")});
  EXPECT_EQ(payload.size(), stream_items::kSegmentHeaderSize + 4);
}

TEST(StreamItems, KeepNumbersThatPassThirtyTwoBits) {
  constexpr std::uint64_t kRound = std::uint64_t{1} << 32;
  for (const std::uint64_t number : {kRound - 2, kRound - 1, kRound, kRound + 5, 3 * kRound, 7 * kRound - 1}) {
    for (const std::uint64_t before : {number - 1, number - 1000, number + 1000}) {
      Bytes payload;
      append(payload, Acknowledgement{number, 0, number, 0, 0});
      append(payload, SegmentItem{number, false, asBytes("x")});
      StreamItemReader items(payload, before, before, before);
      ASSERT_EQ(items.next(), Kind::Acknowledgement);
      EXPECT_EQ(items.acknowledgement().largest, number);
      EXPECT_EQ(items.acknowledgement().segments, number);
      ASSERT_EQ(items.next(), Kind::Segment);
      EXPECT_EQ(items.segment().number, number);
    }
  }
}

TEST(StreamItems, RoundWindowAndDelayDownAndCutThemOffAtTheMostThatCanBeTold) {
  struct Case {
    std::size_t window;
    std::size_t toldWindow;
    Micros delay;
    Micros toldDelay;
  };
  for (const Case& each : {Case{1023, 0, 15, 0}, Case{1024, 1024, 16, 16}, Case{70'000, 69'632, 20'010, 20'000},
                           Case{std::size_t{1} << 30, 65'535 * 1024, kSecond * 60, 65'535 * 16}}) {
    Bytes payload;
    append(payload, Acknowledgement{0, 0, 0, each.window, each.delay});
    StreamItemReader items(payload, 0, 0, 0);
    ASSERT_EQ(items.next(), Kind::Acknowledgement);
    EXPECT_EQ(items.acknowledgement().window, each.toldWindow);
    EXPECT_EQ(items.acknowledgement().delay, each.toldDelay);
  }
}

TEST(StreamItems, AreMalformedIfCutAnywhere) {
  Bytes acknowledgement;
  append(acknowledgement, kAcknowledgement);
  Bytes segment;
  append(segment, SegmentItem{5, false, asBytes("text")});
  for (const Bytes& whole : {acknowledgement, segment}) {
    EXPECT_EQ(kindsOf(whole).back(), Kind::End);
    for (std::size_t size = 1; size < whole.size(); ++size)
      EXPECT_EQ(kindsOf(ByteView(whole).first(size)), (std::vector{Kind::Malformed})) << size;
  }
}

TEST(StreamItems, AreMalformedAgainstTheRules) {
  Bytes twice;
  append(twice, kAcknowledgement);
  append(twice, kAcknowledgement);
  EXPECT_EQ(kindsOf(twice), (std::vector{Kind::Acknowledgement, Kind::Malformed}));
  Bytes empty;
  append(empty, SegmentItem{5, false, {}});
  EXPECT_EQ(kindsOf(empty), (std::vector{Kind::Malformed}));
  Bytes lastWithBytes;
  append(lastWithBytes, SegmentItem{5, true, asBytes("text")});
  EXPECT_EQ(kindsOf(lastWithBytes), (std::vector{Kind::Malformed}));
  for (int tag = 0; tag < 256; ++tag) {
    if (tag >= 1 && tag <= 4) continue;
    EXPECT_EQ(kindsOf(Bytes{static_cast<std::uint8_t>(tag)}), (std::vector{Kind::Malformed})) << tag;
  }
}

}  // namespace
}  // namespace rtm::net::test
