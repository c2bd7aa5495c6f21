#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <vector>

#include "server/quotas/call_quota.hpp"
#include "server/quotas/fan_out_budget.hpp"
#include "server/quotas/frame_budget.hpp"
#include "server/quotas/invite_rates.hpp"
#include "server/quotas/sent_invites.hpp"
#include "wire/messages.hpp"

namespace rtm::server {

/// The used parts of a user's quotas, without quotas that are as good as new.
struct SpentQuotas {
  struct Counter {
    std::uint64_t key = 0;  ///< the number of the group, or the hash of a channel's id
    CallQuota::Rest rest;
  };
  std::vector<Counter> groups;
  std::vector<Counter> channels;
  std::optional<FanOutBudget> notices;
  std::optional<FrameBudget> idleFrames;
  std::unique_ptr<InviteRates> invites;
  std::uint64_t untilMs = 0;  ///< when new quotas are no better

  bool empty() const { return groups.empty() && channels.empty() && !notices && !idleFrames && !invites; }
};

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
  /// The engine has refused a call as too often, or rules have denied it.
  void countRefused() { ++refused_; }
  /// A notice costs so many bytes times members.
  void payNotice(std::uint64_t bytes, std::uint64_t nowMs) { notices_.spend(bytes, nowMs); }
  /// Counts an INVITE. A server without a call frequency of sends has none of invitations.
  bool takeInvite(std::string_view calleeId, std::uint64_t nowMs);
  /// The invitations whose results have not come.
  SentInvites& sentInvites() { return sentInvites_; }
  /// The frames of the session that brought nobody anything.
  FrameBudget& idleFrames() { return idleFrames_; }
  /// After a resume the client repeats requests that were counted and whose answers were lost. Sends and joins need no
  /// grant: the server recognises a repeat of a send or join and does not count it.
  void allowRepeats();
  /// How many calls came too often, or were denied.
  std::uint64_t refused() const { return refused_; }

  /// What the user has spent, which its next session must not get again; these quotas are not used any more. At most 64
  /// channels, so that a user who joins and leaves thousands of channels takes little memory.
  SpentQuotas putAway(std::uint64_t nowMs);
  /// Goes on where an earlier session of the user stopped.
  void goOn(SpentQuotas spent);

 private:
  std::array<CallQuota, std::tuple_size_v<decltype(Limits::rates)>> groups_;
  RateRule sameChannel_;
  FanOutBudget notices_;
  FrameBudget idleFrames_;
  std::uint64_t refused_ = 0;
  std::unordered_map<std::uint64_t, CallQuota> perChannel_;  ///< by the hash of the id
  std::unique_ptr<InviteRates> invites_;                     ///< null: none yet
  SentInvites sentInvites_;
};

}  // namespace rtm::server
