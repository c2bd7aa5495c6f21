#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "base/bytes.hpp"

namespace rtm::net {

/// Memory that all links of one loop share, so that an idle connection owns no buffer. A user finishes with a buffer
/// before it returns to the loop; code inside a link's callback never touches one.
struct LoopBuffers {
  static constexpr std::size_t kSocketBytes = 64 * 1024;
  static constexpr std::size_t kRecordBytes = 16 * 1024;
  static constexpr std::size_t kMaxSpareBytes = 1024 * 1024;
  static constexpr std::size_t kMaxSpareSize = 256 * 1024;

  /// The bytes of one read, as the socket gave them.
  std::array<std::uint8_t, kSocketBytes> socket;
  /// The plaintext of one read. It is larger than the read, because a record that began earlier may end in it.
  std::array<std::uint8_t, kSocketBytes + 2 * kRecordBytes> plain;
  /// TLS records on their way to a socket.
  Bytes cipher;

  /// Out-queues that ran empty. A link borrows one when it queues its first byte and gives it back when all bytes are
  /// sent: a busy link does not allocate in every turn, and an idle link holds no queue.
  std::vector<Bytes> spare;
  std::size_t spareBytes = 0;

  void borrow(Bytes& queue) {
    if (spare.empty()) return;
    spareBytes -= spare.back().capacity();
    queue = std::move(spare.back());
    spare.pop_back();
  }

  void giveBack(Bytes& queue) {
    Bytes buffer;
    buffer.swap(queue);
    if (buffer.capacity() == 0) return;
    if (buffer.capacity() > kMaxSpareSize || spareBytes + buffer.capacity() > kMaxSpareBytes) return;
    buffer.clear();
    spareBytes += buffer.capacity();
    spare.push_back(std::move(buffer));
  }
};

}  // namespace rtm::net
