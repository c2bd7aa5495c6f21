#include "net/datagram/clear_stream.hpp"

#include <algorithm>
#include <utility>

#include "net/datagram/stream_items.hpp"

namespace rtm::net {
namespace {

/// A new path: most round trips are shorter, and an early repeat costs less than a late one. Each datagram goes twice.
Stream::Options options() {
  Stream::Options made;
  made.sending.assumedRoundTrip = 120 * kMillisecond;
  made.sending.copies = CopyPlan::Fixed{1, 20 * kMillisecond};
  made.payload = maxInitialPayload(kMaxAddressTokenBytes);
  return made;
}

/// Segments of a handshake: more than the longest ClientHello, or the longest chain of certificates.
constexpr std::uint64_t kMostOfClient = 32;
constexpr std::uint64_t kMostOfServer = 128;

/// A stranger could have others kept for a handshake that never comes to them.
bool beyond(ByteView payload, std::uint64_t most) {
  using Kind = StreamItemReader::Kind;
  StreamItemReader items(payload, 0, 0, 0);
  for (Kind kind = items.next(); kind != Kind::End && kind != Kind::Malformed; kind = items.next()) {
    if (kind == Kind::Segment && items.segment().number >= most) return true;
  }
  return false;
}

}  // namespace

ClearStream::ClearStream(Role role, const ConnectionId& id, Bytes token)
    : role_(role), id_(id), stream_(options()), token_(std::move(token)) {}

void ClearStream::write(ByteView bytes) {
  if (role_ == Role::Client && !flowing_) first_.insert(first_.end(), bytes.begin(), bytes.end());
  stream_.write(bytes);
}

void ClearStream::datagramCame(Micros now, const Datagram& datagram, StreamSink& sink) {
  const DatagramType type = datagram.header.type;
  if (type == DatagramType::Retry && role_ == Role::Client) return retry(datagram);
  ByteView payload = datagram.rest;
  if (type == DatagramType::Initial && role_ == Role::Server) {
    const auto body = parseInitial(datagram.rest);
    if (!body) return;
    payload = body->payload;
  } else if (type != DatagramType::Handshake) {
    return;
  }
  if (beyond(payload, role_ == Role::Server ? kMostOfClient : kMostOfServer)) return;
  const std::uint64_t number = expandNumber(datagram.header.number, largest_);
  if (!stream_.packetCame(now, number, payload, sink)) return;
  largest_ = std::max(largest_, number);
  answered_ = flowing_ = true;
  first_ = {};
}

/// Only the first RETRY counts, and only while the server has sent nothing else: whoever guesses the id cannot make a
/// client begin again and again.
void ClearStream::retry(const Datagram& datagram) {
  const auto token = parseRetry(datagram.rest);
  const std::uint64_t answers = expandNumber(datagram.header.number, sent_);
  if (!token || flowing_ || retried_ || answers == 0 || answers > sent_) return;
  answered_ = retried_ = true;
  token_.assign(token->begin(), token->end());
  stream_ = Stream(options());
  stream_.write(first_);
}

bool ClearStream::fill(Micros now, Bytes& datagram) {
  Bytes payload;
  if (!stream_.fill(now, payload)) return false;
  const std::size_t before = datagram.size();
  ++sent_;
  const auto number = static_cast<std::uint32_t>(sent_);
  if (role_ == Role::Client && !flowing_) {
    if (!appendInitial(id_, number, {token_, payload}, datagram)) return false;
  } else {
    appendDatagramHeader({id_, DatagramType::Handshake, false, number}, datagram);
    datagram.insert(datagram.end(), payload.begin(), payload.end());
  }
  stream_.sent(now, sent_, datagram.size() - before);
  return true;
}

}  // namespace rtm::net
