#pragma once

// Frames: 3-byte big-endian body length, 1-byte kind, body (proto/rtm.proto).

#include <cstddef>
#include <cstdint>
#include <utility>

#include "base/bytes.hpp"
#include "base/common_constants.hpp"
#include "wire/messages.hpp"

namespace rtm::wire {

/// The kind of the frames that carry a message: its `kKind`, or None for messages that only occur inside others.
template <typename M>
inline constexpr FrameKind kKindOf = [] {
  if constexpr (requires { M::kKind; }) {
    return M::kKind;
  } else {
    return FrameKind::None;
  }
}();

inline constexpr std::size_t kFrameHeaderSize = 4;
using rtm::kMaxFrameBody;
/// The limit until login: a stranger must not make us hold more.
inline constexpr std::size_t kMaxFrameBodyBeforeLogin = 1024;

inline std::uint8_t* writeFrameHeader(std::uint8_t* out, FrameKind kind, std::size_t bodySize) {
  out[0] = static_cast<std::uint8_t>(bodySize >> 16);
  out[1] = static_cast<std::uint8_t>(bodySize >> 8);
  out[2] = static_cast<std::uint8_t>(bodySize);
  out[3] = static_cast<std::uint8_t>(kind);
  return out + kFrameHeaderSize;
}

/// Appends `message` as one frame to `out`. False, and nothing appended, if a receiver would refuse it: its body would
/// be over kMaxFrameBody, or one of its lists is too long.
template <MessageType M>
bool appendFrame(Bytes& out, const M& message) {
  static_assert(kKindOf<M> != FrameKind::None, "this message only occurs inside others");
  const std::size_t size = encodedSize(message);
  if (size > kMaxFrameBody || !withinListLimits(message)) return false;
  const std::size_t start = out.size();
  out.resize(start + kFrameHeaderSize + size);
  encode(message, writeFrameHeader(out.data() + start, kKindOf<M>, size));
  return true;
}

/// Cuts a byte stream into frames. Whole frames are handed over in place; only a frame that straddles two chunks is
/// copied, and memory follows the bytes that came, not the size that the header announced. Between frames the decoder
/// holds no memory.
class FrameDecoder {
 public:
  enum class Status {
    Ok,        ///< everything was consumed (a part of a frame may be kept for the next chunk)
    TooLarge,  ///< a header announced a body over the limit
    Stopped,   ///< the handler returned false; the rest of the chunk was dropped
  };

  /// Largest body accepted from the next header on. The handler may call it, for example after a login.
  void setLimit(std::size_t maxBody) { limit_ = maxBody; }

  /// How many bytes of an unfinished frame are held.
  std::size_t buffered() const { return partial_.size(); }

  /// Feeds a chunk. `onFrame(FrameKind, ByteView body) -> bool` is called for each whole frame; the body lives until
  /// it returns. The decoder must outlive the call, whatever the handler does, and must not be fed by the handler.
  /// Anything but Ok is final, since the place of the next header is lost: later chunks are dropped with the same
  /// answer.
  template <typename Handler>
  Status feed(ByteView chunk, Handler&& onFrame) {
    if (ended_ != Status::Ok) return ended_;
    if (!partial_.empty()) {
      if (!completePartial(chunk)) return ended_;
      const Bytes frame = std::exchange(partial_, {});
      if (!onFrame(kindOf(frame.data()), ByteView(frame).subspan(kFrameHeaderSize))) return end(Status::Stopped);
    }
    while (chunk.size() >= kFrameHeaderSize) {
      const std::size_t size = bodySize(chunk.data());
      if (size > limit_) return end(Status::TooLarge);
      if (chunk.size() - kFrameHeaderSize < size) break;
      if (!onFrame(kindOf(chunk.data()), chunk.subspan(kFrameHeaderSize, size))) return end(Status::Stopped);
      chunk = chunk.subspan(kFrameHeaderSize + size);
    }
    partial_.assign(chunk.begin(), chunk.end());
    return Status::Ok;
  }

 private:
  static std::size_t bodySize(const std::uint8_t* header) {
    return static_cast<std::size_t>(header[0]) << 16 | static_cast<std::size_t>(header[1]) << 8 | header[2];
  }
  static FrameKind kindOf(const std::uint8_t* header) { return static_cast<FrameKind>(header[3]); }
  /// Moves bytes from the front of `chunk` to the unfinished frame, at most up to its end. True: the frame is whole
  /// now. False: it needs another chunk, or is over the limit, which ends the stream.
  bool completePartial(ByteView& chunk);
  Status end(Status status);

  std::size_t limit_ = kMaxFrameBodyBeforeLogin;
  Bytes partial_;  // header and body of an unfinished frame, as far as they came; never a whole one between calls
  Status ended_ = Status::Ok;
};

}  // namespace rtm::wire
