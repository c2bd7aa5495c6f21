#pragma once

#include "base/bytes.hpp"

namespace rtm::client {

/// Pixels; 0 × 0: not known.
struct ImageSize {
  int width = 0;
  int height = 0;
  bool operator==(const ImageSize&) const = default;
};

/// The number of first bytes that imageSizeOf() may need. A photograph has its thumbnail, position and colours before
/// its size.
inline constexpr std::size_t kImageHeadBytes = 256 * 1024;

/// The size of a JPEG, PNG or BMP image, read from the first bytes of its file (docs/spec/api.md §5). Anything else,
/// and a head that is cut or damaged before the size, is 0 × 0. Pure, and safe for any bytes.
ImageSize imageSizeOf(ByteView head);

}  // namespace rtm::client
