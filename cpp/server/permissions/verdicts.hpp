#pragma once

#include <array>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <optional>

namespace rtm::server {

/// What the rules of a version said of one thing. Pure.
class Verdict {
 public:
  /// Nothing: other rules, or none, said it.
  std::optional<bool> of(std::uint32_t version) const {
    return version == version_ ? std::optional(allowed_) : std::nullopt;
  }
  void keep(std::uint32_t version, bool allowed) {
    version_ = version;
    allowed_ = allowed;
  }
  void forget() { version_ = 0; }

 private:
  std::uint32_t version_ = 0;
  bool allowed_ = false;
};

/// The same for the users to whom one session sends, by a 64-bit hash with a secret seed: 1 KiB in the place of 128
/// names. Two names of the same hash would share a verdict; nobody can choose them without the seed, and by chance one
/// pair in 2^64 does. Pure.
class TargetVerdicts {
 public:
  static constexpr std::size_t kTargets = 128;

  std::optional<bool> find(std::uint32_t version, std::uint64_t hash) const {
    const std::size_t at = hash % kTargets;
    return version == version_ && hashes_[at] == named(hash) ? std::optional<bool>(allowed_[at]) : std::nullopt;
  }
  /// In the place of another target, if the two share one.
  void keep(std::uint32_t version, std::uint64_t hash, bool allowed) {
    if (version != version_) hashes_.fill(0);
    version_ = version;
    const std::size_t at = hash % kTargets;
    hashes_[at] = named(hash);
    allowed_[at] = allowed;
  }

 private:
  /// 0 is an empty place.
  static std::uint64_t named(std::uint64_t hash) { return hash == 0 ? kTargets : hash; }

  std::uint32_t version_ = 0;
  std::array<std::uint64_t, kTargets> hashes_{};
  std::bitset<kTargets> allowed_;
};

}  // namespace rtm::server
