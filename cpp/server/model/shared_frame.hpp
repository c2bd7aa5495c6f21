#pragma once

#include <cstdint>
#include <memory>

#include "base/bytes.hpp"
#include "wire/frame.hpp"

namespace rtm::server {

/// One encoded frame that many links and the replay ring share. Immutable: any thread may use it. One allocation.
class SharedFrame {
 public:
  SharedFrame() = default;

  template <wire::MessageType M>
  static SharedFrame encode(const M& message) {
    const std::size_t body = wire::encodedSize(message);
    SharedFrame frame;
    frame.size_ = wire::kFrameHeaderSize + body;
    const auto data = std::make_shared_for_overwrite<std::uint8_t[]>(frame.size_);
    wire::encode(message, wire::writeFrameHeader(data.get(), wire::kKindOf<M>, body));
    frame.data_ = data;
    return frame;
  }

  ByteView bytes() const { return {data_.get(), size_}; }
  explicit operator bool() const { return data_ != nullptr; }

 private:
  std::shared_ptr<const std::uint8_t[]> data_;
  std::size_t size_ = 0;
};

}  // namespace rtm::server
