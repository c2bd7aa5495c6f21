#include "wire/frame.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "wire/message_tools.hpp"

namespace rtm::wire {
namespace {

using Status = FrameDecoder::Status;

struct Seen {
  FrameKind kind;
  Bytes body;
  bool operator==(const Seen&) const = default;
};

Bytes frame(FrameKind kind, const Bytes& body) {
  Bytes out(kFrameHeaderSize);
  writeFrameHeader(out.data(), kind, body.size());
  out.insert(out.end(), body.begin(), body.end());
  return out;
}

Bytes numbered(std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(i * 7 + 1);
  return bytes;
}

/// A decoder with what it delivered. Chunks are fed from memory of exactly their size, which is gone afterwards.
class Receiver {
 public:
  Status feed(ByteView chunk) {
    const auto exact = std::make_unique<std::uint8_t[]>(chunk.size());
    std::copy(chunk.begin(), chunk.end(), exact.get());
    return decoder.feed(ByteView(exact.get(), chunk.size()), [this](FrameKind kind, ByteView body) {
      seen.push_back({kind, Bytes(body.begin(), body.end())});
      return onFrame ? onFrame(kind) : true;
    });
  }

  FrameDecoder decoder;
  std::vector<Seen> seen;
  std::function<bool(FrameKind)> onFrame;
};

class Splitting : public ::testing::Test {
 protected:
  Splitting() {
    for (const std::size_t size : {0u, 1u, 3u, 0u, 0u, 4u, 5u, 30u, 2u}) {
      const auto kind = static_cast<FrameKind>(frames.size() + 1);
      frames.push_back({kind, numbered(size)});
      const Bytes one = frame(kind, numbered(size));
      stream.insert(stream.end(), one.begin(), one.end());
    }
  }

  void expectSame(const std::vector<std::size_t>& cuts) {
    Receiver receiver;
    std::size_t from = 0;
    for (const std::size_t to : cuts) {
      ASSERT_EQ(receiver.feed(ByteView(stream).subspan(from, to - from)), Status::Ok);
      from = to;
    }
    ASSERT_EQ(receiver.feed(ByteView(stream).subspan(from)), Status::Ok);
    ASSERT_EQ(receiver.seen, frames) << ::testing::PrintToString(cuts);
    ASSERT_EQ(receiver.decoder.buffered(), 0u);
  }

  std::vector<Seen> frames;
  Bytes stream;
};

TEST_F(Splitting, OneChunkGivesAllFrames) {
  expectSame({});
}

TEST_F(Splitting, EveryCutInTwoGivesTheSameFrames) {
  for (std::size_t cut = 0; cut <= stream.size(); ++cut) expectSame({cut});
}

TEST_F(Splitting, EveryCutInThreeGivesTheSameFrames) {
  for (std::size_t first = 0; first <= stream.size(); ++first) {
    for (std::size_t second = first; second <= stream.size(); ++second) expectSame({first, second});
  }
}

TEST_F(Splitting, SingleBytesGiveTheSameFrames) {
  std::vector<std::size_t> cuts(stream.size());
  for (std::size_t i = 0; i < cuts.size(); ++i) cuts[i] = i;
  expectSame(cuts);
}

TEST(FrameDecoder, TakesTheLargestFramesByteByByte) {
  Receiver receiver;
  receiver.decoder.setLimit(kMaxFrameBody);
  const Bytes body = numbered(kMaxFrameBody);
  const Bytes bytes = frame(FrameKind::PeerSend, body);
  for (int round = 0; round < 20; ++round) {
    for (const std::uint8_t& byte : bytes) {
      ASSERT_EQ(receiver.decoder.feed({&byte, 1},
                                      [&](FrameKind kind, ByteView got) {
                                        receiver.seen.push_back({kind, Bytes(got.begin(), got.end())});
                                        return true;
                                      }),
                Status::Ok);
    }
    ASSERT_EQ(receiver.seen.size(), 1u);
    ASSERT_EQ(receiver.seen[0].body, body);
    receiver.seen.clear();
  }
}

TEST(FrameDecoder, HandsWholeFramesOverInPlace) {
  const Bytes bytes = frame(FrameKind::Ping, {1, 2, 3});
  FrameDecoder decoder;
  const std::uint8_t* seen = nullptr;
  decoder.feed(bytes, [&](FrameKind, ByteView body) {
    seen = body.data();
    return true;
  });
  EXPECT_EQ(seen, bytes.data() + kFrameHeaderSize);
}

TEST(FrameDecoder, HoldsOnlyTheReceivedPartOfAnUnfinishedFrame) {
  Receiver receiver;
  const Bytes bytes = frame(FrameKind::Ping, numbered(500));
  EXPECT_EQ(receiver.feed(ByteView(bytes).first(2)), Status::Ok);
  EXPECT_EQ(receiver.decoder.buffered(), 2u);
  EXPECT_EQ(receiver.feed(ByteView(bytes).subspan(2, 10)), Status::Ok);
  EXPECT_EQ(receiver.decoder.buffered(), 12u);
  EXPECT_EQ(receiver.feed(ByteView(bytes).subspan(12)), Status::Ok);
  EXPECT_EQ(receiver.decoder.buffered(), 0u);
  EXPECT_EQ(receiver.seen.size(), 1u);
}

TEST(FrameDecoder, AnEmptyChunkChangesNothing) {
  Receiver receiver;
  const Bytes bytes = frame(FrameKind::Ping, {1, 2});
  EXPECT_EQ(receiver.feed({}), Status::Ok);
  EXPECT_EQ(receiver.feed(ByteView(bytes).first(5)), Status::Ok);
  EXPECT_EQ(receiver.feed({}), Status::Ok);
  EXPECT_EQ(receiver.decoder.buffered(), 5u);
  EXPECT_EQ(receiver.feed(ByteView(bytes).subspan(5)), Status::Ok);
  EXPECT_EQ(receiver.seen.size(), 1u);
}

TEST(FrameDecoder, ReportsKindsItDoesNotKnow) {
  Receiver receiver;
  EXPECT_EQ(receiver.feed(frame(static_cast<FrameKind>(0), {})), Status::Ok);
  EXPECT_EQ(receiver.feed(frame(static_cast<FrameKind>(255), {9})), Status::Ok);
  ASSERT_EQ(receiver.seen.size(), 2u);
  EXPECT_EQ(receiver.seen[1].kind, static_cast<FrameKind>(255));
}

TEST(FrameDecoder, TakesOneKibibyteBeforeLogin) {
  Receiver receiver;
  EXPECT_EQ(receiver.feed(frame(FrameKind::Login, Bytes(1024))), Status::Ok);
  EXPECT_EQ(receiver.seen.size(), 1u);
  EXPECT_EQ(receiver.feed(frame(FrameKind::Login, Bytes(1025))), Status::TooLarge);
  EXPECT_EQ(receiver.seen.size(), 1u);
}

TEST(FrameDecoder, RefusesAFrameOverTheLimitFromItsHeaderAlone) {
  for (const std::size_t announced : {kMaxFrameBody + 1, std::size_t{(1 << 24) - 1}}) {
    Bytes header(kFrameHeaderSize);
    writeFrameHeader(header.data(), FrameKind::PeerSend, announced);
    for (std::size_t cut = 0; cut <= header.size(); ++cut) {
      Receiver receiver;
      receiver.decoder.setLimit(kMaxFrameBody);
      const Status first = receiver.feed(ByteView(header).first(cut));
      EXPECT_EQ(first, cut == header.size() ? Status::TooLarge : Status::Ok);
      EXPECT_EQ(receiver.feed(ByteView(header).subspan(cut)), Status::TooLarge);
      EXPECT_EQ(receiver.decoder.buffered(), 0u);
      EXPECT_TRUE(receiver.seen.empty());
    }
  }
}

TEST(FrameDecoder, DeliversTheFramesBeforeAFrameOverTheLimit) {
  Bytes bytes = frame(FrameKind::Ping, {1});
  const Bytes large = frame(FrameKind::PeerSend, Bytes(2000));
  bytes.insert(bytes.end(), large.begin(), large.end());
  Receiver receiver;
  EXPECT_EQ(receiver.feed(bytes), Status::TooLarge);
  EXPECT_EQ(receiver.seen.size(), 1u);
}

TEST(FrameDecoder, ReadsNothingMoreAfterAFrameOverTheLimit) {
  Receiver receiver;
  EXPECT_EQ(receiver.feed(frame(FrameKind::Login, Bytes(1025))), Status::TooLarge);
  EXPECT_EQ(receiver.feed(frame(FrameKind::Ping, {})), Status::TooLarge);
  EXPECT_TRUE(receiver.seen.empty());
}

TEST(FrameDecoder, StopsWhenTheHandlerReturnsFalse) {
  Bytes bytes;
  for (const FrameKind kind : {FrameKind::Ping, FrameKind::Bye, FrameKind::Ping}) {
    const Bytes one = frame(kind, {1, 2, 3});
    bytes.insert(bytes.end(), one.begin(), one.end());
  }
  for (std::size_t cut = 0; cut <= bytes.size(); ++cut) {
    Receiver receiver;
    receiver.onFrame = [](FrameKind kind) { return kind != FrameKind::Bye; };
    receiver.feed(ByteView(bytes).first(cut));
    EXPECT_EQ(receiver.feed(ByteView(bytes).subspan(cut)), Status::Stopped) << cut;
    EXPECT_EQ(receiver.seen.size(), 2u) << cut;
    EXPECT_EQ(receiver.feed(bytes), Status::Stopped);
    EXPECT_EQ(receiver.seen.size(), 2u) << cut;
    EXPECT_EQ(receiver.decoder.buffered(), 0u);
  }
}

TEST(FrameDecoder, ALimitRaisedInTheHandlerHoldsForTheNextFrame) {
  Bytes bytes = frame(FrameKind::LoginResult, {1});
  const Bytes large = frame(FrameKind::PeerMessage, numbered(5000));
  bytes.insert(bytes.end(), large.begin(), large.end());
  for (const std::size_t cut : {0u, 1u, 4u, 5u, 7u, 9u, 100u, 5008u}) {
    Receiver receiver;
    receiver.onFrame = [&](FrameKind) {
      receiver.decoder.setLimit(kMaxFrameBody);
      return true;
    };
    EXPECT_EQ(receiver.feed(ByteView(bytes).first(cut)), Status::Ok) << cut;
    EXPECT_EQ(receiver.feed(ByteView(bytes).subspan(cut)), Status::Ok) << cut;
    ASSERT_EQ(receiver.seen.size(), 2u) << cut;
    EXPECT_EQ(receiver.seen[1].body, numbered(5000));
  }
}

TEST(FrameDecoder, ALimitLoweredInTheHandlerHoldsForTheNextFrame) {
  Bytes bytes = frame(FrameKind::Logout, {1});
  const Bytes large = frame(FrameKind::PeerMessage, numbered(100));
  bytes.insert(bytes.end(), large.begin(), large.end());
  Receiver receiver;
  receiver.onFrame = [&](FrameKind) {
    receiver.decoder.setLimit(10);
    return true;
  };
  EXPECT_EQ(receiver.feed(bytes), Status::TooLarge);
  EXPECT_EQ(receiver.seen.size(), 1u);
}

TEST(AppendFrame, WritesHeaderAndBodyBehindTheExistingBytes) {
  Bytes out = {0xaa};
  ASSERT_TRUE(appendFrame(out, Ping{300}));
  ASSERT_TRUE(appendFrame(out, Logout{}));
  EXPECT_EQ(out, (Bytes{0xaa, 0x00, 0x00, 0x03, 0x09, 0x08, 0xac, 0x02, 0x00, 0x00, 0x00, 0x07}));
}

TEST(AppendFrame, TakesBodiesUpToTheLimitAndLeavesTheRestUntouched) {
  Bytes content(kMaxFrameBody - 4);  // tag, and a length of 3 bytes
  PeerSend message;
  message.content = content;
  Bytes out = {0xaa};
  ASSERT_TRUE(appendFrame(out, message));
  EXPECT_EQ(out.size(), 1 + kFrameHeaderSize + kMaxFrameBody);
  EXPECT_EQ((Bytes{out[1], out[2], out[3], out[4]}), (Bytes{0x01, 0x00, 0x00, 16}));

  content.push_back(0);
  message.content = content;
  out = {0xaa};
  EXPECT_FALSE(appendFrame(out, message));
  EXPECT_EQ(out, Bytes{0xaa});
}

TEST(AppendFrame, RefusesListsThatNoReceiverTakes) {
  Bytes out;
  Members members;
  members.userIds.resize(kMaxRepeated);
  EXPECT_TRUE(appendFrame(out, members));
  members.userIds.emplace_back();
  EXPECT_FALSE(appendFrame(out, members));

  LoginResult result;
  result.limits.emplace().rates.resize(kMaxRepeated + 1);
  EXPECT_FALSE(appendFrame(out, result));
}

TEST(FrameMessages, EachHasAKindOfItsOwn) {
  std::vector<FrameKind> kinds;
  testing::forEachMessage(FrameMessages{}, [&](auto message) { kinds.push_back(kKindOf<decltype(message)>); });
  std::sort(kinds.begin(), kinds.end());
  EXPECT_EQ(std::adjacent_find(kinds.begin(), kinds.end()), kinds.end());
  EXPECT_NE(kinds.front(), FrameKind::None);
  EXPECT_LT(static_cast<int>(kinds.back()), 128);  // from there on kinds are optional to their receivers
  testing::forEachMessage(testing::InnerMessages{},
                          [](auto message) { EXPECT_EQ(kKindOf<decltype(message)>, FrameKind::None); });
}

}  // namespace
}  // namespace rtm::wire
