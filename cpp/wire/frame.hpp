#pragma once

// Frames: 3-byte big-endian body length, 1-byte kind, body (proto/rtm.proto).

#include <cstddef>
#include <cstdint>

#include "base/bytes.hpp"
#include "wire/messages.hpp"

namespace rtm::wire {

inline constexpr std::size_t kFrameHeaderSize = 4;
inline constexpr std::size_t kMaxFrameBody = 64 * 1024;
/// Until login: an unknown peer must not make us hold more than this.
inline constexpr std::size_t kMaxFrameBodyBeforeLogin = 1024;

inline std::uint8_t* writeFrameHeader(std::uint8_t* out, FrameKind kind, std::size_t bodySize) {
  out[0] = static_cast<std::uint8_t>(bodySize >> 16);
  out[1] = static_cast<std::uint8_t>(bodySize >> 8);
  out[2] = static_cast<std::uint8_t>(bodySize);
  out[3] = static_cast<std::uint8_t>(kind);
  return out + kFrameHeaderSize;
}

/// Appends `message` as one frame to `out`. False, and nothing appended, if its body would be over kMaxFrameBody.
template <MessageType M>
bool appendFrame(Bytes& out, const M& message) {
  static_assert(kKindOf<M> != FrameKind::None, "this message only occurs inside others");
  const std::size_t size = encodedSize(message);
  if (size > kMaxFrameBody) return false;
  const std::size_t start = out.size();
  out.resize(start + kFrameHeaderSize + size);
  encode(message, writeFrameHeader(out.data() + start, kKindOf<M>, size));
  return true;
}

/// Cuts a byte stream into frames. Whole frames are handed over in place; only a frame that straddles two chunks is
/// copied, and never more of it than the limit allows.
class FrameDecoder {
 public:
  enum class Status {
    Ok,        ///< everything was consumed (a part of a frame may be kept for the next chunk)
    TooLarge,  ///< a header announced a body over the limit; the stream is unusable from here on
    Stopped,   ///< the handler returned false; the rest of the chunk was dropped
  };

  /// Largest body accepted from the next header on. The handler may call it, for example after a login.
  void setLimit(std::size_t maxBody) { limit_ = maxBody; }

  /// Bytes held of an unfinished frame.
  std::size_t buffered() const { return partial_.size(); }

  /// Feeds a chunk. `onFrame(FrameKind, ByteView body) -> bool` is called for each whole frame; the body lives until
  /// it returns. The decoder must outlive the call, whatever the handler does.
  template <typename Handler>
  Status feed(ByteView chunk, Handler&& onFrame) {
    while (!partial_.empty() && !chunk.empty()) {
      const Status status = completePartial(chunk);
      if (status != Status::Ok) return status;
      if (!partialComplete()) return Status::Ok;  // chunk is used up
      Bytes frame;
      frame.swap(partial_);  // the handler may stop us, and a new partial frame may follow
      if (!onFrame(static_cast<FrameKind>(frame[3]), ByteView(frame).subspan(kFrameHeaderSize))) {
        return Status::Stopped;
      }
    }
    while (chunk.size() >= kFrameHeaderSize) {
      const std::size_t size = bodySize(chunk.data());
      if (size > limit_) return Status::TooLarge;
      if (chunk.size() - kFrameHeaderSize < size) break;
      if (!onFrame(static_cast<FrameKind>(chunk[3]), chunk.subspan(kFrameHeaderSize, size))) return Status::Stopped;
      chunk = chunk.subspan(kFrameHeaderSize + size);
    }
    partial_.assign(chunk.begin(), chunk.end());
    return Status::Ok;
  }

 private:
  static std::size_t bodySize(const std::uint8_t* header) {
    return static_cast<std::size_t>(header[0]) << 16 | static_cast<std::size_t>(header[1]) << 8 | header[2];
  }
  bool partialComplete() const {
    return partial_.size() >= kFrameHeaderSize && partial_.size() == kFrameHeaderSize + bodySize(partial_.data());
  }
  /// Moves bytes from the front of `chunk` to the unfinished frame, at most up to its end.
  Status completePartial(ByteView& chunk);

  std::size_t limit_ = kMaxFrameBodyBeforeLogin;
  Bytes partial_;
};

}  // namespace rtm::wire
