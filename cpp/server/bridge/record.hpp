#pragma once

// How numbers, texts and bytes are packed on their way to JavaScript and back; lib/server/bridge/record.ts is the other
// side. All numbers are little-endian; texts (UTF-8) and bytes have their length in four bytes before them; a list is
// its count, then its items.

#include <array>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.hpp"

namespace rtm::server {

/// Appends fields to a buffer.
class RecordWriter {
 public:
  explicit RecordWriter(Bytes& out) : out_(out) {}

  RecordWriter& flag(bool value) { return byte(value ? 1 : 0); }
  RecordWriter& byte(std::uint8_t value) {
    out_.push_back(value);
    return *this;
  }
  RecordWriter& word(std::uint32_t value) { return append<4>(value); }
  RecordWriter& number(std::uint64_t value) { return append<8>(value); }
  RecordWriter& text(std::string_view value) { return bytes(asBytes(value)); }
  RecordWriter& bytes(ByteView value) {
    word(static_cast<std::uint32_t>(value.size()));
    return raw(value);
  }
  /// Without a length: the reader knows it.
  RecordWriter& raw(ByteView value) {
    out_.insert(out_.end(), value.begin(), value.end());
    return *this;
  }

 private:
  template <std::size_t size>
  RecordWriter& append(std::uint64_t value) {
    std::array<std::uint8_t, size> bytes{};
    for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(value >> (8 * i));
    return raw(bytes);
  }

  Bytes& out_;
};

/// Reads fields. Behind the end everything is zero or empty, and complete() is false from then on, so a record is
/// judged once, after its last field. What it returns are views into the buffer.
class RecordReader {
 public:
  explicit RecordReader(ByteView record) : rest_(record) {}

  /// Nothing was missing so far.
  bool ok() const { return ok_; }
  /// Nothing was missing, and nothing is left.
  bool complete() const { return ok_ && rest_.empty(); }
  std::size_t left() const { return rest_.size(); }

  bool flag() { return byte() != 0; }
  std::uint8_t byte() { return static_cast<std::uint8_t>(take<1>()); }
  std::uint32_t word() { return static_cast<std::uint32_t>(take<4>()); }
  std::uint64_t number() { return take<8>(); }
  std::string_view text() { return asText(bytes()); }
  ByteView bytes() { return raw(word()); }
  void bytes(ByteView& out) { out = bytes(); }
  void bytes(Bytes& out) {
    const ByteView taken = bytes();
    out.assign(taken.begin(), taken.end());
  }
  ByteView raw(std::size_t size) {
    if (size > rest_.size()) {
      ok_ = false;
      rest_ = {};
      return {};
    }
    const ByteView taken = rest_.first(size);
    rest_ = rest_.subspan(size);
    return taken;
  }
  /// Fills an array of fixed size.
  void fill(std::span<std::uint8_t> out) {
    const ByteView taken = raw(out.size());
    if (!taken.empty()) std::memcpy(out.data(), taken.data(), taken.size());
  }
  /// Calls item(reader) for each item of a list; stops where the record ends, whatever the count says.
  template <typename Item>
  void list(Item&& item) {
    for (std::uint32_t left = word(); left > 0 && ok_; --left) item(*this);
  }

 private:
  template <std::size_t size>
  std::uint64_t take() {
    const ByteView taken = raw(size);
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < taken.size(); ++i) value |= std::uint64_t{taken[i]} << (8 * i);
    return value;
  }

  ByteView rest_;
  bool ok_ = true;
};

}  // namespace rtm::server
