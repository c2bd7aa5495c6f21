#include "server/quotas/session_quotas.hpp"

namespace rtm::server {
namespace {

/// Most channels whose joins are counted at a time. A channel that is dropped starts again with a full quota.
constexpr std::size_t kCountedChannels = 256;

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
  auto found = perChannel_.find(channelId);
  if (found == perChannel_.end()) {
    if (perChannel_.size() >= kCountedChannels) {
      std::erase_if(perChannel_, [nowMs](const auto& entry) { return entry.second.full(nowMs); });
    }
    if (perChannel_.size() >= kCountedChannels) perChannel_.clear();
    // No carry: the first join of a channel begins its window, so a late one has its own.
    found = perChannel_.emplace(std::string(channelId), CallQuota(sameChannel_, 0, nowMs)).first;
  }
  const bool taken = found->second.take(nowMs);
  refused_ += taken ? 0 : 1;
  return taken;
}

}  // namespace rtm::server
