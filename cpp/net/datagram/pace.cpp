#include "net/datagram/pace.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "net/datagram/round_trip.hpp"

namespace rtm::net {
namespace {

/// 2 / ln 2: doubles the rate in each round trip.
constexpr double kStartupGain = 2.89;
constexpr std::array<double, 8> kProbingGains{1.25, 0.75, 1, 1, 1, 1, 1, 1};
constexpr double kWindowGain = 2;
constexpr double kMostLoss = 0.5;
constexpr double kGrowth = 1.25;
constexpr int kFlatRounds = 3;
constexpr double kCongestedLoss = 0.02;
constexpr double kBackOff = 0.7;
/// About a packet, as TCP does.
constexpr std::size_t kMoreShare = 1000;
/// Below this share of losses in calm times all other losses are of the stream's own making. Above it, those are that
/// calm times and chance do not explain: so many standard deviations, and this share, more.
constexpr double kCleanPath = 0.005;
constexpr double kEvidence = 3;
constexpr double kOwnLoss = 0.03;
/// The stream's own queue is gone after so many rounds in which it slows down.
constexpr int kOwnQueueRounds = 10;
/// After this time without congestion and without a queue the others have gone.
constexpr Micros kAlone = 5 * kSecond;
/// How long the other side may keep an acknowledgement back.
constexpr Micros kKnownAfter = 10 * kMillisecond;
/// What a late timer may make up for.
constexpr Micros kBurst = 10 * kMillisecond;

}  // namespace

double Pace::best() const {
  return *std::max_element(bestOfRounds_.begin(), bestOfRounds_.end());
}

double Pace::gain() const {
  switch (stage_) {
    case Stage::Startup:
      return kStartupGain;
    case Stage::Drain:
      return 1 / kStartupGain;
    case Stage::Probing:
      return kProbingGains[rounds_ % kProbingGains.size()];
  }
  return 1;
}

/// Whether packets leave more slowly than the path lets through: what gets lost then would get lost at any speed.
bool Pace::calm() const {
  return stage_ == Stage::Startup ? share_ == 0 : gain() < 1;
}

/// The share of packets that the path lets through whatever the speed. To divide by the share of all losses would
/// answer the losses of a stream's own making with more of them.
double Pace::survival(const RoundTrip& roundTrip) const {
  return gain() < 1 || roundTrip.standingQueue() ? 1 : 1 - std::min(calmLoss_.share(), kMostLoss);
}

/// What a path may carry of which nothing is known; on a small one it would be too much for ever.
std::size_t Pace::floor() const {
  return stage_ == Stage::Startup ? kFirstWindow : kLeastWindow;
}

double Pace::rate(const RoundTrip& roundTrip) const {
  const auto smoothed = static_cast<double>(roundTrip.smoothed());
  // The window sets the speed; the pace only spreads it over the round trip.
  if (share_ != 0 && !calm()) return kGrowth * static_cast<double>(share_) / smoothed;
  return std::max(gain() * best() / survival(roundTrip), static_cast<double>(floor()) / smoothed);
}

std::size_t Pace::window(const RoundTrip& roundTrip) const {
  if (share_ != 0) return share_;
  // What has arrived is not known at once: without these bytes a short path would stand still for most of the time.
  const double product = best() * static_cast<double>(roundTrip.base() + kKnownAfter);
  const auto wanted = static_cast<std::size_t>(kWindowGain * product / survival(roundTrip));
  return std::max(wanted, roundTrip.standingQueue() ? kLeastWindow : floor());
}

Pace::Mark Pace::sent(Micros now, std::size_t bytes, std::size_t onWay, const RoundTrip& roundTrip) {
  round_.mostOnWay = std::max(round_.mostOnWay, onWay + bytes);
  if (onWay == 0) {
    current_.firstSentAt = now;
    current_.deliveredAt = now;
  }
  const auto time = static_cast<Micros>(static_cast<double>(bytes) / rate(roundTrip));
  nextAt_ = std::max(nextAt_ + time, now + time - std::min(kBurst, now + time));
  Mark mark = current_;
  mark.thin = thinUntil_ > current_.delivered;
  mark.calm = calm() && !roundTrip.standingQueue();
  return mark;
}

void Pace::newPath() {
  const auto path = static_cast<std::uint8_t>(current_.path + 1);
  *this = {};
  current_.path = path;
}

void Pace::arrived(const Arrival& arrival, const RoundTrip& roundTrip) {
  const Mark& mark = arrival.mark;
  if (!knows(mark)) return;
  current_.delivered += arrival.bytes;
  current_.deliveredAt = arrival.now;
  current_.firstSentAt = std::max(current_.firstSentAt, arrival.sentAt);
  ++round_.arrived;
  if (mark.calm) calmLoss_.arrived();
  const Micros sending = arrival.sentAt - std::min(arrival.sentAt, mark.firstSentAt);
  const Micros arriving = arrival.now - std::min(arrival.now, mark.deliveredAt);
  const Micros interval = std::max({sending, arriving, Micros{1}});
  const double sample = static_cast<double>(current_.delivered - mark.delivered) / static_cast<double>(interval);
  double& ofRound = bestOfRounds_[rounds_ % kRounds];
  // A thin stream says nothing about the path unless it is faster than all that was known.
  if ((!mark.thin || sample > best()) && interval >= roundTrip.base() / 2) ofRound = std::max(ofRound, sample);
  if (mark.delivered >= roundEnd_) endRound(arrival.now, roundTrip);
}

void Pace::lost(const Mark& mark) {
  if (!knows(mark)) return;
  ++round_.lost;
  if (mark.calm) calmLoss_.lost();
}

bool Pace::congested(const RoundTrip& roundTrip) const {
  const double seen = round_.lost + round_.arrived;
  const double lost = round_.lost;
  const double calm = calmLoss_.share();
  if (roundTrip.standingQueue()) return lost > seen * (calm + kCongestedLoss);
  if (stage_ != Stage::Probing) return false;
  if (calm < kCleanPath) return lost > seen * kCongestedLoss;
  return lost > seen * (calm + kOwnLoss) + kEvidence * std::sqrt(seen * (calm + kOwnLoss));
}

void Pace::endRound(Micros now, const RoundTrip& roundTrip) {
  const bool thin = thinUntil_ > roundEnd_;
  roundEnd_ = current_.delivered;
  if (congested(roundTrip)) {
    const auto used = static_cast<double>(std::min(round_.mostOnWay, window(roundTrip)));
    share_ = std::max(static_cast<std::size_t>(kBackOff * used), kLeastWindow);
    congestedAt_ = now;
  } else if (share_ == 0) {
    queuedRounds_ = roundTrip.standingQueue() ? queuedRounds_ + 1 : 0;
    // The stream has slowed down meanwhile, so the queue is not its own.
    if (queuedRounds_ > kOwnQueueRounds) share_ = std::max(round_.mostOnWay, kLeastWindow);
  } else {
    const auto most = static_cast<std::size_t>(2 * kWindowGain * best() * static_cast<double>(roundTrip.smoothed()));
    if (!thin && share_ < most) share_ += kMoreShare;
    if (roundTrip.standingQueue()) congestedAt_ = std::max(congestedAt_, now - std::min(now, kAlone / 2));
    if (now > congestedAt_ + kAlone) share_ = 0;
  }
  round_ = {};
  updateStage(roundTrip, thin);
  ++rounds_;
  // A thin round keeps what earlier rounds have measured.
  if (!thin) bestOfRounds_[rounds_ % kRounds] = 0;
}

void Pace::updateStage(const RoundTrip& roundTrip, bool thin) {
  const bool queue = roundTrip.standingQueue();
  if (best() > full_ * kGrowth) {
    full_ = best();
    flat_ = 0;
  } else if (!thin) {
    ++flat_;
  }
  if (stage_ == Stage::Startup && (queue || flat_ >= kFlatRounds)) {
    stage_ = Stage::Drain;
    flat_ = 0;
    calmLoss_ = {};  // the last packets were too many for the path
  } else if (stage_ == Stage::Drain && (!queue || flat_ >= kFlatRounds)) {
    // A queue that is still there belongs to others.
    stage_ = Stage::Probing;
  } else if (stage_ == Stage::Probing && thin && !queue) {
    stage_ = Stage::Startup;  // whatever comes after a thin time finds the rate of the path anew
    full_ = 0;
    flat_ = 0;
  }
}

}  // namespace rtm::net
