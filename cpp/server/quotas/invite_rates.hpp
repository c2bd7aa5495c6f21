#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/token_bucket.hpp"

namespace rtm::server {

/// How often a user may invite: the SDK has no such limit, and its client repeats an invitation each second until the
/// callee's SDK has it, so this is far above what people do and bounds what a program can. One pair has a burst of as
/// many invitations as the callee's client keeps of one caller. Pure: time comes in; at most 256 callees are counted.
class InviteRates {
 public:
  static constexpr std::uint64_t kPerSecond = 100;
  static constexpr std::uint64_t kBurst = 200;
  static constexpr std::uint64_t kPairPerSecond = 2;
  static constexpr std::uint64_t kPairBurst = 64;
  static constexpr std::size_t kCallees = 256;
  /// Most callees that outlive a session.
  static constexpr std::size_t kKeptCallees = 16;

  /// Counts an INVITE, also a repeated one. False: too often.
  bool take(std::string_view calleeId, std::uint64_t nowMs);
  /// Drops callees with a full allowance, and all but a few of the others.
  void shrink(std::uint64_t nowMs);
  /// When nothing counts any more.
  std::uint64_t untilMs() const;

 private:
  TokenBucket all_{kPerSecond, kBurst};
  std::unordered_map<std::uint64_t, TokenBucket> pairs_;  ///< by the hash of the callee's id
};

}  // namespace rtm::server
