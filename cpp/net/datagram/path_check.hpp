#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "net/datagram/datagram_header.hpp"
#include "net/datagram/datagram_keys.hpp"
#include "net/datagram/micros.hpp"
#include "net/resolve/socket_address.hpp"

namespace rtm::net {

/// Where a link's datagrams go: to the address of the newest genuine datagram, at once, because NATs and networks
/// change it without a word. Until the new address has echoed a challenge it gets at most three times what came from
/// it, so that a copied datagram with a forged address makes nobody a target; without an echo the old address counts
/// again. Pure.
class PathCheck {
 public:
  using Challenge = std::array<std::uint8_t, 8>;
  enum class Change : std::uint8_t {
    None,
    Port,  ///< the same host: what is known of the path holds
    Host,
  };

  explicit PathCheck(const SocketAddress& address) : current_(address), proven_(address) {}

  const SocketAddress& address() const { return current_; }

  /// A genuine datagram of `bytes` came from `from`; `newest`: none with a higher number has come.
  Change datagramCame(Micros now, const SocketAddress& from, bool newest, std::size_t bytes);
  /// The echo of a challenge. True: the address is proven now.
  bool echoed(ByteView challenge);
  /// Whether a datagram of `bytes` may leave.
  bool hasRoom(std::size_t bytes = kMaxDatagramBytes) const { return !proving() || credit_ >= bytes; }
  /// A datagram of `bytes` left.
  void sent(std::size_t bytes) { credit_ -= bytes < credit_ ? bytes : credit_; }

  /// Whether challenge() is to be called.
  bool challengeDue(Micros now) const { return proving() && now >= challengeAt_ && hasRoom(kChallengeBytes); }
  /// The challenge to be sent now. `random` is used for a new one; empty, and there is none yet: nothing is sent.
  std::optional<Challenge> challenge(Micros now, const std::optional<Challenge>& random);
  /// Goes back to the proven address when the time is over. True: it did.
  bool expire(Micros now);
  std::optional<Micros> dueAt() const;

 private:
  static constexpr Micros kGiveUpAfter = 3 * kSecond;
  static constexpr Micros kChallengeEvery = kSecond / 5;
  static constexpr std::size_t kAmplification = 3;
  /// Of the datagram with a challenge.
  static constexpr std::size_t kChallengeBytes = kDatagramHeaderBytes + 1 + sizeof(Challenge) + kTagBytes;
  bool proving() const { return !(current_ == proven_); }

  SocketAddress current_;
  SocketAddress proven_;
  std::optional<Challenge> challenge_;
  Micros since_ = 0;
  Micros challengeAt_ = 0;
  std::size_t credit_ = 0;  ///< bytes that an unproven address may still get
};

}  // namespace rtm::net
