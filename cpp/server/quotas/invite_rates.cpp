#include "server/quotas/invite_rates.hpp"

#include <algorithm>
#include <iterator>

#include "server/model/names.hpp"

namespace rtm::server {

bool InviteRates::take(std::string_view calleeId, std::uint64_t nowMs) {
  const std::uint64_t key = TextHash{}(calleeId);
  auto pair = pairs_.find(key);
  if (pair == pairs_.end()) {
    if (pairs_.size() >= kCallees) {
      std::erase_if(pairs_, [nowMs](const auto& entry) { return entry.second.fullAtMs() <= nowMs; });
    }
    if (pairs_.size() >= kCallees) pairs_.clear();  // the rate of all callees has bounded them
    pair = pairs_.emplace(key, TokenBucket(kPairPerSecond, kPairBurst)).first;
  }
  // The pair first: an invitation that the pair refuses costs the caller none of its other invitations.
  return pair->second.take(nowMs) && all_.take(nowMs);
}

void InviteRates::shrink(std::uint64_t nowMs) {
  std::erase_if(pairs_, [nowMs](const auto& entry) { return entry.second.fullAtMs() <= nowMs; });
  while (pairs_.size() > kKeptCallees) {
    const auto least = std::min_element(pairs_.begin(), pairs_.end(), [](const auto& one, const auto& other) {
      return one.second.fullAtMs() < other.second.fullAtMs();
    });
    pairs_.erase(least);
  }
}

std::uint64_t InviteRates::untilMs() const {
  std::uint64_t until = all_.fullAtMs();
  for (const auto& [key, pair] : pairs_) until = std::max(until, pair.fullAtMs());
  return until;
}

}  // namespace rtm::server
