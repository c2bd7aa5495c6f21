#pragma once

#include <sys/types.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>

#include "base/bytes.hpp"

namespace rtm {

/// What a system call returned, or its error number as a negative number, as libuv has it. Right behind the call.
template <typename Returned>
std::int64_t outcomeOf(Returned returned) {
  return returned < 0 ? -errno : static_cast<std::int64_t>(returned);
}

/// Writes all of `bytes` at `offset`: 0, or the negative error number. A disk that is nearly full takes a part only.
inline std::int64_t writeAll(int descriptor, ByteView bytes, std::uint64_t offset) {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(descriptor, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0) return -errno;
    if (written == 0) return -ENOSPC;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
    offset += static_cast<std::uint64_t>(written);
  }
  return 0;
}

}  // namespace rtm
