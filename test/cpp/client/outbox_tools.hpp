#pragma once

// An outbox with short calls, and a line that records the frames it gets.

#include <gtest/gtest.h>

#include <cstdint>
#include <ostream>
#include <string>
#include <vector>

#include "client/sending/outbox.hpp"
#include "wire/frame.hpp"

namespace rtm::client::testing {

/// A frame as it was put on the line. `number`: the seq of a message, the id of a request.
struct Sent {
  OutboxKind kind;  ///< PeerMessage also for what else travels as one
  std::uint64_t number;
  std::string to;    ///< peer or channel; empty for requests
  std::string text;  ///< content of a message, channel of a join
  bool operator==(const Sent&) const = default;
};

inline std::ostream& operator<<(std::ostream& out, const Sent& sent) {
  return out << static_cast<int>(sent.kind) << ":" << sent.number << ":" << sent.to << ":" << sent.text.substr(0, 40);
}

inline std::vector<Sent> framesOf(ByteView stream) {
  std::vector<Sent> frames;
  wire::FrameDecoder decoder;
  decoder.setLimit(wire::kMaxFrameBody);
  const auto status = decoder.feed(stream, [&](wire::FrameKind kind, ByteView body) {
    if (kind == wire::FrameKind::PeerSend) {
      wire::PeerSend send;
      EXPECT_TRUE(wire::decode(body, send));
      frames.push_back(
          {OutboxKind::PeerMessage, send.seq, std::string(send.peerId), std::string(asText(send.content))});
    } else if (kind == wire::FrameKind::ChannelSend) {
      wire::ChannelSend send;
      EXPECT_TRUE(wire::decode(body, send));
      frames.push_back(
          {OutboxKind::ChannelMessage, send.seq, std::string(send.channelId), std::string(asText(send.content))});
    } else {
      wire::Join join;
      EXPECT_EQ(kind, wire::FrameKind::Join);
      EXPECT_TRUE(wire::decode(body, join));
      frames.push_back({OutboxKind::Request, join.requestId, {}, std::string(join.channelId)});
    }
    return true;
  });
  EXPECT_EQ(status, wire::FrameDecoder::Status::Ok);
  EXPECT_EQ(decoder.buffered(), 0u) << "only whole frames are handed over";
  return frames;
}

/// The other side of flush(): takes `room` pieces and refuses the rest.
struct Line {
  std::vector<Sent> frames;
  std::vector<std::size_t> pieces;
  std::size_t room = ~std::size_t{0};

  bool operator()(ByteView piece) {
    if (room == 0) return false;
    --room;
    pieces.push_back(piece.size());
    const std::vector<Sent> taken = framesOf(piece);
    EXPECT_FALSE(taken.empty()) << "an empty piece";
    frames.insert(frames.end(), taken.begin(), taken.end());
    return true;
  }
};

/// Everything that flush() hands over at once.
inline std::vector<Sent> flushed(Outbox& outbox) {
  Line line;
  EXPECT_TRUE(outbox.flush(line));
  return line.frames;
}

inline std::vector<std::uint64_t> numbersOf(const std::vector<Sent>& frames) {
  std::vector<std::uint64_t> numbers;
  for (const Sent& frame : frames) numbers.push_back(frame.number);
  return numbers;
}

inline bool sendPeer(Outbox& outbox, std::uint64_t messageId, std::string_view text = "x",
                     std::uint64_t deadline = 10'000, OutboxKind kind = OutboxKind::PeerMessage) {
  return outbox.appendSend(wire::PeerSend{.peerId = "peer", .content = asBytes(text)}, kind, messageId, 0, deadline);
}

inline bool sendChannel(Outbox& outbox, std::uint64_t messageId, std::uint32_t channel = 1, std::string_view text = "x",
                        std::uint64_t deadline = 10'000) {
  return outbox.appendSend(wire::ChannelSend{.channelId = "room", .content = asBytes(text)}, OutboxKind::ChannelMessage,
                           messageId, channel, deadline);
}

inline bool request(Outbox& outbox, std::uint32_t requestId, std::uint64_t deadline = 5000) {
  return outbox.appendRequest(wire::Join{.requestId = requestId, .channelId = "room"}, deadline);
}

}  // namespace rtm::client::testing
