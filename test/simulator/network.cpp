#include "simulator/network.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <deque>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "net/loop/io_loop.hpp"
#include "net/resolve/socket_address.hpp"

namespace rtm::simulator {
namespace {

using net::ByteTransport;
using net::IoLoop;
using net::SocketAddress;
using simulated::Loops;
using simulated::require;

/// Bytes that one direction holds before its writer must wait.
constexpr std::size_t kWindowBytes = std::size_t{128} * 1024;
/// How much later than usual bytes arrive that had to be repeated.
constexpr std::uint64_t kMostRepeatMs = 800;
/// When a connection is tried again that nobody answered.
constexpr std::uint64_t kRepeatOpenMs = 1000;

class End;
class Listening;

/// What travels in one direction.
struct Packet {
  enum class Kind { Data, Taken, Open, Refused, Finish, Reset };
  Kind kind{};
  Bytes bytes = {};
  std::size_t taken = 0;
};

/// One end as its system sees it: the program may not have come to it yet, or may be gone.
struct Side {
  Host* host = nullptr;  ///< null: the connection has not reached its server yet
  IoLoop* loop = nullptr;
  End* end = nullptr;   ///< null: the program is gone
  bool closed = false;  ///< by the program: what arrives finds nobody
  bool dead = false;    ///< the process has ended: its objects, which last a moment longer, write into nothing
  std::deque<Bytes> unread;
  bool finished = false;        ///< no more bytes come
  bool broken = false;          ///< a reset came
  std::deque<Packet> out;       ///< on the way to the other side
  std::uint64_t arrivesMs = 0;  ///< the last of `out`
  bool mayRead = false;         ///< the program is told already
};

struct Connection {
  std::array<Side, 2> sides;  ///< of the client, of the server
  bool forgotten = false;
  bool silent() const {
    return std::ranges::any_of(sides, [](const Side& side) { return side.host != nullptr && side.host->silent; });
  }
};

using Shared = std::shared_ptr<Connection>;

}  // namespace

struct Network::Hub {
  std::map<std::uint16_t, std::vector<Listening*>> listening;
  std::vector<std::weak_ptr<Connection>> connections;
  std::uint64_t least = 1;
  std::uint64_t most = 5;

  std::uint64_t latency() const { return least + simulated::nextRandom() % (most - least + 1); }
  void send(const Shared& connection, std::size_t from, Packet packet);
  void arriveLater(const Shared& connection, std::size_t from, std::uint64_t ms);
  void reachServer(const Shared& connection, std::uint16_t port);
  void arrive(const Shared& connection, std::size_t from);
  void take(const Shared& connection, std::size_t at, Packet& packet);
  void wake(const Shared& connection, std::size_t at);
  void breakUp(const Shared& connection, std::size_t at);

  /// On the loop of the program there.
  template <typename Work>
  static void tell(const Shared& connection, std::size_t at, Work work) {
    connection->sides[at].loop->post([connection, at, work] {
      if (End* end = connection->sides[at].end) work(*end);
    });
  }
  template <typename Work>
  void each(const Host& host, Work work) {
    std::erase_if(connections, [](const std::weak_ptr<Connection>& each) { return each.expired(); });
    const std::vector<std::weak_ptr<Connection>> all = connections;
    for (const std::weak_ptr<Connection>& weak : all) {
      const Shared connection = weak.lock();
      if (connection == nullptr || connection->forgotten) continue;
      for (std::size_t at = 0; at < 2; ++at) {
        if (connection->sides[at].host == &host) work(connection, at);
      }
    }
  }
};

namespace {

using HubPointer = std::shared_ptr<Network::Hub>;

/// A program's end of a connection.
class End final : public ByteTransport {
 public:
  End(HubPointer hub, Shared connection, std::size_t at, SocketAddress remote)
      : hub_(std::move(hub)), connection_(std::move(connection)), at_(at), remote_(remote) {
    side().end = this;
  }
  ~End() override { side().end = nullptr; }

  void open(Sink& sink) override;
  void setReading(Reading reading) override {
    reading_ = reading;
    if (reading != Reading::Off) hub_->wake(connection_, at_);
  }
  std::size_t write(Bytes& bytes, std::size_t from) override;
  std::size_t unsentBytes() const override { return unsent_.size() - sent_; }
  bool finish() override {
    if (busy_) return false;
    send({.kind = Packet::Kind::Finish});
    return true;
  }
  void close() override;
  bool connected() const override { return open_; }
  const char* missing() const override { return "no connection"; }
  std::string remoteAddress() const override { return remote_.toString(); }
  net::AddressPrefix remotePrefix() const override { return net::AddressPrefix::of(remote_); }

  // What arrives, on the loop.

  void becomeOpen() {
    if (closed_ || std::exchange(open_, true)) return;
    sink_->onOpen();
  }
  void refused() {
    if (!closed_) sink_->onOpenFailed({net::ConnectError::Unreachable, "connection refused", false});
  }
  void read();
  void taken(std::size_t size) {
    window_ += size;
    if (!busy_ || closed_ || side().broken) return;
    sendMore();
    busy_ = sent_ < unsent_.size();
    if (!busy_) sink_->onWritable();
  }

 private:
  Side& side() { return connection_->sides[at_]; }
  void sendMore();
  void send(Packet packet) {
    if (!side().dead) hub_->send(connection_, at_, std::move(packet));
  }

  HubPointer hub_;
  Shared connection_;
  std::size_t at_;
  SocketAddress remote_;
  Sink* sink_ = nullptr;
  Reading reading_ = Reading::Off;
  Bytes unsent_;
  std::size_t sent_ = 0;
  std::size_t window_ = kWindowBytes;
  bool open_ = false;
  bool endTold_ = false;
  bool closed_ = false;
};

class Listening final : public net::Acceptor {
 public:
  Listening(IoLoop& loop, HubPointer hub, std::uint16_t port, OnAccepted onAccepted)
      : loop_(loop),
        hub_(std::move(hub)),
        port_(port),
        onAccepted_(std::make_shared<OnAccepted>(std::move(onAccepted))) {
    hub_->listening[port_].push_back(this);
  }
  ~Listening() override {
    *onAccepted_ = nullptr;
    std::erase(hub_->listening[port_], this);
  }
  Listening(const Listening&) = delete;
  Listening& operator=(const Listening&) = delete;

  std::uint16_t port() const override { return port_; }
  const IoLoop& loop() const { return loop_; }

  /// The system of the server has taken a connection; the program hears of it on its loop.
  void accept(const Shared& connection) {
    Side& side = connection->sides[1];
    side.loop = &loop_;
    const std::string address = "10.0.0." + std::to_string(connection->sides[0].host->number);
    auto end = std::make_unique<End>(hub_, connection, 1, *SocketAddress::parse(address, 1));
    loop_.post([taken = std::move(end), to = onAccepted_]() mutable {
      if (*to) (*to)(std::move(taken));
    });
  }

 private:
  IoLoop& loop_;
  HubPointer hub_;
  std::uint16_t port_;
  std::shared_ptr<OnAccepted> onAccepted_;
};

void End::open(Sink& sink) {
  sink_ = &sink;
  if (at_ == 1) return becomeOpen();
  send({.kind = Packet::Kind::Open, .taken = remote_.port()});
}

std::size_t End::write(Bytes& bytes, std::size_t from) {
  if (side().broken) {
    sink_->onWriteFailed("broken pipe");
    return 0;
  }
  const std::size_t size = bytes.size() - from;
  unsent_.assign(bytes.begin() + static_cast<std::ptrdiff_t>(from), bytes.end());
  sent_ = 0;
  bytes.clear();
  ++side().loop->counters().writes;
  sendMore();
  busy_ = sent_ < unsent_.size();
  return size;
}

void End::sendMore() {
  const std::size_t size = std::min(window_, unsent_.size() - sent_);
  const auto begin = unsent_.begin() + static_cast<std::ptrdiff_t>(sent_);
  if (size > 0) {
    send({.kind = Packet::Kind::Data, .bytes = Bytes(begin, begin + static_cast<std::ptrdiff_t>(size))});
  }
  window_ -= size;
  sent_ += size;
}

void End::close() {
  if (std::exchange(closed_, true)) return;
  side().closed = true;
  send({.kind = side().unread.empty() ? Packet::Kind::Finish : Packet::Kind::Reset});
  Loops::later(*side().loop, [this] { sink_->onClosed(); });
}

void End::read() {
  Side& own = side();
  own.mayRead = false;
  if (own.broken && !closed_ && !std::exchange(endTold_, true)) {
    own.unread.clear();
    if (!open_) return sink_->onOpenFailed({net::ConnectError::Unreachable, "connection reset by peer", false});
    return sink_->onEnd(net::LinkEndCause::NetworkError, "connection reset by peer");
  }
  while (!closed_ && !own.broken && reading_ != Reading::Off && !own.unread.empty()) {
    const Bytes bytes = std::move(own.unread.front());
    own.unread.pop_front();
    send({.kind = Packet::Kind::Taken, .taken = bytes.size()});
    ++own.loop->counters().reads;
    if (reading_ == Reading::On) sink_->onBytes(bytes, true);
  }
  if (closed_ || reading_ == Reading::Off || !own.unread.empty()) return;
  if (own.finished && !std::exchange(endTold_, true)) {
    sink_->onEnd(net::LinkEndCause::PeerClosed, "the other side closed the connection");
  }
}

class SimulatedFactory final : public net::TransportFactory {
 public:
  explicit SimulatedFactory(HubPointer hub) : hub_(std::move(hub)) {}

  std::string scheme() const override { return "memory"; }
  bool secure() const override { return false; }
  Result<std::unique_ptr<ByteTransport>> dial(IoLoop& loop, const net::DialTarget& target) const override {
    auto connection = std::make_shared<Connection>();
    Side& side = connection->sides[0];
    // Every loop here is of a host.
    side.host = static_cast<Host*>(Loops::machineOf(loop));
    side.loop = &loop;
    hub_->connections.push_back(connection);
    return std::unique_ptr<ByteTransport>(std::make_unique<End>(hub_, std::move(connection), 0, target.address));
  }
  Result<std::unique_ptr<net::Acceptor>> listen(IoLoop& loop, const net::ListenOptions& options,
                                                net::Acceptor::OnAccepted onAccepted,
                                                net::Acceptor::OnExhausted /*onExhausted*/) const override {
    return std::unique_ptr<net::Acceptor>(std::make_unique<Listening>(loop, hub_, options.port, std::move(onAccepted)));
  }

 private:
  HubPointer hub_;
};

}  // namespace

void Network::Hub::send(const Shared& connection, std::size_t from, Packet packet) {
  if (connection->forgotten) return;
  Side& side = connection->sides[from];
  side.out.push_back(std::move(packet));
  arriveLater(connection, from, Loops::now() + latency());
}

void Network::Hub::arriveLater(const Shared& connection, std::size_t from, std::uint64_t ms) {
  Side& side = connection->sides[from];
  side.arrivesMs = std::max(side.arrivesMs, ms);
  Loops::at(side.arrivesMs, [this, weak = std::weak_ptr(connection), from] {
    if (const Shared shared = weak.lock()) arrive(shared, from);
  });
}

/// One packet of the direction arrives, the oldest; while the connection is silent it waits.
void Network::Hub::arrive(const Shared& connection, std::size_t from) {
  Side& side = connection->sides[from];
  if (side.out.empty() || connection->forgotten || connection->silent()) return;
  Packet packet = std::move(side.out.front());
  side.out.pop_front();
  if (from == 0 && packet.kind == Packet::Kind::Open) {
    reachServer(connection, static_cast<std::uint16_t>(packet.taken));
  } else {
    take(connection, 1 - from, packet);
  }
}

void Network::Hub::reachServer(const Shared& connection, std::uint16_t port) {
  const auto found = listening.find(port);
  if (found == listening.end() || found->second.empty()) return send(connection, 1, {.kind = Packet::Kind::Refused});
  Listening& chosen = *found->second[simulated::nextRandom() % found->second.size()];
  Host* const host = static_cast<Host*>(Loops::machineOf(chosen.loop()));
  if (host->silent) {
    connection->sides[0].out.push_front({.kind = Packet::Kind::Open, .taken = port});
    return arriveLater(connection, 0, Loops::now() + kRepeatOpenMs);
  }
  connection->sides[1].host = host;
  chosen.accept(connection);
  send(connection, 1, {.kind = Packet::Kind::Open});
}

void Network::Hub::take(const Shared& connection, std::size_t at, Packet& packet) {
  Side& side = connection->sides[at];
  if (side.closed || side.end == nullptr) {
    // Nobody is there to read it: its system says so.
    if (packet.kind == Packet::Kind::Data) send(connection, at, {.kind = Packet::Kind::Reset});
    return;
  }
  switch (packet.kind) {
    case Packet::Kind::Data:
      if (!side.finished) side.unread.push_back(std::move(packet.bytes));
      return wake(connection, at);
    case Packet::Kind::Finish:
      side.finished = true;
      return wake(connection, at);
    case Packet::Kind::Reset:
      return breakUp(connection, at);
    case Packet::Kind::Taken:
      return tell(connection, at, [size = packet.taken](End& end) { end.taken(size); });
    case Packet::Kind::Refused:
      return tell(connection, at, [](End& end) { end.refused(); });
    case Packet::Kind::Open:
      return tell(connection, at, [](End& end) { end.becomeOpen(); });
  }
}

/// The program of this side will find what has arrived.
void Network::Hub::wake(const Shared& connection, std::size_t at) {
  Side& side = connection->sides[at];
  if (side.end == nullptr || std::exchange(side.mayRead, true)) return;
  tell(connection, at, [](End& end) { end.read(); });
}

void Network::Hub::breakUp(const Shared& connection, std::size_t at) {
  Side& side = connection->sides[at];
  if (std::exchange(side.broken, true)) return;
  side.unread.clear();
  wake(connection, at);
}

Network::Network()
    : hub_(std::make_shared<Hub>()),
      added_(std::unique_ptr<const net::TransportFactory>(std::make_unique<SimulatedFactory>(hub_))) {}

Network::~Network() = default;

void Network::setLatency(std::uint64_t least, std::uint64_t most) {
  hub_->least = least;
  hub_->most = most;
}

void Network::setSilent(Host& host, bool silent) {
  host.silent = silent;
  if (silent) return;
  hub_->each(host, [this](const Shared& connection, std::size_t) {
    if (connection->silent()) return;
    for (std::size_t from = 0; from < 2; ++from) {
      Side& side = connection->sides[from];
      const std::uint64_t ms = Loops::now() + hub_->latency() + simulated::nextRandom() % kMostRepeatMs;
      for (std::size_t i = 0; i < side.out.size(); ++i) hub_->arriveLater(connection, from, ms);
    }
  });
}

void Network::reset(const Host& host) {
  hub_->each(host, [this](const Shared& connection, std::size_t at) {
    for (Side& side : connection->sides) side.out.clear();
    hub_->breakUp(connection, at);
    hub_->breakUp(connection, 1 - at);
  });
}

void Network::forget(const Host& host) {
  hub_->each(host, [](const Shared& connection, std::size_t) {
    connection->forgotten = true;
    for (Side& side : connection->sides) side.out.clear();
  });
}

void Network::halfClose(const Host& host, bool fromHost) {
  hub_->each(host, [this, fromHost](const Shared& connection, std::size_t at) {
    hub_->send(connection, fromHost ? at : 1 - at, {.kind = Packet::Kind::Finish});
  });
}

void Network::kill(const Host& host, Death death) {
  hub_->each(host, [this, death](const Shared& connection, std::size_t at) {
    Side& side = connection->sides[at];
    if (std::exchange(side.dead, true)) return;
    if (death == Death::Host) {
      connection->forgotten = true;
      side.out.clear();
    } else if (!std::exchange(side.closed, true)) {
      hub_->send(connection, at, {.kind = side.unread.empty() ? Packet::Kind::Finish : Packet::Kind::Reset});
    }
  });
}

}  // namespace rtm::simulator
