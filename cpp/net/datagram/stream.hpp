#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/bytes.hpp"
#include "net/datagram/micros.hpp"
#include "net/datagram/receive_half.hpp"
#include "net/datagram/send_half.hpp"

namespace rtm::net {

/// A reliable two-way stream of bytes over packets that may be lost, doubled and overtake each other. Pure: packets and
/// the time come in; packets, bytes and the next moment come out. Whoever carries the packets numbers them, upwards and
/// never twice.
class Stream {
 public:
  struct Options {
    SendHalf::Options sending;
    std::size_t payload = 1171;  ///< the largest payload of a packet: at least 64 bytes
  };

  explicit Stream(const Options& options) : sending_(options.sending), payload_(options.payload) {}

  /// Queues bytes. They leave with the next calls of fill().
  void write(ByteView bytes) { sending_.queue().write(bytes); }
  /// No more bytes will be written. Idempotent.
  void finish() { sending_.queue().finish(); }
  /// What was written need not arrive any more, and is not sent again.
  void abandon() { sending_.abandon(); }
  /// Bytes that were written and have not left yet.
  std::size_t waiting() const { return sending_.queue().uncut(); }
  /// Bytes that were written and have not all arrived.
  std::size_t unacknowledged() const { return sending_.queue().held(); }
  /// Everything that was written has arrived, also the end if finish() was called.
  bool flushed() const { return sending_.queue().empty(); }

  /// A packet has come. False: it is malformed, and nothing of it was taken.
  bool packetCame(Micros now, std::uint64_t number, ByteView payload, StreamSink& sink);
  /// An acknowledgement is due. It tells of 65 packets, so a turn that brings more cannot leave it to its end.
  bool mustAnswer(Micros now) const {
    const auto due = receiving_.acknowledgeAt();
    return due && *due <= now;
  }
  void pause() { receiving_.pause(); }
  void resume(Micros now, StreamSink& sink) { receiving_.resume(now, sink); }
  bool ended() const { return receiving_.ended(); }

  /// Appends the payload of the next packet. False: nothing may leave now. True: the packet leaves at once, and sent()
  /// follows.
  bool fill(Micros now, Bytes& payload);
  /// The payload of the last fill() had segments.
  bool carriedBytes() const { return carriesSegments_; }
  /// `bytes`: of the whole datagram.
  void sent(Micros now, std::uint64_t number, std::size_t bytes);
  /// When to call fill() again if nothing comes and nothing is written; empty: never.
  std::optional<Micros> dueAt(Micros now) const;

  SendHalf& sending() { return sending_; }
  const SendHalf& sending() const { return sending_; }

 private:
  bool tellsOfTheSent(const Acknowledgement& acknowledgement) const;
  void askAgain(Micros now, Bytes& payload);

  SendHalf sending_;
  ReceiveHalf receiving_;
  std::size_t payload_;
  std::uint64_t lastAsking_ = 0;  ///< the last packet that the other side acknowledges
  std::uint64_t newestWord_ = 0;  ///< the latest packet that acknowledged something
  std::optional<Micros> pingAt_;  ///< the receiver has closed its window: when to ask again
  bool asks_ = false;             ///< the payload that fill() has made
  bool carriesSegments_ = false;
};

}  // namespace rtm::net
