#include "net/admission/penalties.hpp"

#include <algorithm>

namespace rtm::net {
namespace {

std::uint64_t costMs(Penalties::Offence offence) {
  switch (offence) {
    case Penalties::Offence::BadToken:
    case Penalties::Offence::BadHandshake:
      return 1000;
    case Penalties::Offence::Malformed:
    case Penalties::Offence::Flood:
      return 10'000;
  }
  return 0;
}

void owe(std::uint64_t& untilMs, std::uint64_t costMs, std::uint64_t nowMs) {
  untilMs = std::min(std::max(untilMs, nowMs) + costMs, nowMs + Penalties::kMostMs);
}

}  // namespace

bool Penalties::add(const AddressPrefix& prefix, Offence offence, std::uint64_t nowMs) {
  const std::lock_guard lock(mutex_);
  const Debt* known = debts_.find(prefix, nowMs);
  Debt debt = known != nullptr ? *known : Debt{};
  const Standing before = standingOf(debt, nowMs);
  const bool fault = offence == Offence::Malformed || offence == Offence::Flood;
  owe(fault ? debt.faultsMs : debt.tokensMs, costMs(offence), nowMs);
  debts_.put(prefix, debt, std::max(debt.tokensMs, debt.faultsMs), nowMs);
  return standingOf(debt, nowMs) > before;
}

Penalties::Standing Penalties::standing(const AddressPrefix& prefix, std::uint64_t nowMs) {
  const std::lock_guard lock(mutex_);
  const Debt* debt = debts_.find(prefix, nowMs);
  return debt == nullptr ? Standing::Good : standingOf(*debt, nowMs);
}

Penalties::Standing Penalties::standingOf(const Debt& debt, std::uint64_t nowMs) {
  if (debt.faultsMs > nowMs + kToleratedMs) return Standing::Refused;
  return debt.tokensMs > nowMs + kToleratedMs ? Standing::Slowed : Standing::Good;
}

}  // namespace rtm::net
