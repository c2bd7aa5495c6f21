#include "net/datagram/stream.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "stream_pair.hpp"

namespace rtm::net::test {
namespace {

using Kind = StreamItemReader::Kind;

/// Byte `position` of every stream of these tests: a byte that is lost, doubled or out of place shows.
std::uint8_t byteAt(std::uint64_t position) {
  return static_cast<std::uint8_t>((position * 0x9E3779B97F4A7C15U) >> 56);
}

Bytes bytesFrom(std::uint64_t position, std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = byteAt(position + i);
  return bytes;
}

/// Writes the bytes of one direction, and checks those that arrive.
struct Direction {
  Direction(StreamEnd& sender, StreamEnd& receiver) : from(sender) {
    receiver.onBytes = [this](ByteView bytes) {
      for (const std::uint8_t byte : bytes) wrong += byte == byteAt(arrived++) ? 0 : 1;
      late += ended;
    };
    receiver.onEnd = [this] { ++ended; };
    sender.onPacket = [this](ByteView payload) { look(payload); };
  }
  void write(std::size_t size) {
    from.write(bytesFrom(written, size));
    written += size;
  }
  /// No packet carries a segment twice.
  void look(ByteView payload) {
    StreamItemReader items(payload, 0, 0, 0);
    std::set<std::uint64_t> segments;
    for (Kind kind = items.next(); kind != Kind::End && kind != Kind::Malformed; kind = items.next()) {
      if (kind == Kind::Segment && !segments.insert(items.segment().number).second) ++doubled;
    }
  }

  StreamEnd& from;
  std::uint64_t written = 0;
  std::uint64_t arrived = 0;
  int ended = 0;
  int wrong = 0;
  int late = 0;     ///< bytes behind the end
  int doubled = 0;  ///< segments that a packet carried twice
};

/// One schedule: what is written when, and what the paths do.
class Schedule {
 public:
  explicit Schedule(std::uint64_t seed) : random_(seed), seed_(seed) {}

  void run() {
    VirtualTime time;
    StreamPair pair(time, path(), seed_, one({Micros{1}, kMillisecond, 10 * kMillisecond}), options());
    // Numbers that pass the 32 bits on the wire.
    if (chance(0.2)) pair.a.numberFrom((std::uint64_t{1} << 32) - below(300));
    Direction there(pair.a, pair.b);
    Direction back(pair.b, pair.a);
    plan(time, pair.a, there);
    plan(time, pair.b, back);
    blackouts(time, pair);
    time.runUntil(kEnd);
    expectDone(there, pair.b);
    expectDone(back, pair.a);
    EXPECT_TRUE(time.atRest());
    const std::uint64_t segments = pair.a.stream.sending().queue().end() + pair.b.stream.sending().queue().end();
    // Most where segments are tiny, the path is slow, and the receiver holds as many as it may.
    EXPECT_LE(pair.there.sentPackets() + pair.back.sentPackets(), 3000 + 20 * segments);
  }

 private:
  static constexpr Micros kWriting = 10 * kSecond;
  static constexpr Micros kEnd = 900 * kSecond;

  void expectDone(const Direction& direction, StreamEnd& receiver) const {
    EXPECT_EQ(direction.arrived, direction.written);
    EXPECT_EQ(direction.ended, 1);
    EXPECT_EQ(direction.wrong, 0);
    EXPECT_EQ(direction.late, 0);
    EXPECT_EQ(direction.doubled, 0);
    EXPECT_TRUE(receiver.stream.ended());
    EXPECT_TRUE(direction.from.stream.flushed());
    EXPECT_EQ(direction.from.stream.unacknowledged(), 0U);
    EXPECT_EQ(direction.from.malformed, 0U);
    EXPECT_EQ(direction.from.overdue, 0U);
    EXPECT_FALSE(direction.from.stream.dueAt(kEnd));
  }
  VirtualPath::Options path() {
    VirtualPath::Options path;
    path.delay = one({Micros{50}, 5 * kMillisecond, 50 * kMillisecond, 150 * kMillisecond, kSecond});
    path.jitter = chance(0.5) ? 0 : one({kMillisecond, 20 * kMillisecond, 200 * kMillisecond});
    path.loss = chance(0.2) ? 0 : 0.6 * share();
    path.duplicates = chance(0.5) ? 0 : share();
    if (path.loss > 0 && chance(0.2)) path.burst = 100 * kMillisecond;
    if (chance(0.3)) {
      path.bytesPerMicro = one({0.05, 0.5, 2.5});
      path.queueBytes = one({std::size_t{3000}, std::size_t{50'000}});
    }
    return path;
  }
  Stream::Options options() {
    Stream::Options options;
    if (chance(0.2)) options.payload = one({std::size_t{64}, std::size_t{100}, std::size_t{1152}});
    if (chance(0.2)) options.sending.copies = CopyPlan::Fixed{1, 20 * kMillisecond};
    return options;
  }
  void plan(VirtualTime& time, StreamEnd& end, Direction& direction) {
    const std::size_t writes = below(100);
    const std::size_t most = one({std::size_t{1}, std::size_t{300}, std::size_t{5000}});
    for (std::size_t i = 0; i < writes; ++i) {
      time.at(moment(), [&direction, size = 1 + below(most)] { direction.write(size); });
    }
    if (chance(0.3)) time.at(moment(), [&direction] { direction.write(std::size_t{64} * 1024); });
    time.at(kSecond + kWriting + below(10 * kSecond), [&end] { end.finish(); });
    for (std::size_t i = below(4); i > 0; --i) {
      const Micros from = moment();
      time.at(from, [&end] { end.stream.pause(); });
      time.at(from + below(5 * kSecond), [&end] { end.resume(); });
    }
    // Pauses may overlap; in the end both read.
    time.at(60 * kSecond, [&end] { end.resume(); });
  }
  void blackouts(VirtualTime& time, StreamPair& pair) {
    for (std::size_t i = below(3); i > 0; --i) {
      const Micros from = moment();
      VirtualPath& path = chance(0.5) ? pair.there : pair.back;
      time.at(from, [&path] { path.setDark(true); });
      time.at(from + below(8 * kSecond), [&path] { path.setDark(false); });
    }
  }

  double share() { return std::uniform_real_distribution<>(0, 1)(random_); }
  bool chance(double wanted) { return share() < wanted; }
  std::size_t below(std::size_t bound) { return std::uniform_int_distribution<std::size_t>(0, bound - 1)(random_); }
  Micros moment() { return kSecond + below(kWriting); }
  template <typename T>
  T one(std::initializer_list<T> list) {
    return list.begin()[below(list.size())];
  }

  std::mt19937_64 random_;
  std::uint64_t seed_;
};

TEST(StreamSchedules, DeliverEverythingOnceAndInOrderAndComeToRest) {
  for (std::uint64_t seed = 1; seed <= 150; ++seed) {
    SCOPED_TRACE("seed " + std::to_string(seed));
    Schedule(seed).run();
    if (::testing::Test::HasFailure()) return;
  }
}

TEST(StreamPairs, AReceiverThatDoesNotReadHoldsAWindowAndCostsAFewPackets) {
  VirtualTime time;
  VirtualPath::Options path;
  path.loss = 0.3;
  StreamPair pair(time, path, 1, 10 * kMillisecond);
  Direction there(pair.a, pair.b);
  pair.b.stream.pause();
  there.write(1'000'000);
  time.runUntil(20 * kSecond);
  EXPECT_EQ(pair.a.stream.unacknowledged(), 1'000'000U - ReceiveWindow::kLeast);
  const std::uint64_t packets = pair.there.sentPackets() + pair.back.sentPackets();
  time.runUntil(80 * kSecond);
  // It asks twice a second, and most questions are answered.
  EXPECT_LE(pair.there.sentPackets() + pair.back.sentPackets() - packets, 4U * 60);
  pair.b.resume();
  time.runUntil(140 * kSecond);
  EXPECT_EQ(there.arrived, there.written);
  EXPECT_EQ(there.wrong, 0);
  EXPECT_EQ(pair.a.stream.unacknowledged(), 0U);
}

/// One stream, whose other side is the test.
class StreamAlone : public ::testing::Test, public StreamSink {
 protected:
  void onStreamBytes(ByteView bytes) override { came.insert(came.end(), bytes.begin(), bytes.end()); }
  void onStreamEnd() override { ended = true; }

  /// Sends all that may leave; the payloads.
  std::vector<Bytes> flush() {
    std::vector<Bytes> packets;
    Bytes payload;
    while (packets.size() < 10'000 && stream.fill(now, payload)) {
      stream.sent(now, number++, payload.size() + StreamEnd::kOverhead);
      packets.push_back(std::exchange(payload, {}));
    }
    return packets;
  }
  /// Sends at each moment that the stream asks for; how many packets.
  std::size_t runUntil(Micros end) {
    std::size_t packets = flush().size();
    for (auto due = stream.dueAt(now); due && *due <= end; due = stream.dueAt(now)) {
      EXPECT_GT(*due, now) << "a timer that never rests";
      now = std::max(*due, now + 1);
      packets += flush().size();
    }
    now = end;
    return packets;
  }
  bool receive(const Bytes& payload) { return stream.packetCame(now, theirs++, payload, *this); }
  bool acknowledge(std::uint64_t largest, std::uint64_t segments, std::size_t window = 64 * 1024) {
    Bytes payload;
    stream_items::append(payload, Acknowledgement{largest, ~std::uint64_t{0}, segments, window, 0});
    return receive(payload);
  }
  static Bytes segment(std::uint64_t number, std::string_view text) {
    Bytes payload;
    stream_items::append(payload, SegmentItem{number, text.empty(), asBytes(text)});
    return payload;
  }
  /// Sends `size` bytes, which all arrive and are acknowledged every 10 ms.
  void exchange(std::size_t size) {
    stream.write(Bytes(size));
    while (!stream.flushed()) {
      runUntil(now + 10 * kMillisecond);
      acknowledge(number - 1, stream.sending().queue().end());
    }
  }

  Stream stream{Stream::Options{}};
  Micros now = kSecond;
  std::uint64_t number = 0;
  std::uint64_t theirs = 0;
  Bytes came;
  bool ended = false;
};

TEST_F(StreamAlone, IgnoresAcknowledgementsOfPacketsThatWereNeverSent) {
  stream.write(Bytes(10));
  ASSERT_EQ(flush().size(), 1U);
  acknowledge(number + 3, 1);
  EXPECT_FALSE(stream.flushed());
  acknowledge(number - 1, 1);
  EXPECT_TRUE(stream.flushed());
}

TEST_F(StreamAlone, IgnoresAcknowledgementsOfSegmentsThatWereNeverSent) {
  stream.write(Bytes(10));
  ASSERT_EQ(flush().size(), 1U);
  for (const std::uint64_t segments : {2ULL, 1'000ULL, 0x7FFFFFFFULL, 0xFFFFFFFFULL}) acknowledge(0, segments, 0);
  EXPECT_EQ(stream.unacknowledged(), 10U);
  // Nor was the window of such a word believed.
  stream.write(Bytes(10));
  EXPECT_EQ(flush().size(), 1U);
}

TEST_F(StreamAlone, TakesNothingOfAMalformedPacket) {
  stream.write(Bytes(10));
  flush();
  Bytes payload = segment(0, "news");
  stream_items::append(payload, Acknowledgement{0, 0, 1, 64 * 1024, 0});
  payload.push_back(99);
  EXPECT_FALSE(receive(payload));
  EXPECT_TRUE(came.empty());
  EXPECT_EQ(stream.unacknowledged(), 10U);
  EXPECT_TRUE(flush().empty());
}

TEST_F(StreamAlone, AsksUntilItHearsThatAClosedWindowHasOpened) {
  stream.write(Bytes(10));
  flush();
  acknowledge(0, 1, 0);
  stream.write(Bytes(10));
  EXPECT_TRUE(flush().empty());
  // The word that the window has opened got lost.
  const Micros closed = now;
  const auto due = stream.dueAt(now);
  ASSERT_TRUE(due);
  now = *due;
  EXPECT_EQ(flush(), (std::vector<Bytes>{Bytes{4}}));
  EXPECT_EQ(now - closed, kSecond / 2);
  EXPECT_EQ(runUntil(closed + 10 * kSecond), 19U);
  acknowledge(number - 1, 1);
  EXPECT_EQ(flush().size(), 1U);
  EXPECT_EQ(stream.sending().queue().uncut(), 0U);
}

TEST_F(StreamAlone, DoesNotTakeAnOlderWordForANewerOneThatOvertookIt) {
  stream.write(Bytes(10));
  flush();
  Bytes closed;
  stream_items::append(closed, Acknowledgement{0, 0, 1, 0, 0});
  Bytes opened;
  stream_items::append(opened, Acknowledgement{0, 0, 1, 64 * 1024, 0});
  stream.packetCame(now, 8, opened, *this);
  stream.packetCame(now, 7, closed, *this);
  stream.write(Bytes(10));
  EXPECT_EQ(flush().size(), 1U);
  stream.packetCame(now, 9, closed, *this);
  stream.write(Bytes(10));
  EXPECT_TRUE(flush().empty());
}

TEST_F(StreamAlone, OnlyProbesAPeerThatAcknowledgesNothing) {
  stream.write(Bytes(200'000));
  std::size_t packets = 0;
  // It speaks all the time: the path there may be dark although the path back is not.
  for (int i = 0; i < 600; ++i) {
    receive(segment(static_cast<std::uint64_t>(i), "x"));
    packets += runUntil(now + 100 * kMillisecond);
  }
  EXPECT_EQ(came.size(), 600U);
  // An acknowledgement for each of its segments, its share of the first second and a half, and four probes a second.
  EXPECT_LE(packets, 600U + 200U + 300U);
}

TEST_F(StreamAlone, ANewPathBeginsSlowlyWhateverArrivesFromTheOldOne) {
  exchange(2'000'000);
  stream.write(Bytes(2'000'000));
  ASSERT_GT(runUntil(now + 5 * kMillisecond), 20U);
  const std::uint64_t old = number - 1;
  stream.sending().newPath();
  now += 50 * kMillisecond;
  acknowledge(old, stream.sending().queue().end());
  EXPECT_LE(runUntil(now + 50 * kMillisecond) * 1171, Pace::kFirstWindow + 1171);
}

TEST_F(StreamAlone, TakesTheAwaitedSegmentAlsoOutOfAPacketThatHasNoRoom) {
  // As many as may wait for the first one.
  for (std::uint64_t i = 1; i <= ReceiveHalf::kMostSegments; ++i) receive(segment(i, "x"));
  flush();
  // A sender may put these two into one packet again and again.
  Bytes payload = segment(ReceiveHalf::kMostSegments + 2, "z");
  const Bytes awaited = segment(0, "y");
  payload.insert(payload.end(), awaited.begin(), awaited.end());
  receive(payload);
  EXPECT_EQ(came.size(), 1 + ReceiveHalf::kMostSegments);
  // The packet does not count as one that came: its other segment was left out.
  EXPECT_TRUE(flush().empty());
  receive(payload);
  receive(segment(ReceiveHalf::kMostSegments + 1, "z"));
  EXPECT_EQ(came.size(), 3 + ReceiveHalf::kMostSegments);
}

TEST_F(StreamAlone, RepeatsWhatFilledAPacketInOneThatAlsoAcknowledges) {
  for (const std::size_t payload : {64U, 100U, 1148U, 1171U}) {
    stream = Stream(Stream::Options{{}, payload});
    stream.write(Bytes(payload));
    const std::vector<Bytes> first = flush();
    ASSERT_FALSE(first.empty());
    now += 10 * kSecond;
    receive(segment(0, "x"));
    const std::vector<Bytes> again = flush();
    ASSERT_FALSE(again.empty()) << payload;
    StreamItemReader items(again[0], 0, 0, 0);
    EXPECT_EQ(items.next(), Kind::Acknowledgement) << payload;
    EXPECT_EQ(items.next(), Kind::Segment) << payload;
    EXPECT_LE(again[0].size(), payload);
  }
}

TEST_F(StreamAlone, AcknowledgesAtMostOncePerThirtyTwoPackets) {
  const Bytes ping{4};
  std::size_t packets = 0;
  for (int i = 0; i < 3200; ++i) {
    receive(ping);
    packets += flush().size();
  }
  EXPECT_EQ(packets, 100U);
}

TEST_F(StreamAlone, MustAnswerBeforeItForgetsWhatCame) {
  const Bytes ping{4};
  for (int i = 0; i < 31; ++i) receive(ping);
  EXPECT_FALSE(stream.mustAnswer(now));
  receive(ping);
  EXPECT_TRUE(stream.mustAnswer(now));
  EXPECT_EQ(flush().size(), 1U);
  EXPECT_FALSE(stream.mustAnswer(now));
}

TEST_F(StreamAlone, MayBePausedAndResumedInsideOfItsSink) {
  struct Sink final : StreamSink {
    explicit Sink(Stream& paused) : stream(paused) {}
    void onStreamBytes(ByteView bytes) override {
      text += asText(bytes);
      stream.pause();
      if (text.size() == 3) stream.resume(2 * kSecond, *this);
    }
    void onStreamEnd() override { text += "."; }
    Stream& stream;
    std::string text;
  } sink(stream);
  for (const std::uint64_t i : {5U, 4U, 3U, 2U, 1U, 0U})
    stream.packetCame(now, theirs++, segment(i, i == 5 ? "" : std::string(1, static_cast<char>('a' + i))), sink);
  EXPECT_EQ(sink.text, "a");
  stream.resume(now, sink);
  EXPECT_EQ(sink.text, "ab");
  stream.resume(now, sink);
  EXPECT_EQ(sink.text, "abcd");
  EXPECT_FALSE(stream.ended());
  stream.resume(now, sink);
  stream.resume(now, sink);
  EXPECT_EQ(sink.text, "abcde.");
  EXPECT_TRUE(stream.ended());
}

}  // namespace
}  // namespace rtm::net::test
