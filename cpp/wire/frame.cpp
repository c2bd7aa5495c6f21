#include "wire/frame.hpp"

#include <algorithm>

namespace rtm::wire {

bool FrameDecoder::completePartial(ByteView& chunk) {
  const auto take = [&](std::size_t wanted) {
    const std::size_t count = std::min(wanted, chunk.size());
    partial_.insert(partial_.end(), chunk.begin(), chunk.begin() + static_cast<std::ptrdiff_t>(count));
    chunk = chunk.subspan(count);
    return count == wanted;
  };
  if (partial_.size() < kFrameHeaderSize && !take(kFrameHeaderSize - partial_.size())) return false;
  const std::size_t size = bodySize(partial_.data());
  if (size > limit_) {
    end(Status::TooLarge);
    return false;
  }
  const std::size_t whole = kFrameHeaderSize + size;
  const std::size_t needed = std::min(whole, partial_.size() + chunk.size());
  // Doubles, so that a frame sent byte by byte is not copied whole for each byte; but never past the frame's end.
  if (needed > partial_.capacity()) partial_.reserve(std::min(whole, std::max(needed, 2 * partial_.capacity())));
  return take(whole - partial_.size());
}

FrameDecoder::Status FrameDecoder::end(Status status) {
  ended_ = status;
  partial_ = {};
  return status;
}

}  // namespace rtm::wire
