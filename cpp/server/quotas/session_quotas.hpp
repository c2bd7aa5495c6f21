#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <tuple>

#include "server/model/names.hpp"
#include "server/quotas/call_quota.hpp"
#include "server/quotas/fan_out_budget.hpp"
#include "wire/messages.hpp"

namespace rtm::server {

/// The counters of one session's calls, by group. Loop thread only; at most 256 channels are counted at a time.
class SessionQuotas {
 public:
  /// `carryMs`: as for CallQuota.
  SessionQuotas(const Limits& limits, std::uint32_t carryMs, std::uint64_t nowMs);

  /// Counts a call and returns true; or false: too often.
  bool take(wire::RateGroup group, std::uint64_t nowMs) {
    const bool taken = groups_[static_cast<std::size_t>(group)].take(nowMs);
    refused_ += taken ? 0 : 1;
    return taken;
  }
  /// Counts a join of this channel, beside the count of all joins.
  bool takeJoin(std::string_view channelId, std::uint64_t nowMs);
  /// Whether earlier notices of attributes are not paid yet. The engine refuses what costs more, because it knows what
  /// is a repeat and what is part of a notice.
  bool owesForNotices(std::uint64_t nowMs) { return notices_.inDebt(nowMs); }
  /// The engine has refused a call as too often.
  void countRefused() { ++refused_; }
  /// A notice costs so many bytes times members.
  void payNotice(std::uint64_t bytes, std::uint64_t nowMs) { notices_.spend(bytes, nowMs); }
  /// After a resume the client repeats requests that were counted and whose answers were lost. Sends and joins need no
  /// grant: the server recognises a repeat of those and does not count it.
  void allowRepeats();
  /// How many calls came too often.
  std::uint64_t refused() const { return refused_; }

 private:
  std::array<CallQuota, std::tuple_size_v<decltype(Limits::rates)>> groups_;
  RateRule sameChannel_;
  FanOutBudget notices_;
  std::uint64_t refused_ = 0;
  TextMap<CallQuota> perChannel_;
};

}  // namespace rtm::server
