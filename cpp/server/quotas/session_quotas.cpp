#include "server/quotas/session_quotas.hpp"

#include <algorithm>
#include <utility>

#include "server/model/names.hpp"

namespace rtm::server {
namespace {

/// Most channels whose joins are counted at a time. A channel that is dropped starts again with a full quota.
constexpr std::size_t kCountedChannels = 256;
/// Most channels whose counts outlive a session.
constexpr std::size_t kKeptChannels = 64;

/// Appends the rest of a quota if it is less than a new quota has.
void appendSpent(std::vector<SpentQuotas::Counter>& counters, std::uint64_t key, const CallQuota& quota,
                 std::uint64_t nowMs, std::uint64_t& untilMs) {
  if (!quota.spent() || quota.spentUntilMs() <= nowMs) return;
  counters.push_back({key, quota.rest()});
  untilMs = std::max(untilMs, quota.spentUntilMs());
}

}  // namespace

SessionQuotas::SessionQuotas(const Limits& limits, std::uint32_t carryMs, std::uint64_t nowMs)
    : sameChannel_(limits.rates[static_cast<std::size_t>(wire::RateGroup::JoinSameChannel)]) {
  for (std::size_t group = 0; group < groups_.size(); ++group)
    groups_[group].start(limits.rates[group], carryMs, nowMs);
}

void SessionQuotas::allowRepeats() {
  for (auto group = static_cast<std::size_t>(wire::RateGroup::GetMembers); group < groups_.size(); ++group) {
    groups_[group].allowRepeats();
  }
}

bool SessionQuotas::takeJoin(std::string_view channelId, std::uint64_t nowMs) {
  if (sameChannel_.count == 0) return true;
  const std::uint64_t key = TextHash{}(channelId);
  auto found = perChannel_.find(key);
  if (found == perChannel_.end()) {
    if (perChannel_.size() >= kCountedChannels) {
      std::erase_if(perChannel_, [nowMs](const auto& entry) { return entry.second.full(nowMs); });
    }
    if (perChannel_.size() >= kCountedChannels) perChannel_.clear();
    // No carry: the first join of a channel begins its window, so a late one has its own.
    found = perChannel_.emplace(key, CallQuota(sameChannel_, 0, nowMs)).first;
  }
  const bool taken = found->second.take(nowMs);
  refused_ += taken ? 0 : 1;
  return taken;
}

bool SessionQuotas::takeInvite(std::string_view calleeId, std::uint64_t nowMs) {
  if (groups_[static_cast<std::size_t>(wire::RateGroup::Send)].unlimited()) return true;
  if (invites_ == nullptr) invites_ = std::make_unique<InviteRates>();
  const bool taken = invites_->take(calleeId, nowMs);
  refused_ += taken ? 0 : 1;
  return taken;
}

SpentQuotas SessionQuotas::putAway(std::uint64_t nowMs) {
  SpentQuotas spent;
  for (std::size_t group = 0; group < groups_.size(); ++group) {
    appendSpent(spent.groups, group, groups_[group], nowMs, spent.untilMs);
  }
  for (const auto& [key, quota] : perChannel_) {
    if (spent.channels.size() == kKeptChannels) break;
    appendSpent(spent.channels, key, quota, nowMs, spent.untilMs);
  }
  if (notices_.untilMs() > nowMs) {
    spent.notices = notices_;
    spent.untilMs = std::max(spent.untilMs, notices_.untilMs());
  }
  if (idleFrames_.untilMs() > nowMs) {
    spent.idleFrames = idleFrames_;
    spent.untilMs = std::max(spent.untilMs, idleFrames_.untilMs());
  }
  if (invites_ != nullptr && invites_->untilMs() > nowMs) {
    invites_->shrink(nowMs);
    spent.untilMs = std::max(spent.untilMs, invites_->untilMs());
    spent.invites = std::move(invites_);
  }
  return spent;
}

void SessionQuotas::goOn(SpentQuotas spent) {
  for (const SpentQuotas::Counter& counter : spent.groups) {
    if (counter.key < groups_.size()) groups_[counter.key].goOn(counter.rest);
  }
  for (const SpentQuotas::Counter& counter : spent.channels) {
    perChannel_.emplace(counter.key, CallQuota(sameChannel_, 0, counter.rest.windowBeganMs))
        .first->second.goOn(counter.rest);
  }
  if (spent.notices) notices_ = *spent.notices;
  if (spent.idleFrames) idleFrames_ = *spent.idleFrames;
  if (spent.invites != nullptr) invites_ = std::move(spent.invites);
}

}  // namespace rtm::server
