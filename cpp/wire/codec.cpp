#include "wire/codec.hpp"

namespace rtm::wire::detail {

const std::uint8_t* readRawField(const std::uint8_t* in, const std::uint8_t* end, RawField& raw) {
  std::uint64_t key = 0;
  in = readVarint(in, end, key);
  if (in == nullptr || key >> 3 == 0 || key >> 3 > 0x1fffffff) return nullptr;
  raw.number = static_cast<std::uint32_t>(key >> 3);
  raw.type = static_cast<WireType>(key & 7);
  switch (raw.type) {
    case kVarint:
      return readVarint(in, end, raw.scalar);
    case kFixed64:
    case kFixed32: {
      const int width = raw.type == kFixed64 ? 8 : 4;
      if (end - in < width) return nullptr;
      raw.scalar = 0;
      for (int i = 0; i < width; ++i) raw.scalar |= static_cast<std::uint64_t>(*in++) << (8 * i);
      return in;
    }
    case kLength: {
      std::uint64_t length = 0;
      in = readVarint(in, end, length);
      if (in == nullptr || length > static_cast<std::uint64_t>(end - in)) return nullptr;
      raw.bytes = {in, static_cast<std::size_t>(length)};
      return in + length;
    }
  }
  return nullptr;  // groups (3, 4) and the unassigned 6, 7
}

}  // namespace rtm::wire::detail
