#include "wire/frame.hpp"

#include <algorithm>

namespace rtm::wire {

FrameDecoder::Status FrameDecoder::completePartial(ByteView& chunk) {
  const auto take = [&](std::size_t wanted) {
    const std::size_t count = std::min(wanted, chunk.size());
    partial_.insert(partial_.end(), chunk.begin(), chunk.begin() + static_cast<std::ptrdiff_t>(count));
    chunk = chunk.subspan(count);
  };
  if (partial_.size() < kFrameHeaderSize) take(kFrameHeaderSize - partial_.size());
  if (partial_.size() < kFrameHeaderSize) return Status::Ok;
  const std::size_t size = bodySize(partial_.data());
  if (size > limit_) return Status::TooLarge;
  const std::size_t whole = kFrameHeaderSize + size;
  partial_.reserve(std::min(whole, partial_.size() + chunk.size()));  // memory follows what came, not what was announced
  take(whole - partial_.size());
  return Status::Ok;
}

}  // namespace rtm::wire
