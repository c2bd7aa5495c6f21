#pragma once

// Protobuf encoding of plain structs that describe themselves by a table of fields (see messages.hpp). No generated
// code, no reflection at run time: the compiler unrolls each table into straight reads and writes.
//
// Decoded text and bytes are views into the buffer that was decoded; they live as long as it does.

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <vector>

#include "base/bytes.hpp"
#include "base/identifiers.hpp"
#include "wire/varint.hpp"

namespace rtm::wire {

/// A `fixed64` field: times, ids and epochs, whose high bits are usually set.
struct Fixed64 {
  std::uint64_t value = 0;
  constexpr Fixed64() = default;
  constexpr Fixed64(std::uint64_t v) : value(v) {}            // NOLINT(google-explicit-constructor): it is a number
  constexpr operator std::uint64_t() const { return value; }  // NOLINT(google-explicit-constructor)
};

template <typename Message, typename Member>
struct Field {
  std::uint32_t number;
  Member Message::*member;
};

template <typename Message, typename Member>
constexpr Field<Message, Member> field(std::uint32_t number, Member Message::*member) {
  return {number, member};
}

/// A struct with `static constexpr auto fields()`.
template <typename T>
concept MessageType = requires {
  T::fields();
};

/// Most elements of a repeated field of text or messages. Every list that the API allows (512) is shorter, and a sender
/// cannot make a receiver allocate much more than it sends: an empty element costs 2 bytes to send and up to 64 to
/// hold, so one frame makes its receiver hold 512 KiB at most, until the message is dropped.
inline constexpr std::size_t kMaxRepeated = 4096;
/// The same for numbers, each of which costs 1 byte to send and up to 8 to hold. No frame has room for more.
inline constexpr std::size_t kMaxRepeatedScalars = 65536;

template <MessageType M>
std::size_t encodedSize(const M& message);
template <MessageType M>
std::uint8_t* encode(const M& message, std::uint8_t* out);
template <MessageType M>
bool decode(ByteView in, M& message);

namespace detail {

enum WireType : std::uint32_t { kVarint = 0, kFixed64 = 1, kLength = 2, kFixed32 = 5 };

template <typename T>
struct IsVector : std::false_type {};
template <typename T>
struct IsVector<std::vector<T>> : std::true_type {};
template <typename T>
struct IsOptional : std::false_type {};
template <typename T>
struct IsOptional<std::optional<T>> : std::true_type {};

template <typename T>
inline constexpr bool kIsScalar = std::is_integral_v<T> || std::is_enum_v<T>;
template <typename T>
inline constexpr bool kIsView = std::is_same_v<T, std::string_view> || std::is_same_v<T, ByteView>;

template <typename Element>
inline constexpr std::size_t kMaxElements = kIsScalar<Element> ? kMaxRepeatedScalars : kMaxRepeated;

/// The number that a varint carries for `value`. An enum is an int32 to protobuf, so a negative value, by mistake or
/// from a later version, is sign-extended to ten bytes, as it came.
template <typename T>
constexpr std::uint64_t toVarint(T value) {
  if constexpr (std::is_enum_v<T>) {
    static_assert(sizeof(T) == 4, "an enum of a message has 32 bits");
    return static_cast<std::uint64_t>(std::int64_t{static_cast<std::int32_t>(value)});
  } else {
    return static_cast<std::uint64_t>(value);
  }
}

constexpr std::uint64_t tag(std::uint32_t number, WireType type) {
  return (static_cast<std::uint64_t>(number) << 3) | type;
}

inline std::size_t lengthFieldSize(std::uint32_t number, std::size_t length) {
  return varintSize(tag(number, kLength)) + varintSize(length) + length;
}

inline std::uint8_t* writeLengthHeader(std::uint8_t* out, std::uint32_t number, std::size_t length) {
  return writeVarint(writeVarint(out, tag(number, kLength)), length);
}

inline std::uint8_t* writeRaw(std::uint8_t* out, const void* data, std::size_t size) {
  if (size != 0) std::memcpy(out, data, size);
  return out + size;
}

inline std::uint8_t* writeFixed64(std::uint8_t* out, std::uint64_t value) {
  if constexpr (std::endian::native == std::endian::little) {
    std::memcpy(out, &value, sizeof(value));
  } else {
    for (int i = 0; i < 8; ++i) out[i] = static_cast<std::uint8_t>(value >> (8 * i));
  }
  return out + sizeof(value);
}

template <typename Element>
std::size_t packedSize(const std::vector<Element>& values) {
  std::size_t size = 0;
  for (const Element value : values) size += varintSize(toVarint(value));
  return size;
}

template <typename T>
std::size_t fieldSize(std::uint32_t number, const T& value) {
  if constexpr (kIsScalar<T>) {
    const std::uint64_t number64 = toVarint(value);
    return number64 == 0 ? 0 : varintSize(tag(number, kVarint)) + varintSize(number64);
  } else if constexpr (std::is_same_v<T, Fixed64>) {
    return value.value == 0 ? 0 : varintSize(tag(number, kFixed64)) + 8;
  } else if constexpr (kIsView<T>) {
    return value.empty() ? 0 : lengthFieldSize(number, value.size());
  } else if constexpr (IsOptional<T>::value) {
    return value ? lengthFieldSize(number, encodedSize(*value)) : 0;
  } else {
    static_assert(IsVector<T>::value, "a field type without an encoding");
    using Element = typename T::value_type;
    std::size_t size = 0;
    if constexpr (kIsScalar<Element>) {
      if (!value.empty()) size = lengthFieldSize(number, packedSize(value));
    } else if constexpr (kIsView<Element>) {
      for (const Element& element : value) size += lengthFieldSize(number, element.size());
    } else {
      for (const Element& element : value) size += lengthFieldSize(number, encodedSize(element));
    }
    return size;
  }
}

template <typename T>
std::uint8_t* writeField(std::uint8_t* out, std::uint32_t number, const T& value) {
  if constexpr (kIsScalar<T>) {
    const std::uint64_t number64 = toVarint(value);
    if (number64 == 0) return out;
    return writeVarint(writeVarint(out, tag(number, kVarint)), number64);
  } else if constexpr (std::is_same_v<T, Fixed64>) {
    if (value.value == 0) return out;
    return writeFixed64(writeVarint(out, tag(number, kFixed64)), value.value);
  } else if constexpr (kIsView<T>) {
    if (value.empty()) return out;
    return writeRaw(writeLengthHeader(out, number, value.size()), value.data(), value.size());
  } else if constexpr (IsOptional<T>::value) {
    if (!value) return out;
    return encode(*value, writeLengthHeader(out, number, encodedSize(*value)));
  } else {
    using Element = typename T::value_type;
    if constexpr (kIsScalar<Element>) {
      if (value.empty()) return out;
      out = writeLengthHeader(out, number, packedSize(value));
      for (const Element element : value) out = writeVarint(out, toVarint(element));
    } else if constexpr (kIsView<Element>) {
      for (const Element& element : value) {
        out = writeRaw(writeLengthHeader(out, number, element.size()), element.data(), element.size());
      }
    } else {
      for (const Element& element : value) {
        out = encode(element, writeLengthHeader(out, number, encodedSize(element)));
      }
    }
    return out;
  }
}

/// One field as it stands on the wire.
struct RawField {
  std::uint32_t number = 0;
  WireType type = kVarint;
  std::uint64_t scalar = 0;  // kVarint, kFixed64, kFixed32
  ByteView bytes;            // kLength
};

/// Reads the next field; returns the byte after it, or null if the bytes are not protobuf.
const std::uint8_t* readRawField(const std::uint8_t* in, const std::uint8_t* end, RawField& raw);

template <typename View>
bool readView(ByteView bytes, View& value) {
  if constexpr (std::is_same_v<View, std::string_view>) {
    value = asText(bytes);
    return isValidUtf8(value);
  } else {
    value = bytes;
    return true;
  }
}

/// Adds the numbers of one packed field. False: malformed, or more numbers than a receiver takes.
template <typename Element>
bool readPacked(ByteView packed, std::vector<Element>& values) {
  // A varint ends with its only byte below 128, so the count is known, and checked, before memory is allocated.
  const auto count = static_cast<std::size_t>(
      std::count_if(packed.begin(), packed.end(), [](std::uint8_t byte) { return byte < 0x80; }));
  if (count > kMaxElements<Element> - std::min(values.size(), kMaxElements<Element>)) return false;
  // Only for the first run: reserving the exact size again for each of many short runs would copy the list each time.
  if (values.empty()) values.reserve(count);
  const std::uint8_t* in = packed.data();
  const std::uint8_t* end = in + packed.size();
  while (in != end) {
    std::uint64_t scalar = 0;
    in = readVarint(in, end, scalar);
    if (in == nullptr) return false;
    values.push_back(static_cast<Element>(scalar));
  }
  return true;
}

/// Takes `raw` into `value`. False: malformed. A wire type that does not fit is skipped, as protobuf readers do.
template <typename T>
bool readField(const RawField& raw, T& value) {
  if constexpr (std::is_same_v<T, bool>) {
    if (raw.type == kVarint) value = raw.scalar != 0;
  } else if constexpr (kIsScalar<T>) {
    if (raw.type == kVarint) value = static_cast<T>(raw.scalar);
  } else if constexpr (std::is_same_v<T, Fixed64>) {
    if (raw.type == kFixed64) value = raw.scalar;
  } else if constexpr (kIsView<T>) {
    if (raw.type == kLength) return readView(raw.bytes, value);
  } else if constexpr (IsOptional<T>::value) {
    if (raw.type != kLength) return true;
    if (!value) value.emplace();
    return decode(raw.bytes, *value);
  } else {
    using Element = typename T::value_type;
    if constexpr (kIsScalar<Element>) {
      if (raw.type == kLength) return readPacked(raw.bytes, value);
      if (raw.type != kVarint) return true;
      if (value.size() >= kMaxElements<Element>) return false;
      value.push_back(static_cast<Element>(raw.scalar));
    } else {
      if (raw.type != kLength) return true;
      if (value.size() >= kMaxElements<Element>) return false;
      if constexpr (kIsView<Element>) {
        return readView(raw.bytes, value.emplace_back());
      } else {
        return decode(raw.bytes, value.emplace_back());
      }
    }
  }
  return true;
}

template <typename T>
bool listsFit(const T& value) {
  if constexpr (MessageType<T>) {
    return std::apply([&](const auto&... f) { return (listsFit(value.*(f.member)) && ...); }, T::fields());
  } else if constexpr (IsOptional<T>::value) {
    return !value || listsFit(*value);
  } else if constexpr (IsVector<T>::value) {
    if (value.size() > kMaxElements<typename T::value_type>) return false;
    if constexpr (MessageType<typename T::value_type>) {
      return std::all_of(value.begin(), value.end(), [](const auto& element) { return listsFit(element); });
    }
  }
  return true;
}

/// Field numbers ascend, so no two fields share a number, and the order of the table is the canonical order.
template <MessageType M>
consteval bool numbersAscend() {
  std::uint32_t last = 0;
  bool ascend = true;
  std::apply([&](const auto&... f) { ((ascend = ascend && f.number > last, last = f.number), ...); }, M::fields());
  return ascend;
}

}  // namespace detail

/// True if no list of `message` is longer than a receiver takes (kMaxRepeated, kMaxRepeatedScalars).
template <MessageType M>
bool withinListLimits(const M& message) {
  return detail::listsFit(message);
}

/// Bytes that encode() will write for `message`.
template <MessageType M>
std::size_t encodedSize(const M& message) {
  return std::apply(
      [&](const auto&... f) { return (std::size_t{0} + ... + detail::fieldSize(f.number, message.*(f.member))); },
      M::fields());
}

/// Writes exactly encodedSize(message) bytes to `out` and returns the byte after them. Fields in ascending order,
/// defaults left out: the canonical form, which official libraries produce too. Checks nothing: text that is not UTF-8
/// and lists over their limits are written as they are, and the receiver refuses them.
template <MessageType M>
std::uint8_t* encode(const M& message, std::uint8_t* out) {
  static_assert(detail::numbersAscend<M>(), "the table of fields is not in ascending order of their numbers");
  std::apply([&](const auto&... f) { ((out = detail::writeField(out, f.number, message.*(f.member))), ...); },
             M::fields());
  return out;
}

/// Replaces the last field of an encoded message, which is a Fixed64 that is not 0. `end`: behind the message.
inline void replaceLastFixed64(std::uint8_t* end, std::uint64_t value) {
  detail::writeFixed64(end - sizeof(value), value);
}

/// Reads `in` into `message`, which keeps the fields that `in` does not mention. False if the bytes are malformed or
/// break a rule of "Encoding" in proto/rtm.proto; `message` is then half-filled and must not be used.
template <MessageType M>
bool decode(ByteView in, M& message) {
  const std::uint8_t* at = in.data();
  const std::uint8_t* end = at + in.size();
  while (at != end) {
    detail::RawField raw;
    at = detail::readRawField(at, end, raw);
    if (at == nullptr) return false;
    bool valid = true;
    std::apply(
        [&](const auto&... f) {
          // The first table entry with this number takes the field. An unknown number has no entry and is skipped.
          (void)((f.number == raw.number && ((valid = detail::readField(raw, message.*(f.member))), true)) || ...);
        },
        M::fields());
    if (!valid) return false;
  }
  return true;
}

}  // namespace rtm::wire
