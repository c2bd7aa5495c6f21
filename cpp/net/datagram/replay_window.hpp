#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>

namespace rtm::net {

/// Which of the newest numbers have come, as RFC 6479 keeps them. 128 bytes.
class ReplayWindow {
 public:
  /// So far behind the highest number a datagram may still come: 0.44 s at 20 Mbit/s in full datagrams. One that is
  /// later costs a repeat.
  static constexpr std::uint64_t kSpan = 960;

  enum class Standing { New, Replayed, TooOld };

  Standing standing(std::uint64_t number) const {
    if (number >= next_) return Standing::New;
    if (next_ - number > kSpan) return Standing::TooOld;
    return (words_[wordOf(number)] & bitOf(number)) != 0 ? Standing::Replayed : Standing::New;
  }

  /// `number` has come; its standing is New.
  void add(std::uint64_t number) {
    if (number >= next_) {
      const std::uint64_t last = (next_ == 0 ? 0 : next_ - 1) / kWordBits;
      const std::uint64_t fresh = std::min<std::uint64_t>(number / kWordBits - last, kWords);
      for (std::uint64_t i = 1; i <= fresh; ++i) words_[(last + i) % kWords] = 0;
      next_ = number + 1;
    }
    words_[wordOf(number)] |= bitOf(number);
  }

  /// Whether a number has come.
  bool any() const { return next_ != 0; }
  /// The highest number that has come; 0 before the first.
  std::uint64_t highest() const { return next_ == 0 ? 0 : next_ - 1; }

 private:
  static constexpr std::uint64_t kWordBits = 64;
  static constexpr std::uint64_t kWords = 16;
  static_assert(kSpan <= (kWords - 1) * kWordBits, "the oldest numbers would share a word with the newest");

  static std::size_t wordOf(std::uint64_t number) { return number / kWordBits % kWords; }
  static std::uint64_t bitOf(std::uint64_t number) { return std::uint64_t{1} << number % kWordBits; }

  std::array<std::uint64_t, kWords> words_{};
  std::uint64_t next_ = 0;  ///< the highest number that has come, plus one
};

}  // namespace rtm::net
