#include "wire/codec.hpp"

namespace rtm::wire::detail {
namespace {

template <std::size_t kWidth>
const std::uint8_t* readFixed(const std::uint8_t* in, const std::uint8_t* end, std::uint64_t& value) {
  if (static_cast<std::size_t>(end - in) < kWidth) return nullptr;
  value = 0;
  if constexpr (std::endian::native == std::endian::little) {
    std::memcpy(&value, in, kWidth);
  } else {
    for (std::size_t i = 0; i < kWidth; ++i) value |= static_cast<std::uint64_t>(in[i]) << (8 * i);
  }
  return in + kWidth;
}

}  // namespace

const std::uint8_t* readRawField(const std::uint8_t* in, const std::uint8_t* end, RawField& raw) {
  std::uint32_t tag = 0;
  in = readVarint32(in, end, tag);
  if (in == nullptr || tag >> 3 == 0) return nullptr;
  raw.number = tag >> 3;
  raw.type = static_cast<WireType>(tag & 7);
  switch (raw.type) {
    case kVarint:
      return readVarint(in, end, raw.scalar);
    case kFixed64:
      return readFixed<8>(in, end, raw.scalar);
    case kFixed32:
      return readFixed<4>(in, end, raw.scalar);
    case kLength: {
      std::uint32_t length = 0;
      in = readVarint32(in, end, length);
      if (in == nullptr || length > static_cast<std::size_t>(end - in)) return nullptr;
      raw.bytes = {in, length};
      return in + length;
    }
  }
  return nullptr;  // groups (3, 4) and the unassigned 6, 7
}

}  // namespace rtm::wire::detail
