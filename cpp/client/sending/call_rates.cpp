#include "client/sending/call_rates.hpp"

#include "wire/sdk_limits.hpp"

namespace rtm::client {

CallRates::CallRates() {
  // As rules in force, so that a first login still counts when its server confirms them.
  for (const wire::RateLimit& rate : wire::kSdkRates) {
    const auto group = static_cast<wire::RateGroup>(rate.group);
    if (group != wire::RateGroup::Login && group != wire::RateGroup::RenewToken) continue;
    inForce_[rate.group] = rate;
    windows_[rate.group].configure(rate.count, rate.windowMs);
  }
}

void CallRates::adopt(const std::vector<wire::RateLimit>& limits) {
  std::array<wire::RateLimit, kGroups> rules{};
  for (const wire::RateLimit& rate : limits) {
    if (rate.group < rules.size()) rules[rate.group] = rate;
  }
  for (std::size_t group = 0; group < rules.size(); ++group) {
    const wire::RateLimit& rule = rules[group];
    if (rule.count == inForce_[group].count && rule.windowMs == inForce_[group].windowMs) continue;
    windows_[group].configure(rule.count, rule.windowMs);
    inForce_[group] = rule;
    if (group == static_cast<std::size_t>(wire::RateGroup::JoinSameChannel)) {
      sameChannelJoins_.configure(rule.count, rule.windowMs);
    }
  }
}

CallRates::JoinVerdict CallRates::acceptJoin(const std::string& channelId, std::uint64_t nowMs) {
  RateWindow& ofThisChannel = sameChannelJoins_.of(channelId, nowMs);
  if (!ofThisChannel.hasRoom(nowMs)) return JoinVerdict::SameChannelTooOften;
  if (!accept(wire::RateGroup::Join, nowMs)) return JoinVerdict::TooOften;
  ofThisChannel.accept(nowMs);
  return JoinVerdict::Accepted;
}

}  // namespace rtm::client
