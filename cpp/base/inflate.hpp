#pragma once

#include <cstddef>
#include <optional>

#include "base/bytes.hpp"

namespace rtm {

/// Decompresses one complete zlib stream (RFC 1950) of at most `limit` bytes of output. Nothing when the stream is
/// damaged, cut, longer than the limit, needs a preset dictionary, or is followed by other bytes. Memory stays within
/// the limit whatever the input claims, so a small input cannot make the process swell.
std::optional<Bytes> inflateBounded(ByteView compressed, std::size_t limit);

}  // namespace rtm
