#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>

#include "base/bytes.hpp"
#include "net/datagram/datagram_header.hpp"
#include "net/datagram/datagram_keys.hpp"
#include "net/datagram/replay_window.hpp"

namespace rtm::net {

// The record layer of a link over datagrams: docs/decisions/027-sealed-datagrams.md has the threats, and a comparison
// with RFC 9001. One Sealer and one Opener for each direction, on one thread.

/// What a sealed datagram carries at most.
inline constexpr std::size_t kMaxSealedPayload = kMaxDatagramBytes - kDatagramHeaderBytes - kTagBytes;

/// Where keys and links end. Tests use less.
struct SealLimits {
  /// So many datagrams one key seals. RFC 9001 §6.6 allows AES-GCM 2^23. At least ReplayWindow::kSpan, so that a late
  /// datagram is at most one key behind.
  std::uint64_t datagramsOfAKey = std::uint64_t{1} << 22;
  /// So many datagrams one direction of a link seals: nine years of a million a second.
  std::uint64_t datagrams = std::uint64_t{1} << 48;
  /// After so many forged datagrams nothing is opened any more: the limit of RFC 9001 §6.6 for ChaCha20-Poly1305, which
  /// is the lowest.
  std::uint64_t forgeries = std::uint64_t{1} << 36;
};

/// Seals what one side of a link sends.
class Sealer {
 public:
  /// `secret` is that of this side's datagrams. Nothing if OpenSSL has no memory.
  static std::optional<Sealer> create(Aead aead, const Secret& secret, const ConnectionId& id,
                                      const SealLimits& limits = {});

  /// Appends a whole datagram to `out` and returns its number, which no other datagram gets. Nothing, and nothing is
  /// appended, if the payload is longer than kMaxSealedPayload, all numbers are used, or there is no memory for the
  /// next key; after the last two the link ends.
  std::optional<std::uint64_t> seal(ByteView payload, Bytes& out);

  /// The number of the next datagram.
  std::uint64_t nextNumber() const { return next_; }

 private:
  Sealer(DatagramKey key, const ConnectionId& id, const SealLimits& limits);
  bool changeKey();

  DatagramKey key_;
  ConnectionId id_;
  std::uint64_t datagramsOfAKey_;
  std::uint64_t next_ = 0;
  std::uint64_t keyEnd_;  ///< the number from which the next key seals
  std::uint64_t end_;     ///< the number that is used no more
  bool phase_ = false;
};

struct Opened {
  enum class Outcome {
    Ok,
    Malformed,  ///< no sealed datagram, or `into` is too small
    Truncated,  ///< shorter than a header and a tag
    BadTag,     ///< forged, damaged, of another link, or of a key that is gone
    Replayed,   ///< the number has come before
    TooOld,     ///< too far behind the highest number to know whether it has come before
    Exhausted,  ///< SealLimits::forgeries were forged: the link must end
  };

  Outcome outcome = Outcome::Malformed;
  bool highest = false;      ///< no higher number has come before: its sender's address is the newest
  std::uint64_t number = 0;  ///< from Ok to TooOld; only that of Ok is genuine
  ByteView payload;          ///< part of `into`; empty unless Ok
};

/// Opens what the other side of a link sends. Whatever it refuses changes nothing but the count of forgeries.
class Opener {
 public:
  /// `secret` is that of the other side's datagrams. Nothing if OpenSSL has no memory.
  static std::optional<Opener> create(Aead aead, const Secret& secret, const SealLimits& limits = {});

  /// Reads a whole datagram. The payload goes to `into`, which has room for kMaxSealedPayload and is undefined unless
  /// the outcome is Ok.
  Opened open(ByteView datagram, MutableByteView into);

  /// How many datagrams had a bad tag.
  std::uint64_t forgeries() const { return forgeries_; }

 private:
  Opener(DatagramKey key, const SealLimits& limits);
  DatagramKey* keyFor(bool phase, std::uint64_t number);
  void accept(const DatagramKey* key, std::uint64_t number);

  DatagramKey current_;
  std::unique_ptr<DatagramKey> previous_;  ///< while datagrams of it may still come
  std::unique_ptr<DatagramKey> next_;      ///< since a datagram asked for it
  ReplayWindow window_;
  std::uint64_t lowest_ = std::numeric_limits<std::uint64_t>::max();  ///< that the current key has opened
  std::uint64_t forgeries_ = 0;
  std::uint64_t mostForgeries_;
  bool phase_ = false;  ///< of the current key
};

}  // namespace rtm::net
