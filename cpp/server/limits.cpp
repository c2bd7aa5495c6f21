#include "server/limits.hpp"

namespace rtm::server {

Limits Limits::sdk() {
  Limits limits;
  const auto rate = [&limits](wire::RateGroup group, std::uint32_t count, std::uint32_t windowMs) {
    limits.rates[static_cast<std::size_t>(group)] = {count, windowMs};
  };
  rate(wire::RateGroup::Login, 2, 1000);
  rate(wire::RateGroup::RenewToken, 2, 1000);
  rate(wire::RateGroup::Send, 1500, 3000);
  rate(wire::RateGroup::Join, 50, 3000);
  rate(wire::RateGroup::JoinSameChannel, 2, 5000);
  rate(wire::RateGroup::GetMembers, 5, 2000);
  rate(wire::RateGroup::MemberCount, 1, 1000);
  rate(wire::RateGroup::PresenceQuery, 100, 5000);
  rate(wire::RateGroup::Subscribe, 10, 5000);
  rate(wire::RateGroup::Unsubscribe, 10, 5000);
  rate(wire::RateGroup::SubscriptionList, 10, 5000);
  rate(wire::RateGroup::UserAttributesWrite, 100, 5000);
  rate(wire::RateGroup::UserAttributesRead, 400, 5000);
  rate(wire::RateGroup::ChannelAttributesWrite, 100, 5000);
  rate(wire::RateGroup::ChannelAttributesRead, 400, 5000);
  limits.historyQueries = {100, 1000};
  return limits;
}

Limits Limits::off() {
  Limits limits;
  limits.joinedChannels = 0;
  limits.subscribedPeers = 0;
  return limits;
}

}  // namespace rtm::server
