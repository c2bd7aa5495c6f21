#include "server/governor/login_rates.hpp"

namespace rtm::server {

bool LoginRates::takeAddress(const net::AddressPrefix& prefix, std::uint64_t nowMs) {
  if (!counts() || rules_.ofAddressPerSecond == 0) return true;
  const std::uint64_t rate = rules_.ofAddressPerSecond;
  const std::uint64_t burst = rules_.ofAddressBurst;
  const std::lock_guard lock(mutex_);
  if (!takeOf(prefix, TokenBucket(rate, burst), nowMs)) return false;
  const net::AddressPrefix site = prefix.site();
  return site == prefix || takeOf(site, TokenBucket(rate + rate / 2, burst + burst / 2), nowMs);
}

void LoginRates::giveBackAddress(const net::AddressPrefix& prefix, std::uint64_t nowMs) {
  const std::lock_guard lock(mutex_);
  for (const net::AddressPrefix& each : {prefix, prefix.site()}) {
    if (TokenBucket* bucket = addresses_.find(each, nowMs)) bucket->giveBack();
    if (prefix == prefix.site()) return;
  }
}

bool LoginRates::takeUser(const ScopedName& user, std::uint64_t nowMs) {
  if (!counts()) return true;
  const std::lock_guard lock(mutex_);
  const TokenBucket* known = users_.find(user, nowMs);
  TokenBucket bucket = known != nullptr
                           ? *known
                           : TokenBucket(rules_.ofUser.count, rules_.ofUser.windowMs, kUserBurst * rules_.ofUser.count);
  const bool taken = bucket.take(nowMs);
  users_.put(user, bucket, bucket.fullAtMs(), nowMs);
  return taken;
}

bool LoginRates::takeOf(const net::AddressPrefix& prefix, const TokenBucket& fresh, std::uint64_t nowMs) {
  const TokenBucket* known = addresses_.find(prefix, nowMs);
  TokenBucket bucket = known != nullptr ? *known : fresh;
  const bool taken = bucket.take(nowMs);
  addresses_.put(prefix, bucket, bucket.fullAtMs(), nowMs);
  return taken;
}

}  // namespace rtm::server
