#include "net/datagram/datagram_seal.hpp"

#include <algorithm>
#include <utility>

namespace rtm::net {

Sealer::Sealer(DatagramKey key, const ConnectionId& id, const SealLimits& limits)
    : key_(std::move(key)),
      id_(id),
      datagramsOfAKey_(limits.datagramsOfAKey),
      keyEnd_(limits.datagramsOfAKey),
      end_(limits.datagrams) {}

std::optional<Sealer> Sealer::create(Aead aead, const Secret& secret, const ConnectionId& id,
                                     const SealLimits& limits) {
  auto key = DatagramKey::make(aead, secret, DatagramKey::Use::Seal);
  if (!key) return std::nullopt;
  return Sealer(std::move(*key), id, limits);
}

bool Sealer::changeKey() {
  auto following = key_.next();
  if (!following) return false;
  key_ = std::move(*following);
  keyEnd_ += datagramsOfAKey_;
  phase_ = !phase_;
  return true;
}

std::optional<std::uint64_t> Sealer::seal(ByteView payload, Bytes& out) {
  if (payload.size() > kMaxSealedPayload || next_ >= end_) return std::nullopt;
  if (next_ >= keyEnd_ && !changeKey()) return std::nullopt;
  const std::size_t begin = out.size();
  // The number is used up even if OpenSSL fails: a nonce that may have been used is never used again.
  const std::uint64_t number = next_++;
  appendDatagramHeader({id_, DatagramType::Sealed, phase_, static_cast<std::uint32_t>(number)}, out);
  out.insert(out.end(), payload.begin(), payload.end());
  out.resize(out.size() + kTagBytes);
  const MutableByteView datagram = MutableByteView(out).subspan(begin);
  const MutableByteView bytes = datagram.subspan(kDatagramHeaderBytes, payload.size());
  if (!key_.seal(number, datagram.first(kDatagramHeaderBytes), bytes, bytes.data() + bytes.size())) {
    out.resize(begin);
    return std::nullopt;
  }
  return number;
}

Opener::Opener(DatagramKey key, const SealLimits& limits)
    : current_(std::move(key)), mostForgeries_(limits.forgeries) {}

std::optional<Opener> Opener::create(Aead aead, const Secret& secret, const SealLimits& limits) {
  auto key = DatagramKey::make(aead, secret, DatagramKey::Use::Open);
  if (!key) return std::nullopt;
  return Opener(std::move(*key), limits);
}

/// As RFC 9001 §6.5: what is below all datagrams of this key belongs to the previous one, and what is above all
/// datagrams belongs to the next. Nothing else of the other phase can be genuine.
DatagramKey* Opener::keyFor(bool phase, std::uint64_t number) {
  if (phase == phase_) return &current_;
  if (number < lowest_) return previous_.get();
  if (number <= window_.highest()) return nullptr;
  if (next_ == nullptr) {
    auto following = current_.next();
    if (following) next_ = std::make_unique<DatagramKey>(std::move(*following));
  }
  return next_.get();
}

void Opener::accept(const DatagramKey* key, std::uint64_t number) {
  window_.add(number);
  if (key == next_.get()) {
    std::swap(current_, *next_);
    previous_ = std::move(next_);
    phase_ = !phase_;
    lowest_ = number;
  } else if (key == &current_) {
    lowest_ = std::min(lowest_, number);
  }
  if (previous_ != nullptr && window_.highest() - lowest_ >= ReplayWindow::kSpan) previous_.reset();
}

Opened Opener::open(ByteView datagram, MutableByteView into) {
  using Outcome = Opened::Outcome;
  if (forgeries_ >= mostForgeries_) return {.outcome = Outcome::Exhausted};
  if (datagram.size() < kDatagramHeaderBytes + kTagBytes) return {.outcome = Outcome::Truncated};
  const auto parsed = parseDatagram(datagram);
  if (!parsed || parsed->header.type != DatagramType::Sealed) return {};
  const std::size_t size = parsed->rest.size() - kTagBytes;
  if (into.size() < size) return {};

  const std::uint64_t number = expandNumber(parsed->header.number, window_.highest());
  switch (window_.standing(number)) {
    case ReplayWindow::Standing::Replayed:
      return {.outcome = Outcome::Replayed, .number = number};
    case ReplayWindow::Standing::TooOld:
      return {.outcome = Outcome::TooOld, .number = number};
    case ReplayWindow::Standing::New:
      break;
  }
  DatagramKey* key = keyFor(parsed->header.phase, number);
  if (key == nullptr || !key->open(number, datagram.first(kDatagramHeaderBytes), parsed->rest, into.data())) {
    if (key != nullptr) ++forgeries_;
    return {.outcome = Outcome::BadTag, .number = number};
  }
  const bool highest = !window_.any() || number > window_.highest();
  accept(key, number);
  return {.outcome = Outcome::Ok, .highest = highest, .number = number, .payload = ByteView(into).first(size)};
}

}  // namespace rtm::net
