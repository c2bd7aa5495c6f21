#include "net/datagram/path_check.hpp"

#include <openssl/crypto.h>

#include <algorithm>

namespace rtm::net {
PathCheck::Change PathCheck::datagramCame(Micros now, const SocketAddress& from, bool newest, std::size_t bytes) {
  if (from == current_) {
    if (proving()) credit_ += kAmplification * bytes;
    return Change::None;
  }
  // A late datagram from the address before says nothing about now.
  if (!newest) return Change::None;
  const Change change = from.sameHost(current_) ? Change::Port : Change::Host;
  current_ = from;
  challenge_.reset();
  since_ = challengeAt_ = now;
  credit_ = kAmplification * bytes;
  return change;
}

bool PathCheck::echoed(ByteView challenge) {
  if (!proving() || !challenge_ || challenge.size() != challenge_->size()) return false;
  if (CRYPTO_memcmp(challenge.data(), challenge_->data(), challenge_->size()) != 0) return false;
  proven_ = current_;
  challenge_.reset();
  return true;
}

std::optional<PathCheck::Challenge> PathCheck::challenge(Micros now, const std::optional<Challenge>& random) {
  challengeAt_ = now + kChallengeEvery;
  if (!challenge_) challenge_ = random;
  return challenge_;
}

bool PathCheck::expire(Micros now) {
  if (!proving() || now < since_ + kGiveUpAfter) return false;
  current_ = proven_;
  challenge_.reset();
  return true;
}

std::optional<Micros> PathCheck::dueAt() const {
  if (!proving()) return std::nullopt;
  const Micros giveUpAt = since_ + kGiveUpAfter;
  return hasRoom(kChallengeBytes) ? std::min(challengeAt_, giveUpAt) : giveUpAt;
}

}  // namespace rtm::net
