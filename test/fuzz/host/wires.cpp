#include "host/wires.hpp"

#include <cerrno>
#include <utility>

#include "net/loop/io_loop.hpp"
#include "net/resolve/socket_address.hpp"
#include "simulated/loops.hpp"

namespace rtm::fuzz {
namespace {

using net::ByteTransport;
using net::IoLoop;
using net::SocketAddress;
using simulated::Loops;
using simulated::require;

class End;
class FuzzAcceptor;

}  // namespace

struct Wires::Hub {
  std::vector<FuzzAcceptor*> listening;
  std::deque<std::shared_ptr<Wire>> dialled;
  bool refuses = false;
};

namespace {

using HubPointer = std::shared_ptr<Wires::Hub>;

/// What both ends of a connection know.
class Middle final : public Wire, public std::enable_shared_from_this<Middle> {
 public:
  void send(Bytes bytes) override;
  void finish() override;
  void cut() override;
  void stall(bool stalled) override;
  Bytes take() override { return std::exchange(written, {}); }
  bool ended() const override { return end == nullptr || saidEnd; }

  template <typename Work>
  void post(Work work);

  IoLoop* loop = nullptr;
  End* end = nullptr;  ///< the product's; null once it has closed
  Bytes written;
  bool stalled = false;
  bool saidEnd = false;
};

/// The product's end.
class End final : public ByteTransport {
 public:
  End(IoLoop& loop, HubPointer hub, SocketAddress remote, bool dials)
      : loop_(loop), hub_(std::move(hub)), remote_(remote), middle_(std::make_shared<Middle>()), dials_(dials) {
    middle_->loop = &loop;
    middle_->end = this;
  }
  ~End() override { middle_->end = nullptr; }

  const std::shared_ptr<Middle>& middle() const { return middle_; }

  void open(Sink& sink) override {
    sink_ = &sink;
    if (!dials_) return becomeOpen();
    middle_->post([](End& self) { self.arrive(); });
  }
  void setReading(Reading reading) override {
    reading_ = reading;
    if (reading != Reading::Off) middle_->post([](End& self) { self.consume(); });
  }
  std::size_t write(Bytes& bytes, std::size_t from) override {
    if (broken_) {
      sink_->onWriteFailed("broken pipe");
      return 0;
    }
    const std::size_t size = bytes.size() - from;
    unsent_.assign(bytes.begin() + static_cast<std::ptrdiff_t>(from), bytes.end());
    bytes.clear();
    ++loop_.counters().writes;
    busy_ = middle_->stalled;
    if (!busy_) pass();
    return size;
  }
  std::size_t unsentBytes() const override { return unsent_.size(); }
  bool finish() override {
    if (busy_) return false;
    middle_->saidEnd = true;
    return true;
  }
  void close() override {
    if (std::exchange(closed_, true)) return;
    middle_->end = nullptr;
    Loops::later(loop_, [this] { sink_->onClosed(); });
  }
  bool connected() const override { return open_; }
  const char* missing() const override { return "no connection"; }
  std::string remoteAddress() const override { return remote_.toString(); }
  net::AddressPrefix remotePrefix() const override { return net::AddressPrefix::of(remote_); }

  // What the far end does, on the loop.

  void receive(Bytes bytes) {
    waiting_.push_back(std::move(bytes));
    consume();
  }
  void peerFinished() {
    finished_ = true;
    consume();
  }
  void reset() {
    broken_ = true;
    waiting_.clear();
    if (open_) sink_->onEnd(net::LinkEndCause::NetworkError, "connection reset by peer");
  }
  void goOn() {
    if (!busy_ || broken_ || middle_->stalled) return;
    busy_ = false;
    pass();
    sink_->onWritable();
  }

 private:
  void becomeOpen() {
    open_ = true;
    sink_->onOpen();
  }
  /// A dialled end reaches its server, or none.
  void arrive() {
    if (hub_->refuses) return sink_->onOpenFailed({net::ConnectError::Unreachable, "connection refused", false});
    hub_->dialled.push_back(middle_);
    becomeOpen();
  }
  void pass() {
    middle_->written.insert(middle_->written.end(), unsent_.begin(), unsent_.end());
    unsent_.clear();
  }
  void consume() {
    while (!closed_ && reading_ != Reading::Off && !waiting_.empty()) {
      const Bytes bytes = std::move(waiting_.front());
      waiting_.pop_front();
      ++loop_.counters().reads;
      if (reading_ == Reading::On) sink_->onBytes(bytes, true);
    }
    if (closed_ || reading_ == Reading::Off || !finished_ || endTold_) return;
    endTold_ = true;
    sink_->onEnd(net::LinkEndCause::PeerClosed, "the other side closed the connection");
  }

  IoLoop& loop_;
  HubPointer hub_;
  SocketAddress remote_;
  std::shared_ptr<Middle> middle_;
  bool dials_;
  Sink* sink_ = nullptr;
  Reading reading_ = Reading::Off;
  std::deque<Bytes> waiting_;
  Bytes unsent_;
  bool open_ = false;
  bool finished_ = false;
  bool endTold_ = false;
  bool broken_ = false;
  bool closed_ = false;
};

template <typename Work>
void Middle::post(Work work) {
  if (end == nullptr) return;
  loop->post([self = shared_from_this(), todo = std::move(work)]() mutable {
    if (self->end != nullptr) todo(*self->end);
  });
}

void Middle::send(Bytes bytes) {
  post([data = std::move(bytes)](End& self) mutable { self.receive(std::move(data)); });
}

void Middle::finish() {
  post([](End& self) { self.peerFinished(); });
}

void Middle::cut() {
  post([](End& self) { self.reset(); });
}

void Middle::stall(bool nowStalled) {
  stalled = nowStalled;
  if (!stalled) post([](End& self) { self.goOn(); });
}

class FuzzAcceptor final : public net::Acceptor {
 public:
  FuzzAcceptor(IoLoop& loop, HubPointer hub, OnAccepted onAccepted)
      : loop_(loop), hub_(std::move(hub)), onAccepted_(std::move(onAccepted)) {
    hub_->listening.push_back(this);
  }
  ~FuzzAcceptor() override { std::erase(hub_->listening, this); }
  FuzzAcceptor(const FuzzAcceptor&) = delete;
  FuzzAcceptor& operator=(const FuzzAcceptor&) = delete;

  std::uint16_t port() const override { return 1; }

  std::shared_ptr<Wire> knock(const SocketAddress& from) {
    auto end = std::make_unique<End>(loop_, hub_, from, false);
    const std::shared_ptr<Middle> middle = end->middle();
    loop_.post([this, arriving = std::move(end)]() mutable { onAccepted_(std::move(arriving)); });
    return middle;
  }

 private:
  IoLoop& loop_;
  HubPointer hub_;
  OnAccepted onAccepted_;
};

class FuzzFactory final : public net::TransportFactory {
 public:
  explicit FuzzFactory(HubPointer hub) : hub_(std::move(hub)) {}

  std::string scheme() const override { return "memory"; }
  bool secure() const override { return false; }
  Result<std::unique_ptr<ByteTransport>> dial(IoLoop& loop, const net::DialTarget& target) const override {
    return std::unique_ptr<ByteTransport>(std::make_unique<End>(loop, hub_, target.address, true));
  }
  Result<std::unique_ptr<net::Acceptor>> listen(IoLoop& loop, const net::ListenOptions& /*options*/,
                                                net::Acceptor::OnAccepted onAccepted,
                                                net::Acceptor::OnExhausted /*onExhausted*/) const override {
    return std::unique_ptr<net::Acceptor>(std::make_unique<FuzzAcceptor>(loop, hub_, std::move(onAccepted)));
  }

 private:
  HubPointer hub_;
};

}  // namespace

Wires::Wires()
    : hub_(std::make_shared<Hub>()),
      added_(std::unique_ptr<const net::TransportFactory>(std::make_unique<FuzzFactory>(hub_))) {}

Wires::~Wires() = default;

std::shared_ptr<Wire> Wires::connect(std::size_t listener, const std::string& address) {
  require(!hub_->listening.empty(), "the server listens");
  return hub_->listening[listener % hub_->listening.size()]->knock(*SocketAddress::parse(address, 1));
}

std::shared_ptr<Wire> Wires::accept() {
  if (hub_->dialled.empty()) return nullptr;
  std::shared_ptr<Wire> wire = std::move(hub_->dialled.front());
  hub_->dialled.pop_front();
  return wire;
}

void Wires::refuse(bool refuses) {
  hub_->refuses = refuses;
}

}  // namespace rtm::fuzz
