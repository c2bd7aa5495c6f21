#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "net/datagram/datagram_header.hpp"
#include "net/datagram/micros.hpp"
#include "net/datagram/stream.hpp"

namespace rtm::net {

/// The stream of a handshake, in datagrams that anybody can read: a client sends INITIAL until the server has answered
/// with HANDSHAKE, and begins anew once when the server asks for a token. Pure.
class ClearStream {
 public:
  enum class Role : std::uint8_t { Client, Server };

  /// `token`: for a client, what an earlier session at this server brought, or empty.
  ClearStream(Role role, const ConnectionId& id, Bytes token);

  void write(ByteView bytes);
  /// An INITIAL, RETRY or HANDSHAKE of this link; the bytes of the stream go to `sink`. What is not well formed is
  /// dropped.
  void datagramCame(Micros now, const Datagram& datagram, StreamSink& sink);
  /// Appends the next datagram. False: nothing may leave now.
  bool fill(Micros now, Bytes& datagram);
  std::optional<Micros> dueAt(Micros now) const { return stream_.dueAt(now); }

  /// The datagram of the last fill() was more than an acknowledgement.
  bool carriedBytes() const { return stream_.carriedBytes(); }

  /// What was written need not arrive any more.
  void abandon() { stream_.abandon(); }

  /// The other side has answered, also with a RETRY.
  bool answered() const { return answered_; }
  bool flushed() const { return stream_.flushed(); }
  /// What was learned about the path.
  const SendHalf& path() const { return stream_.sending(); }

 private:
  void retry(const Datagram& datagram);

  const Role role_;
  const ConnectionId id_;
  Stream stream_;
  Bytes token_;
  Bytes first_;                ///< client: what was written before the server has answered, for a new beginning
  std::uint64_t sent_ = 0;     ///< the number of the last datagram
  std::uint64_t largest_ = 0;  ///< of the other side's
  bool answered_ = false;
  bool flowing_ = false;  ///< the server has sent HANDSHAKE, so it knows this link
  bool retried_ = false;
};

}  // namespace rtm::net
