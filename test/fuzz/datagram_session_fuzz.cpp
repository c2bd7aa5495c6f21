// A whole link over datagrams: handshake and stream of both sides, in virtual time, on a way that the input governs.
// Each two bytes are a step: bytes are written, time passes, or a datagram on its way is delivered, doubled, dropped,
// changed, cut, sent from elsewhere, or invented. Bytes arrive once and in order, or not at all, whatever the way does.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "base/bytes.hpp"
#include "net/datagram/datagram_session.hpp"
#include "net/resolve/endpoint.hpp"
#include "net/transport/tls/tls_context.hpp"
#include "net/transport/tls/tls_layer.hpp"

namespace {

using rtm::Bytes;
using rtm::ByteView;
using rtm::net::ClearStream;
using rtm::net::ConnectionId;
using rtm::net::DatagramCounts;
using rtm::net::DatagramSession;
using rtm::net::DatagramType;
using rtm::net::kMillisecond;
using rtm::net::LinkEndCause;
using rtm::net::Micros;
using rtm::net::OpenFailure;
using rtm::net::SocketAddress;
using rtm::net::TlsClientContext;
using rtm::net::TlsLayer;
using rtm::net::TlsServerContext;

constexpr ConnectionId kId{{'f', 'u', 'z', 'z', 'e', 'd', ' ', ' '}};
constexpr std::size_t kMostSteps = 400;
constexpr std::size_t kMostOnWay = 200;
constexpr Micros kHandshakeTime = 6 * rtm::net::kSecond;
constexpr std::size_t kMostWritten = 60'000;
/// Datagrams that one pump may send: a window, and its copies.
constexpr int kMostOfAPump = 400;

void require(bool condition) {
  if (!condition) std::abort();
}

std::uint8_t byteAt(std::size_t position) {
  return static_cast<std::uint8_t>(position * 31 + position / 256);
}

struct Tls {
  std::shared_ptr<TlsServerContext> server;
  std::string pin;
};

const Tls& tls() {
  static const Tls kMade = [] {
    const auto certificate = rtm::net::makeSelfSignedCertificate({"127.0.0.1"}, 30).value();
    Tls made{TlsServerContext::create(certificate.certificatePem, certificate.keyPem).value(), {}};
    made.pin = made.server->fingerprint();
    return made;
  }();
  return kMade;
}

class End final : private DatagramSession::Sink, private DatagramSession::Output {
 public:
  DatagramSession::Sink& sink() { return *this; }
  std::unique_ptr<DatagramSession> session;
  std::deque<Bytes> out;  ///< on the way to the other side
  std::size_t written = 0;
  std::size_t received = 0;
  bool over = false;

  void write(std::size_t count) {
    if (!session->open() || written + count > kMostWritten) return;
    Bytes bytes(count);
    for (std::uint8_t& byte : bytes) byte = byteAt(written++);
    session->stream().write(bytes);
  }
  void arrive(Micros now, const SocketAddress& from, ByteView bytes) {
    const auto datagram = rtm::net::parseDatagram(bytes);
    if (!datagram || !(datagram->header.id == kId) || over) return;
    session->datagramCame(now, from, *datagram, bytes, counts_);
    work(now);
  }
  void work(Micros now) {
    if (over) return;
    for (int steps = 0; !over && session->wantsStep(); ++steps) {
      require(steps < 4);
      session->step(now);
    }
    sends_ = 0;
    session->pump(now, *this);
  }
  void close() {
    session->close(*this);
    over = true;
  }

 private:
  void onSessionOpen() override {}
  void onSessionFailed(OpenFailure failure) override {
    require(!failure.detail.empty());
    over = true;
  }
  void onSessionEnd(LinkEndCause, std::string) override { over = true; }
  void onStreamBytes(ByteView bytes) override {
    for (const std::uint8_t byte : bytes) require(byte == byteAt(received++));
  }
  void onStreamEnd() override { require(false); }
  void send(const SocketAddress&, ByteView datagram) override {
    require(++sends_ <= kMostOfAPump && datagram.size() <= rtm::net::kMaxDatagramBytes);
    if (out.size() < kMostOnWay) out.emplace_back(datagram.begin(), datagram.end());
  }

  DatagramCounts counts_;
  int sends_ = 0;
};

/// Both ends, and what is on the way between them.
class Pair {
 public:
  Pair() {
    rtm::net::Endpoint endpoint;
    endpoint.host = "127.0.0.1";
    endpoint.port = 9136;
    endpoint.pin = tls().pin;
    // A context of its own, or inputs would share tickets.
    rtm::net::TlsClientOptions options;
    options.systemCas = false;
    auto context = TlsClientContext::create(options).value();
    client_.session = DatagramSession::client(kId, home_, TlsLayer::client(context, endpoint), {}, client_.sink());
    server_.session = DatagramSession::server(
        kId, home_, [] { return TlsLayer::server(*tls().server); }, server_.sink());
    client_.work(now_);
  }

  void step(std::uint8_t what, std::uint8_t how) {
    End& to = (what & 1) == 0 ? server_ : client_;
    End& from = (what & 1) == 0 ? client_ : server_;
    switch (what / 2 % 9) {
      case 0:
        from.write(std::size_t{how} * 16);
        return from.work(now_);
      case 1:
        return pass(Micros{how} * 4 * kMillisecond);
      case 2:
        return deliver(from, to, how);
      case 3:
        return pick(from, how, [&](std::deque<Bytes>::iterator datagram) { from.out.erase(datagram); });
      case 4:
        return pick(from, how, [&](std::deque<Bytes>::iterator datagram) { to.arrive(now_, home_, Bytes(*datagram)); });
      case 5:
        return pick(from, how, [&](std::deque<Bytes>::iterator datagram) {
          Bytes changed = *datagram;
          changed[how * 7u % changed.size()] ^= static_cast<std::uint8_t>(1 << how % 8);
          changedClear_ = changedClear_ || !sealed(changed) || !sealed(*datagram);
          to.arrive(now_, home_, changed);
        });
      case 6:
        return pick(from, how, [&](std::deque<Bytes>::iterator datagram) {
          const Bytes cut(datagram->begin(),
                          datagram->begin() + static_cast<std::ptrdiff_t>(how * 5u % datagram->size()));
          changedClear_ = changedClear_ || !sealed(*datagram);
          to.arrive(now_, home_, cut);
        });
      case 7:
        return pick(from, how, [&](std::deque<Bytes>::iterator datagram) {
          const Bytes moved = std::move(*datagram);
          from.out.erase(datagram);
          to.arrive(now_, how % 2 == 0 ? port_ : host_, moved);
        });
      default:
        return invent(to, how);
    }
  }

  /// The way is good again: all that was written arrives, unless somebody has changed the clear part of the handshake,
  /// or it took too long.
  void settle() {
    // What is left of a handshake is given up after ten seconds, and a listener waits for six.
    const bool open = client_.session->open() && server_.session->open();
    const bool promised = !changedClear_ && (open || now_ < rtm::net::kSecond + kHandshakeTime);
    const Micros end = now_ + 30 * rtm::net::kSecond;
    while (now_ < end && !done()) {
      deliverAll();
      pass(10 * kMillisecond);
    }
    require(!promised || done());
    if (!client_.over) client_.close();
    deliverAll();
    require(client_.received <= server_.written && server_.received <= client_.written);
  }

 private:
  static bool sealed(ByteView bytes) {
    const auto datagram = rtm::net::parseDatagram(bytes);
    return !datagram || datagram->header.type == DatagramType::Sealed;
  }
  bool done() const {
    return client_.session->open() && server_.session->open() && client_.received == server_.written &&
           server_.received == client_.written;
  }
  void pass(Micros time) {
    const Micros end = now_ + time;
    for (int wakes = 0;; ++wakes) {
      std::optional<Micros> due;
      for (const End* side : {&client_, &server_}) {
        const auto at = side->over ? std::nullopt : side->session->dueAt(now_);
        if (at) due = std::min(due.value_or(*at), *at);
      }
      if (!due || *due > end) break;
      require(wakes < 20'000);
      now_ = std::max(now_ + kMillisecond, *due);
      client_.work(now_);
      server_.work(now_);
    }
    now_ = std::max(now_, end);
    client_.work(now_);
    server_.work(now_);
  }
  template <typename Do>
  void pick(End& from, std::uint8_t how, Do&& what) {
    if (from.out.empty()) return;
    what(from.out.begin() + static_cast<std::ptrdiff_t>(how % from.out.size()));
  }
  void deliver(End& from, End& to, std::size_t at) {
    pick(from, static_cast<std::uint8_t>(at), [&](std::deque<Bytes>::iterator datagram) {
      const Bytes taken = std::move(*datagram);
      from.out.erase(datagram);
      to.arrive(now_, home_, taken);
    });
  }
  void deliverAll() {
    for (std::size_t count = client_.out.size(); count > 0; --count) deliver(client_, server_, 0);
    for (std::size_t count = server_.out.size(); count > 0; --count) deliver(server_, client_, 0);
  }
  /// What a stranger who knows the id can send.
  void invent(End& to, std::uint8_t how) {
    Bytes datagram;
    const std::uint32_t number = how < 128 ? how : 0xffff'ff00u + how;
    const auto type = static_cast<DatagramType>(1 + how % 4);
    changedClear_ = changedClear_ || type != DatagramType::Sealed;
    if (type == DatagramType::Initial) {
      const Bytes payload(how, how);
      require(rtm::net::appendInitial(kId, number, {{}, payload}, datagram));
    } else {
      rtm::net::appendDatagramHeader({kId, type, type == DatagramType::Sealed && how % 3 == 0, number}, datagram);
      datagram.resize(datagram.size() + how, how);
    }
    to.arrive(now_, host_, datagram);
  }

  const SocketAddress home_ = SocketAddress::parse("192.0.2.1", 1).value();
  const SocketAddress port_ = SocketAddress::parse("192.0.2.1", 2).value();
  const SocketAddress host_ = SocketAddress::parse("192.0.2.2", 1).value();
  Micros now_ = rtm::net::kSecond;
  End client_;
  End server_;
  bool changedClear_ = false;  ///< a handshake may fail, as one over TCP whose bytes are changed
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Pair pair;
  for (std::size_t at = 0; at + 2 <= std::min(size, 2 * kMostSteps); at += 2) pair.step(data[at], data[at + 1]);
  pair.settle();
  return 0;
}
