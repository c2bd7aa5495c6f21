#include "net/connect/connect_race.hpp"

#include <algorithm>
#include <utility>

namespace rtm::net {
namespace {

constexpr std::size_t kMaxLogLines = 32;

std::size_t indexOf(Family family) {
  return static_cast<std::size_t>(family);
}

/// The failure with the highest weight stands for the whole race: it says most about what must change.
int weight(ConnectError code) {
  switch (code) {
    case ConnectError::Untrusted:
      return 4;
    case ConnectError::NotTls:
      return 3;
    case ConnectError::Unreachable:
      return 2;
    case ConnectError::Unresolved:
      return 1;
    case ConnectError::NoEndpoint:
      return 0;
  }
  return 0;
}

std::string elapsed(std::uint64_t from, std::uint64_t now) {
  return " (" + std::to_string(now - from) + " ms)";
}

}  // namespace

ConnectRace::ConnectRace(Options options, std::vector<Entrant> entrants, std::uint64_t now)
    : options_(options), startedAt_(now), nextStartAt_(now) {
  for (Entrant& entrant : entrants) contenders_.push_back({std::move(entrant.name), entrant.beside, {}});
}

ConnectRace::Effects ConnectRace::onResolved(std::uint64_t now, std::size_t endpoint, Family family,
                                             std::vector<SocketAddress> addresses) {
  Contender& contender = contenders_.at(endpoint);
  Addresses& mine = contender.families[indexOf(family)];
  mine.resolving = false;
  mine.list = std::move(addresses);
  Addresses& v6 = contender.families[indexOf(Family::V6)];
  Addresses& v4 = contender.families[indexOf(Family::V4)];
  v4.notBefore = v6.resolving ? now + options_.resolutionDelayMs : now;
  return step(now);
}

ConnectRace::Effects ConnectRace::onUnresolved(std::uint64_t now, std::size_t endpoint, Family family,
                                               const std::string& cause) {
  const char* label = family == Family::V6 ? " (IPv6): " : " (IPv4): ";
  note(contenders_.at(endpoint).name + label + cause + elapsed(startedAt_, now));
  if (!worst_) worst_ = ConnectError::Unresolved;
  return onResolved(now, endpoint, family, {});
}

void ConnectRace::onAttemptConnected(int attempt) {
  const auto running = running_.find(attempt);
  if (finished_ || running == running_.end() || running->second.connected) return;
  running->second.connected = true;
  if (running->second.beside) return;
  nextStartAt_ = std::max(nextStartAt_, running->second.startedAt + options_.handshakeDelayMs);
}

ConnectRace::Effects ConnectRace::onAttemptReady(std::uint64_t, int attempt) {
  Effects effects;
  if (finished_ || running_.count(attempt) == 0) return effects;
  finished_ = true;
  effects.winner = attempt;
  return effects;
}

ConnectRace::Effects ConnectRace::onAttemptFailed(std::uint64_t now, int attempt, ConnectError code,
                                                  const std::string& cause) {
  const auto running = running_.find(attempt);
  if (finished_ || running == running_.end()) return {};
  note(running->second.what + ": " + cause + elapsed(running->second.startedAt, now));
  // RFC 8305 section 5: a failure starts the next attempt at once.
  if (!running->second.beside) nextStartAt_ = now;
  running_.erase(running);
  if (!worst_ || weight(code) > weight(*worst_)) worst_ = code;
  return step(now);
}

ConnectRace::Effects ConnectRace::onTimer(std::uint64_t now) {
  return step(now);
}

/// The address whose turn is the earliest; of several at the same time, the first of its round.
std::optional<ConnectRace::Candidate> ConnectRace::nextCandidate(std::uint64_t now) {
  std::optional<Candidate> best;
  for (std::size_t endpoint = 0; endpoint < contenders_.size(); ++endpoint) {
    Contender& contender = contenders_[endpoint];
    const std::uint64_t turn = contender.beside ? startedAt_ + options_.besideDelayMs : nextStartAt_;
    for (Addresses& addresses : contender.families) {
      if (!addresses.waiting()) continue;
      const std::uint64_t at = std::max({turn, addresses.notBefore, now});
      const bool better = !best || at < best->at || (at == best->at && addresses.next < best->addresses->next);
      if (better) best = Candidate{&addresses, endpoint, at};
    }
  }
  return best;
}

ConnectRace::Effects ConnectRace::step(std::uint64_t now) {
  Effects effects;
  if (finished_) return effects;
  const auto next = nextCandidate(now);
  if (!next) {
    if (running_.empty() && !anythingLeft()) return fail();
    return effects;  // an answer or the end of an attempt comes next
  }
  if (running_.size() >= options_.maxConcurrent) return effects;
  if (next->at > now) {
    effects.timerAt = next->at;
    return effects;
  }
  const SocketAddress& address = next->addresses->list[next->addresses->next++];
  const Contender& contender = contenders_[next->endpoint];
  effects.start = Attempt{++lastId_, next->endpoint, address};
  const std::string shown = address.toString();
  const std::string what = contender.name == shown ? shown : contender.name + " at " + shown;
  running_[lastId_] = {what, now, contender.beside};
  if (!contender.beside) nextStartAt_ = now + options_.attemptDelayMs;
  const auto after = nextCandidate(now);
  effects.timerAt = after ? after->at : nextStartAt_;
  return effects;
}

bool ConnectRace::anythingLeft() const {
  for (const Contender& contender : contenders_) {
    for (const Addresses& addresses : contender.families) {
      if (addresses.resolving || addresses.waiting()) return true;
    }
  }
  return false;
}

ConnectRace::Effects ConnectRace::fail() {
  finished_ = true;
  Effects effects;
  if (contenders_.empty())
    note("no endpoint to connect to");
  else if (log_.empty())
    note("no name has an address");
  effects.failed = Failed{contenders_.empty() ? ConnectError::NoEndpoint : worst_.value_or(ConnectError::Unresolved),
                          std::move(log_)};
  return effects;
}

void ConnectRace::note(const std::string& line) {
  if (++logLines_ > kMaxLogLines) return;
  if (!log_.empty()) log_ += '\n';
  log_ += logLines_ == kMaxLogLines ? "…" : line;
}

}  // namespace rtm::net
