#include "net/datagram/copy_plan.hpp"

#include <algorithm>

namespace rtm::net {
namespace {

constexpr Micros kApart = 10 * kMillisecond;
constexpr std::size_t kMostWaiting = 20;
/// Copies take at most 160 kB/s, and no more than that at once of 50 ms.
constexpr double kBytesPerMicro = 0.16;
constexpr Micros kAdvance = 50 * kMillisecond;
/// More copies of a repeat. Repeats are few; one that gets lost with all of its copies holds up another round trip of
/// messages.
constexpr unsigned kMoreOfRepeats = 2;
/// A segment that got lost so often gets copies in a thick stream, too: all that came behind it fills the receiver's
/// window.
constexpr unsigned kUrgent = 2;

unsigned copiesFor(double loss) {
  if (loss < 0.02) return 0;
  if (loss < 0.10) return 1;
  return loss < 0.25 ? 2 : 3;
}

}  // namespace

Micros CopyPlan::apart() const {
  return fixed_ ? fixed_->apart : kApart;
}

void CopyPlan::sent(Micros now, std::uint64_t number, const Conditions& conditions) {
  const bool thin = conditions.waiting < kMostWaiting && !conditions.queue && paidUntil_ <= now + kAdvance;
  if (!thin && conditions.repeats < kUrgent) return;
  unsigned wanted = fixed_ ? fixed_->count : copiesFor(conditions.loss);
  if (wanted != 0 && conditions.repeats != 0) wanted = thin ? wanted + kMoreOfRepeats : kMoreOfRepeats;
  if (wanted != 0) plan_.push_back({now + apart(), number, wanted});
}

std::optional<std::uint64_t> CopyPlan::next(Micros now, bool early) const {
  if (plan_.empty()) return std::nullopt;
  const Planned& front = plan_.front();
  // A copy in the datagram of its original, or in one of the same moment, would be lost with it.
  const bool due = early ? front.at < now + apart() : front.at <= now;
  return due ? std::optional(front.number) : std::nullopt;
}

void CopyPlan::sentNext(Micros now, std::size_t bytes) {
  const Planned front = plan_.front();
  plan_.pop_front();
  if (front.left > 1) plan_.push_back({now + apart(), front.number, front.left - 1});
  paidUntil_ = std::max(paidUntil_, now) + static_cast<Micros>(static_cast<double>(bytes) / kBytesPerMicro);
}

std::optional<Micros> CopyPlan::dueAt() const {
  return plan_.empty() ? std::nullopt : std::optional(plan_.front().at);
}

}  // namespace rtm::net
