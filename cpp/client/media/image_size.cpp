#include "client/media/image_size.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdlib>
#include <limits>

namespace rtm::client {

namespace {

/// Reads numbers of a head; beyond its end they are false and 0.
class ImageHead {
 public:
  explicit ImageHead(ByteView bytes) : bytes_(bytes) {}

  bool has(std::size_t at, std::size_t size) const { return at <= bytes_.size() && size <= bytes_.size() - at; }
  std::uint32_t byte(std::size_t at) const { return has(at, 1) ? bytes_[at] : 0; }
  std::uint32_t big16(std::size_t at) const { return byte(at) << 8 | byte(at + 1); }
  std::uint32_t big32(std::size_t at) const { return big16(at) << 16 | big16(at + 2); }
  std::uint32_t little16(std::size_t at) const { return byte(at + 1) << 8 | byte(at); }
  std::uint32_t little32(std::size_t at) const { return little16(at + 2) << 16 | little16(at); }

  template <std::size_t size>
  bool startsWith(const std::array<std::uint8_t, size>& magic) const {
    return has(0, size) && std::equal(magic.begin(), magic.end(), bytes_.begin());
  }
  std::size_t size() const { return bytes_.size(); }

 private:
  ByteView bytes_;
};

ImageSize sidesOf(std::uint32_t width, std::uint32_t height) {
  constexpr std::uint32_t kMost = std::numeric_limits<int>::max();
  if (width == 0 || height == 0 || width > kMost || height > kMost) return {};
  return {static_cast<int>(width), static_cast<int>(height)};
}

/// IHDR comes first by the standard: length, name, width, height.
ImageSize pngSize(const ImageHead& head) {
  constexpr std::uint32_t kIhdr = 0x49484452;
  if (!head.has(8, 16) || head.big32(12) != kIhdr) return {};
  return sidesOf(head.big32(16), head.big32(20));
}

ImageSize bmpSize(const ImageHead& head) {
  constexpr std::uint32_t kCoreHeader = 12;  // the header of OS/2, with 16-bit numbers
  constexpr std::uint32_t kInfoHeader = 40;
  const std::uint32_t headerSize = head.has(14, 4) ? head.little32(14) : 0;
  if (headerSize == kCoreHeader && head.has(18, 4)) return sidesOf(head.little16(18), head.little16(20));
  if (headerSize < kInfoHeader || !head.has(18, 8)) return {};
  const auto height = static_cast<std::int32_t>(head.little32(22));
  // Negative: the rows go from top to bottom.
  return height == std::numeric_limits<std::int32_t>::min()
             ? ImageSize{}
             : sidesOf(head.little32(18), static_cast<std::uint32_t>(std::abs(height)));
}

/// The markers SOF0 … SOF15. DHT, JPG and DAC have numbers between them and are no frame headers.
bool startsFrame(std::uint32_t marker) {
  return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

/// Goes from marker to marker by the lengths of the segments, up to the frame header or the first scan.
ImageSize jpegSize(const ImageHead& head) {
  std::size_t at = 2;
  while (head.has(at, 4)) {
    if (head.byte(at) != 0xFF) return {};
    const std::uint32_t marker = head.byte(at + 1);
    if (marker == 0xFF) {  // padding
      ++at;
      continue;
    }
    const bool alone = marker == 0x01 || (marker >= 0xD0 && marker <= 0xD7);
    if (alone) {
      at += 2;
      continue;
    }
    if (marker == 0xD8 || marker == 0xD9 || marker == 0xDA) return {};
    const std::uint32_t length = head.big16(at + 2);
    if (length < 2) return {};
    if (startsFrame(marker)) return head.has(at + 4, 5) ? sidesOf(head.big16(at + 7), head.big16(at + 5)) : ImageSize{};
    at += 2 + std::size_t{length};
  }
  return {};
}

}  // namespace

ImageSize imageSizeOf(ByteView bytes) {
  static constexpr std::array<std::uint8_t, 8> kPng{0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};
  static constexpr std::array<std::uint8_t, 3> kJpeg{0xFF, 0xD8, 0xFF};
  static constexpr std::array<std::uint8_t, 2> kBmp{'B', 'M'};
  const ImageHead head(bytes);
  if (head.startsWith(kPng)) return pngSize(head);
  if (head.startsWith(kJpeg)) return jpegSize(head);
  if (head.startsWith(kBmp)) return bmpSize(head);
  return {};
}

}  // namespace rtm::client
