#pragma once

// What the tests, the fuzz target and the cross-check do with every message alike: visit, fill, compare. Written
// against the tables of fields, so that a new message is covered by being in FrameMessages.

#include <algorithm>
#include <cstdint>
#include <deque>
#include <random>
#include <string>
#include <string_view>

#include "wire/frame.hpp"
#include "wire/messages.hpp"

namespace rtm::wire::testing {

/// Messages that occur inside others, or as their `bytes content`.
using InnerMessages = MessageList<RateLimit, AttributeLimits, InvitationLimits, Limits, ChannelPosition, ChannelResume,
                                  MediaInfo, InvitationSignal, Content, Attribute, HistoryMessage>;

/// Calls `visit(M{})` with the message that is the body of frames of `kind`. False: there is none.
template <typename Visit, MessageType... M>
bool visitKind(MessageList<M...>, FrameKind kind, Visit&& visit) {
  return ((M::kKind == kind && (visit(M{}), true)) || ...);
}
template <typename Visit>
bool visitKind(FrameKind kind, Visit&& visit) {
  return visitKind(FrameMessages{}, kind, std::forward<Visit>(visit));
}

/// Calls `visit(M{})` for every message of the protocol.
template <typename Visit, MessageType... M>
void forEachMessage(MessageList<M...>, Visit&& visit) {
  (visit(M{}), ...);
}
template <typename Visit>
void forEachMessage(Visit&& visit) {
  forEachMessage(FrameMessages{}, visit);
  forEachMessage(InnerMessages{}, visit);
}

/// "rtm::wire::Hello [...]": enough for a failure to say which message it was.
template <typename M>
constexpr std::string_view typeName() {
  std::string_view name = __PRETTY_FUNCTION__;
  return name.substr(name.find("M = ") + 4);
}

template <MessageType M>
Bytes encoded(const M& message) {
  Bytes out(encodedSize(message));
  const std::uint8_t* end = encode(message, out.data());
  if (end != out.data() + out.size()) std::abort();  // the one promise everything else rests on
  return out;
}

template <typename T>
bool same(const T& a, const T& b) {
  if constexpr (MessageType<T>) {
    return std::apply([&](const auto&... f) { return (same(a.*(f.member), b.*(f.member)) && ...); }, T::fields());
  } else if constexpr (detail::IsOptional<T>::value) {
    return a.has_value() == b.has_value() && (!a || same(*a, *b));
  } else if constexpr (detail::IsVector<T>::value || std::is_same_v<T, ByteView>) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& x, const auto& y) { return same(x, y); });
  } else {
    return a == b;
  }
}

/// Fills messages with random values; owns the text and bytes they look at.
class Filler {
 public:
  explicit Filler(std::uint64_t seed) : random_(seed) {}

  template <typename T>
  void fill(T& value) {
    if constexpr (MessageType<T>) {
      std::apply([&](const auto&... f) { (fill(value.*(f.member)), ...); }, T::fields());
    } else if constexpr (std::is_same_v<T, bool>) {
      value = below(2) == 1;
    } else if constexpr (detail::kIsScalar<T> || std::is_same_v<T, Fixed64>) {
      value = static_cast<T>(number());
    } else if constexpr (std::is_same_v<T, std::string_view>) {
      value = storage_.emplace_back(text());
    } else if constexpr (std::is_same_v<T, ByteView>) {
      value = asBytes(storage_.emplace_back(bytes()));
    } else if constexpr (detail::IsOptional<T>::value) {
      value.reset();
      if (below(4) != 0) fill(value.emplace());
    } else {
      value.resize(below(3) == 0 ? 0 : below(12));
      for (auto& element : value) fill(element);
    }
  }

 private:
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }
  /// As many small numbers as large ones, and often the ends.
  std::uint64_t number() {
    switch (below(6)) {
      case 0:
        return 0;
      case 1:
        return ~std::uint64_t{0};
      default:
        return random_() >> below(64);
    }
  }
  std::string text() {
    static constexpr std::string_view kPieces[] = {"a", "Z", " ", "0", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80"};
    std::string text;
    for (std::uint64_t left = below(3) == 0 ? 0 : below(40); left > 0; --left)
      text += kPieces[below(std::size(kPieces))];
    return text;
  }
  std::string bytes() {
    std::string bytes(below(3) == 0 ? 0 : below(300), '\0');
    for (char& byte : bytes) byte = static_cast<char>(below(256));
    return bytes;
  }

  std::mt19937_64 random_;
  std::deque<std::string> storage_;  // a deque: views into its elements survive growth
};

}  // namespace rtm::wire::testing
