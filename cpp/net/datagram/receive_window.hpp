#pragma once

#include <algorithm>
#include <cstddef>

#include "net/datagram/micros.hpp"

namespace rtm::net {

/// How many bytes a sender may have on the way behind what was delivered: four times what was delivered in a second,
/// within bounds. So a slow sender, or one that leaves gaps on purpose, binds little memory of the receiver. Pure.
class ReceiveWindow {
 public:
  static constexpr std::size_t kLeast = 64 * 1024;
  static constexpr std::size_t kMost = 1024 * 1024;

  void delivered(Micros now, std::size_t bytes) {
    if (now - since_ >= kSecond) {
      before_ = now - since_ < 2 * kSecond ? current_ : 0;
      current_ = 0;
      since_ = now;
    }
    current_ += bytes;
  }
  std::size_t bytes() const { return std::clamp(4 * std::max(before_, current_), kLeast, kMost); }

 private:
  std::size_t before_ = 0;  ///< delivered in the second before since_
  std::size_t current_ = 0;
  Micros since_ = 0;
};

}  // namespace rtm::net
