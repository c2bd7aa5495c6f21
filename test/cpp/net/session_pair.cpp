#include "session_pair.hpp"

#include <algorithm>
#include <utility>

#include "net/admission/address_prefix.hpp"
#include "net/resolve/endpoint.hpp"
#include "net/support.hpp"
#include "net/transport/tls/tls_layer.hpp"

namespace rtm::net::test {
namespace {

/// IPv4 and UDP.
constexpr std::size_t kHeaders = 28;

}  // namespace

void SessionEnd::begin(std::unique_ptr<DatagramSession> made) {
  session = std::move(made);
  work();
}

void SessionEnd::arrive(const SocketAddress& from, ByteView bytes) {
  ++counts.received;
  const auto datagram = parseDatagram(bytes);
  if (!datagram) {
    ++counts.malformed;
    return;
  }
  if (session == nullptr) return;
  session->datagramCame(time_.now(), from, *datagram, bytes, counts);
  work();
}

void SessionEnd::write(ByteView bytes) {
  session->stream().write(bytes);
  work();
}

void SessionEnd::work() {
  while (mayStep && !failure && session->wantsStep()) session->step(time_.now());
  ++pumps;
  session->pump(time_.now(), *this);
  const auto due = session->dueAt(time_.now());
  if (!due) return;
  // Timers of a loop count milliseconds.
  const Micros at = (std::max(*due, time_.now() + 1) + kMillisecond - 1) / kMillisecond * kMillisecond;
  if (wakeAt_ > time_.now() && wakeAt_ <= at) return;
  wakeAt_ = at;
  time_.at(at, [this, at] {
    if (wakeAt_ != at) return;  // an earlier moment took its place
    wakeAt_ = 0;
    work();
  });
}

void SessionEnd::onSessionOpen() {
  opened = true;
  onOpen();
}

void SessionEnd::onSessionFailed(OpenFailure why) {
  failure = std::move(why);
  session->pump(time_.now(), *this);
}

void SessionEnd::onSessionEnd(LinkEndCause cause, std::string detail) {
  endCause = cause;
  endDetail = std::move(detail);
}

void SessionEnd::onStreamBytes(ByteView bytes) {
  received += asText(bytes);
  onBytes(bytes);
}

void SessionEnd::send(const SocketAddress& to, ByteView datagram) {
  ++counts.sent;
  sentBytes += datagram.size();
  send_(to, datagram);
}

SessionPair::SessionPair(const Options& options, std::uint64_t seed)
    : there(time, options.path, 2 * seed),
      back(time, options.path, 2 * seed + 1),
      client(time, [this](const SocketAddress&, ByteView datagram) { fromClient(datagram); }),
      serverTls_(options.server) {
  Bytes token = options.token;
  if (options.withToken) {
    const auto made =
        tokens.make(AddressTokens::Purpose::Returning, AddressPrefix::of(clientAddress), time.now() / kMillisecond);
    token.assign(made->begin(), made->end());
  }
  // Later: whoever made the pair sets its taps first.
  time.at(time.now(), [this, tls = options.client, pin = options.pin, token = std::move(token)] {
    client.begin(DatagramSession::client(
        id, serverAddress, TlsLayer::client(tls, endpointTo("127.0.0.1", 9136, true, pin)), token, client.sink()));
  });
}

void SessionPair::fromClient(ByteView datagram) {
  Bytes bytes(datagram.begin(), datagram.end());
  if (!tapThere(bytes)) return;
  there.send(bytes.size() + kHeaders, [this, from = clientAddress, bytes] { toServer(from, bytes); });
}

void SessionPair::fromServer(const SocketAddress& to, ByteView datagram) {
  if (!(to == clientAddress)) return onStray(to, datagram);
  Bytes bytes(datagram.begin(), datagram.end());
  if (!tapBack(bytes)) return;
  back.send(bytes.size() + kHeaders, [this, to, bytes] {
    if (to == clientAddress) client.arrive(serverAddress, bytes);
  });
}

void SessionPair::toServer(const SocketAddress& from, ByteView bytes) {
  const auto datagram = parseDatagram(bytes);
  if (server != nullptr && (!datagram || datagram->header.id == id)) return server->arrive(from, bytes);
  if (!datagram || datagram->header.type != DatagramType::Initial) return;
  const auto body = parseInitial(datagram->rest);
  if (!body) return;
  const AddressPrefix prefix = AddressPrefix::of(from);
  const std::uint64_t nowMs = time.now() / kMillisecond;
  if (tokens.check(body->token, prefix, nowMs) != AddressTokens::Verdict::Good) {
    Bytes answer;
    const auto token = tokens.make(AddressTokens::Purpose::Retry, prefix, nowMs);
    if (!appendRetry(datagram->header.id, datagram->header.number, *token, answer)) return;
    ++retries;
    retryBytes += answer.size();
    return fromServer(from, answer);
  }
  if (server != nullptr) return;  // one link only
  server = std::make_unique<SessionEnd>(time, [this](const SocketAddress& to, ByteView out) { fromServer(to, out); });
  onAccepted(*server);
  server->begin(DatagramSession::server(
      datagram->header.id, from, [tls = serverTls_] { return TlsLayer::server(*tls); }, server->sink()));
  server->arrive(from, bytes);
}

bool SessionPair::await(const std::function<bool()>& done, Micros within) {
  const Micros end = time.now() + within;
  while (!done() && time.now() < end) time.runUntil(time.now() + kMillisecond);
  return done();
}

}  // namespace rtm::net::test
