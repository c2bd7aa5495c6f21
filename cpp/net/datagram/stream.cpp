#include "net/datagram/stream.hpp"

#include <algorithm>

#include "net/datagram/stream_items.hpp"

namespace rtm::net {
namespace {

/// How often a sender asks whether a closed window has opened: the word that it has may be lost.
constexpr Micros kAskEvery = kSecond / 2;

}  // namespace

bool Stream::packetCame(Micros now, std::uint64_t number, ByteView payload, StreamSink& sink) {
  using Kind = StreamItemReader::Kind;
  const auto reader = [&] {
    return StreamItemReader(payload, lastAsking_, sending_.queue().first(), receiving_.awaited());
  };
  StreamItemReader ahead = reader();
  for (Kind kind = ahead.next(); kind != Kind::End; kind = ahead.next()) {
    if (kind == Kind::Malformed) return false;
  }
  bool asks = false;
  bool whole = true;
  StreamItemReader items = reader();
  for (Kind kind = items.next(); kind != Kind::End; kind = items.next()) {
    asks = asks || kind != Kind::Acknowledgement;
    if (kind == Kind::Acknowledgement && tellsOfTheSent(items.acknowledgement())) {
      sending_.acknowledged(now, items.acknowledgement(), number >= newestWord_);
      newestWord_ = std::max(newestWord_, number);
    }
    if (kind == Kind::Segment) whole = receiving_.take(now, items.segment(), sink) && whole;
  }
  // Only whole packets can be acknowledged. The sender repeats the others, and finds room for what they hold by then.
  if (asks && whole) receiving_.packetCame(now, number);
  return true;
}

/// Acknowledgements of what was never sent are invented.
bool Stream::tellsOfTheSent(const Acknowledgement& acknowledgement) const {
  return acknowledgement.largest <= lastAsking_ && acknowledgement.segments <= sending_.queue().end();
}

bool Stream::fill(Micros now, Bytes& payload) {
  const std::size_t before = payload.size();
  const auto due = receiving_.acknowledgeAt();
  if (due) stream_items::append(payload, receiving_.acknowledgement(now));
  const std::size_t segmentsFrom = payload.size();
  // With room for an acknowledgement in any case: a segment must fit into the packet that repeats it.
  sending_.fill(now, payload_ - stream_items::kAcknowledgementSize, payload);
  carriesSegments_ = payload.size() != segmentsFrom;
  if (!carriesSegments_) askAgain(now, payload);
  asks_ = payload.size() != segmentsFrom;
  if (asks_ || (due && *due <= now)) return true;
  payload.resize(before);
  return false;
}

void Stream::askAgain(Micros now, Bytes& payload) {
  if (!sending_.blocked()) return pingAt_.reset();
  if (!pingAt_) pingAt_ = now + kAskEvery;
  if (now < *pingAt_) return;
  stream_items::appendPing(payload);
  pingAt_ = now + kAskEvery;
}

void Stream::sent(Micros now, std::uint64_t number, std::size_t bytes) {
  receiving_.acknowledged();
  if (asks_) lastAsking_ = number;
  if (carriesSegments_) sending_.sent(now, number, bytes);
}

std::optional<Micros> Stream::dueAt(Micros now) const {
  std::optional<Micros> due = sending_.dueAt(now);
  for (const auto& at : {receiving_.acknowledgeAt(), pingAt_}) {
    if (at) due = std::min(due.value_or(*at), *at);
  }
  return due;
}

}  // namespace rtm::net
