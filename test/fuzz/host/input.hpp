#pragma once

// The bytes of an input as choices: which frame, which user, how long. Behind the end every choice is the first one.

#include <algorithm>
#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "../../cpp/wire/message_tools.hpp"
#include "base/bytes.hpp"
#include "wire/frame.hpp"

namespace rtm::fuzz {

class Input {
 public:
  explicit Input(ByteView bytes) : rest_(bytes) {}

  bool over() const { return rest_.empty(); }
  std::uint8_t byte() {
    if (rest_.empty()) return 0;
    const std::uint8_t first = rest_.front();
    rest_ = rest_.subspan(1);
    return first;
  }
  /// `bound`: at most 256.
  std::size_t below(std::size_t bound) { return byte() % bound; }
  bool flag() { return (byte() & 1) != 0; }
  ByteView bytes(std::size_t most) {
    const ByteView taken = rest_.first(std::min(most, rest_.size()));
    rest_ = rest_.subspan(taken.size());
    return taken;
  }
  template <typename List>
  const auto& oneOf(const List& list) {
    return list[below(std::size(list))];
  }

 private:
  ByteView rest_;
};

/// What both sides may know of each other: without it no message would concern anything.
struct Words {
  std::vector<std::string> texts;      ///< users, channels, ids of media
  std::vector<Bytes> blobs;            ///< encoded contents, tokens, tickets
  std::vector<std::uint64_t> numbers;  ///< sessions, epochs
};

/// Fills messages with what the input chooses; owns the text and bytes they look at.
class InputFiller {
 public:
  InputFiller(Input& input, const Words& words) : input_(input), words_(words) {}

  template <typename T>
  void fill(T& value) {
    if constexpr (wire::MessageType<T>) {
      std::apply([&](const auto&... f) { (fill(value.*(f.member)), ...); }, T::fields());
    } else if constexpr (std::is_same_v<T, bool>) {
      value = input_.flag();
    } else if constexpr (wire::detail::kIsScalar<T> || std::is_same_v<T, wire::Fixed64>) {
      value = static_cast<T>(number());
    } else if constexpr (std::is_same_v<T, std::string_view>) {
      value = storage_.emplace_back(text());
    } else if constexpr (std::is_same_v<T, ByteView>) {
      value = asBytes(storage_.emplace_back(blob()));
    } else if constexpr (wire::detail::IsOptional<T>::value) {
      value.reset();
      if (input_.flag()) fill(value.emplace());
    } else {
      const std::uint8_t size = input_.byte();
      value.resize(size < 0xF0 ? size % 5 : size);
      for (auto& element : value) fill(element);
    }
  }

  std::uint64_t number() {
    const std::uint8_t choice = input_.byte();
    if (choice < 0xC0) return choice % 40;
    if (choice < 0xE0 && !words_.numbers.empty()) return words_.numbers[choice % words_.numbers.size()];
    std::uint64_t value = 0;
    for (const std::uint8_t byte : input_.bytes(1 + choice % 8)) value = value << 8 | byte;
    return choice < 0xF8 ? value : ~value;
  }
  std::string text() {
    const std::uint8_t choice = input_.byte();
    if (choice < 0xD0 && !words_.texts.empty()) return words_.texts[choice % words_.texts.size()];
    return std::string(asText(input_.bytes(input_.byte())));
  }
  std::string blob() {
    const std::uint8_t choice = input_.byte();
    if (choice < 0xC0 && !words_.blobs.empty()) return std::string(asText(words_.blobs[choice % words_.blobs.size()]));
    return std::string(asText(input_.bytes(input_.byte())));
  }

 private:
  Input& input_;
  const Words& words_;
  std::deque<std::string> storage_;  // a deque: views into its elements survive growth
};

/// A frame of `kind` with any values; empty if no frame has this kind, or no sender would send it. Of frames.cpp, as
/// the next: what goes through all messages is compiled once for all targets.
Bytes anyFrame(Input& input, const Words& words, wire::FrameKind kind);

/// Whether this is the body of a frame of `kind`.
bool decodes(wire::FrameKind kind, ByteView body);

template <wire::MessageType M>
Bytes framed(const M& message) {
  Bytes frame;
  wire::appendFrame(frame, message);
  return frame;
}

/// Changes a byte behind the header: else most of these are a frame that never ends.
inline void mutate(Input& input, Bytes& frame) {
  const std::size_t at = input.byte() | static_cast<std::size_t>(input.byte()) << 8;
  const std::uint8_t change = input.byte();
  if (frame.size() > wire::kFrameHeaderSize) {
    frame[wire::kFrameHeaderSize + at % (frame.size() - wire::kFrameHeaderSize)] ^= change;
  }
}

}  // namespace rtm::fuzz
