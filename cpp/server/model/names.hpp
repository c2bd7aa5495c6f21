#pragma once

// Names of users and channels within their app. The number of the app comes from the verified login, never from a
// frame. It is part of every key, so no two projects can see each other.

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <unordered_map>

namespace rtm::server {

enum class AppNumber : std::uint32_t {};

/// A user or a channel of one app, as a view.
struct ScopedName {
  AppNumber app{};
  std::string_view name;
  friend bool operator==(const ScopedName&, const ScopedName&) = default;
};

/// The same, owning its text.
struct ScopedKey {
  AppNumber app{};
  std::string name;
  explicit ScopedKey(const ScopedName& other) : app(other.app), name(other.name) {}
  ScopedName view() const { return {app, name}; }
};

/// A 64-bit hash of a name: eight bytes per multiplication. Not cryptographic; tables add a secret seed.
inline std::uint64_t hashName(const ScopedName& key, std::uint64_t seed) {
  const auto mix = [](std::uint64_t a, std::uint64_t b) {
    const auto product = static_cast<unsigned __int128>(a) * b;
    return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
  };
  constexpr std::uint64_t kOdd1 = 0x9E3779B97F4A7C15U;
  constexpr std::uint64_t kOdd2 = 0xD6E8FEB86659FD93U;
  std::uint64_t state = mix(seed ^ kOdd1, (static_cast<std::uint64_t>(key.app) << 8 | key.name.size()) ^ kOdd2);
  const char* at = key.name.data();
  std::size_t left = key.name.size();
  while (left > 0) {
    std::uint64_t word = 0;
    const std::size_t step = left < 8 ? left : 8;
    std::memcpy(&word, at, step);
    state = mix(state ^ word ^ kOdd1, kOdd2);
    at += step;
    left -= step;
  }
  return mix(state ^ kOdd2, kOdd1);
}

/// Chosen at random once per process, so that nobody can make up names that fall into one bucket.
std::uint64_t hashSeed();

struct ScopedHash {
  using is_transparent = void;
  std::size_t operator()(const ScopedName& key) const { return hashName(key, hashSeed()); }
  std::size_t operator()(const ScopedKey& key) const { return (*this)(key.view()); }
};

struct ScopedEqual {
  using is_transparent = void;
  bool operator()(const ScopedKey& a, const ScopedKey& b) const { return a.view() == b.view(); }
  bool operator()(const ScopedKey& a, const ScopedName& b) const { return a.view() == b; }
  bool operator()(const ScopedName& a, const ScopedKey& b) const { return a == b.view(); }
};

/// Looked up by a view: no string is made to find an entry.
template <typename Value>
using ScopedMap = std::unordered_map<ScopedKey, Value, ScopedHash, ScopedEqual>;

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return hashName({AppNumber{}, text}, hashSeed()); }
};

template <typename Value>
using TextMap = std::unordered_map<std::string, Value, TextHash, std::equal_to<>>;

}  // namespace rtm::server
