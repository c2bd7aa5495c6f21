#include "support/memory_network.hpp"

#include <uv.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <deque>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "net/loop/io_loop.hpp"
#include "net/resolve/socket_address.hpp"

namespace rtm::net::test {
namespace {

class MemoryTransport;
class MemoryAcceptor;

/// The address of one end for the other one. Outlives both: what is posted to an end that has closed is dropped.
class Mailbox {
 public:
  explicit Mailbox(IoLoop& loop, MemoryTransport* transport) : loop_(&loop), transport_(transport) {}

  /// Any thread. Runs `deliver` on the end's loop. If the end has closed by then, runs `otherwise`, here or there.
  template <typename Deliver, typename Otherwise>
  static void post(const std::shared_ptr<Mailbox>& to, Deliver deliver, Otherwise otherwise) {
    {
      const std::lock_guard lock(to->mutex_);
      if (to->loop_ != nullptr && to->loop_->post([to, deliver = std::move(deliver), otherwise]() mutable {
            to->transport_ != nullptr ? deliver(*to->transport_) : otherwise();
          })) {
        return;
      }
    }
    otherwise();
  }
  template <typename Deliver>
  static void post(const std::shared_ptr<Mailbox>& to, Deliver deliver) {
    post(to, std::move(deliver), [] {});
  }

  /// The end's loop thread.
  void close() {
    const std::lock_guard lock(mutex_);
    loop_ = nullptr;
    transport_ = nullptr;
  }

 private:
  std::mutex mutex_;
  IoLoop* loop_;                ///< null once closed
  MemoryTransport* transport_;  ///< the loop's thread alone reads it
};

using Address = std::shared_ptr<Mailbox>;

}  // namespace

struct MemoryNetwork::Hub {
  explicit Hub(std::size_t window) : windowBytes(window) {}

  const std::size_t windowBytes;
  std::mutex mutex;
  std::map<std::uint16_t, std::vector<MemoryAcceptor*>> listening;
  std::map<MemoryTransport*, Address> open;
  std::uint16_t lastPort = 0;
  std::size_t turn = 0;  ///< for several acceptors of one port
  std::atomic<std::size_t> opened{0};
  std::atomic<std::size_t> stalls{0};
};

namespace {

using HubPointer = std::shared_ptr<MemoryNetwork::Hub>;

class MemoryTransport final : public ByteTransport {
 public:
  /// A client's end: open() looks for the server.
  MemoryTransport(IoLoop& loop, HubPointer hub, const SocketAddress& remote)
      : loop_(loop), hub_(std::move(hub)), remote_(remote), own_(std::make_shared<Mailbox>(loop, this)) {}
  /// A server's end.
  MemoryTransport(IoLoop& loop, HubPointer hub, const SocketAddress& remote, Address peer)
      : MemoryTransport(loop, std::move(hub), remote) {
    peer_ = std::move(peer);
  }
  ~MemoryTransport() override { own_->close(); }

  void open(Sink& sink) override;
  void setReading(Reading reading) override {
    reading_ = reading;
    // Not inside: as with a socket, bytes come from the loop.
    if (reading != Reading::Off) Mailbox::post(own_, [](MemoryTransport& self) { self.consume(); });
  }
  std::size_t write(Bytes& bytes, std::size_t from) override;
  std::size_t unsentBytes() const override { return unsent_.size() - sent_; }
  bool finish() override;
  void close() override;
  bool connected() const override { return peer_ != nullptr; }
  const char* missing() const override { return "no connection"; }
  std::string remoteAddress() const override { return remote_.toString(); }

  // What the other end posts.

  void accepted(Address peer) {
    peer_ = std::move(peer);
    becomeOpen();
  }
  void refused() { sink_->onOpenFailed({ConnectError::Unreachable, "connection refused", false}); }
  void receive(Bytes bytes) {
    waiting_.push_back(std::move(bytes));
    consume();
  }
  void taken(std::size_t size);
  void peerFinished() {
    finished_ = true;
    consume();
  }
  void peerClosed() {
    broken_ = true;
    peerFinished();
  }
  void reset() {
    broken_ = true;
    waiting_.clear();
    sink_->onEnd(LinkEndCause::NetworkError, "connection reset by peer");
  }

 private:
  void becomeOpen();
  void consume();
  void sendMore();

  IoLoop& loop_;
  HubPointer hub_;
  SocketAddress remote_;
  Address own_;
  Address peer_;
  Sink* sink_ = nullptr;
  uv_check_t handle_{};  ///< never started: libuv calls back when it is closed, as for a socket
  Reading reading_ = Reading::Off;
  std::deque<Bytes> waiting_;  ///< received, not read
  Bytes unsent_;
  std::size_t sent_ = 0;    ///< of unsent_
  std::size_t window_ = 0;  ///< how many bytes the other end still takes
  bool finished_ = false;   ///< no more bytes come
  bool endTold_ = false;
  bool broken_ = false;  ///< nothing can be written
  bool closed_ = false;
};

class MemoryAcceptor final : public Acceptor {
 public:
  MemoryAcceptor(IoLoop& loop, HubPointer hub, OnAccepted onAccepted)
      : loop_(loop), hub_(std::move(hub)), state_(std::make_shared<State>(State{std::move(onAccepted)})) {}
  ~MemoryAcceptor() override {
    const std::lock_guard lock(hub_->mutex);
    std::erase(hub_->listening[port_], this);
    state_->closed = true;
  }

  Result<bool> listen(const ListenOptions& options) {
    const std::lock_guard lock(hub_->mutex);
    port_ = options.port != 0 ? options.port : ++hub_->lastPort;
    auto& all = hub_->listening[port_];
    if (!all.empty() && !options.reusePort) return Failure{EADDRINUSE, "memory port in use"};
    all.push_back(this);
    return true;
  }

  /// Any thread, with the hub's lock.
  void knock(Address client) {
    loop_.post([state = state_, &loop = loop_, hub = hub_, client = std::move(client)] {
      if (state->closed) {
        Mailbox::post(client, [](MemoryTransport& end) { end.refused(); });
        return;
      }
      const SocketAddress remote = *SocketAddress::parse("127.0.0.1", 1);
      state->onAccepted(std::make_unique<MemoryTransport>(loop, hub, remote, client));
    });
  }

  std::uint16_t port() const override { return port_; }

 private:
  struct State {
    OnAccepted onAccepted;
    bool closed = false;
  };

  IoLoop& loop_;
  HubPointer hub_;
  std::shared_ptr<State> state_;
  std::uint16_t port_ = 0;
};

void MemoryTransport::open(Sink& sink) {
  sink_ = &sink;
  uv_check_init(loop_.uv(), &handle_);
  handle_.data = this;
  if (peer_ != nullptr) {
    Mailbox::post(
        peer_, [peer = own_](MemoryTransport& end) { end.accepted(peer); },
        [self = own_] { Mailbox::post(self, [](MemoryTransport& end) { end.peerClosed(); }); });
    return becomeOpen();
  }
  const std::lock_guard lock(hub_->mutex);
  const auto found = hub_->listening.find(remote_.port());
  if (found == hub_->listening.end() || found->second.empty()) {
    Mailbox::post(own_, [](MemoryTransport& self) { self.refused(); });
    return;
  }
  found->second[hub_->turn++ % found->second.size()]->knock(own_);
}

void MemoryTransport::becomeOpen() {
  if (closed_) return;
  window_ = hub_->windowBytes;
  {
    const std::lock_guard lock(hub_->mutex);
    hub_->open.emplace(this, own_);
  }
  ++hub_->opened;
  sink_->onOpen();
}

void MemoryTransport::consume() {
  while (!closed_ && reading_ != Reading::Off && !waiting_.empty()) {
    const Bytes bytes = std::move(waiting_.front());
    waiting_.pop_front();
    Mailbox::post(peer_, [size = bytes.size()](MemoryTransport& end) { end.taken(size); });
    ++loop_.counters().reads;
    if (reading_ == Reading::On) sink_->onBytes(bytes, true);
  }
  if (closed_ || reading_ == Reading::Off || !waiting_.empty()) return;
  if (finished_ && !std::exchange(endTold_, true)) {
    sink_->onEnd(LinkEndCause::PeerClosed, "the other side closed the connection");
  }
}

std::size_t MemoryTransport::write(Bytes& bytes, std::size_t from) {
  if (broken_) {
    sink_->onWriteFailed("broken pipe");
    return 0;
  }
  const std::size_t size = bytes.size() - from;
  unsent_.swap(bytes);
  bytes.clear();
  sent_ = from;
  ++loop_.counters().writes;
  sendMore();
  busy_ = !unsent_.empty();
  if (busy_) ++hub_->stalls;
  return size;
}

void MemoryTransport::sendMore() {
  const std::size_t size = std::min(window_, unsent_.size() - sent_);
  if (size > 0) {
    const auto begin = unsent_.begin() + static_cast<std::ptrdiff_t>(sent_);
    Mailbox::post(peer_, [bytes = Bytes(begin, begin + static_cast<std::ptrdiff_t>(size))](
                             MemoryTransport& end) mutable { end.receive(std::move(bytes)); });
  }
  window_ -= size;
  sent_ += size;
  if (sent_ < unsent_.size()) return;
  unsent_.clear();
  sent_ = 0;
}

void MemoryTransport::taken(std::size_t size) {
  window_ += size;
  if (!busy_ || broken_) return;
  sendMore();
  busy_ = !unsent_.empty();
  if (!busy_) sink_->onWritable();
}

bool MemoryTransport::finish() {
  if (busy_) return false;
  Mailbox::post(peer_, [](MemoryTransport& end) { end.peerFinished(); });
  return true;
}

void MemoryTransport::close() {
  if (std::exchange(closed_, true)) return;
  {
    const std::lock_guard lock(hub_->mutex);
    hub_->open.erase(this);
  }
  own_->close();
  if (peer_ != nullptr) Mailbox::post(peer_, [](MemoryTransport& end) { end.peerClosed(); });
  uv_close(reinterpret_cast<uv_handle_t*>(&handle_),
           [](uv_handle_t* handle) { static_cast<MemoryTransport*>(handle->data)->sink_->onClosed(); });
}

class MemoryFactory final : public TransportFactory {
 public:
  explicit MemoryFactory(HubPointer hub) : hub_(std::move(hub)) {}

  std::string scheme() const override { return "memory"; }
  bool secure() const override { return false; }
  Result<std::unique_ptr<ByteTransport>> dial(IoLoop& loop, const DialTarget& target) const override {
    return std::unique_ptr<ByteTransport>(std::make_unique<MemoryTransport>(loop, hub_, target.address));
  }
  Result<std::unique_ptr<Acceptor>> listen(IoLoop& loop, const ListenOptions& options, Acceptor::OnAccepted onAccepted,
                                           Acceptor::OnExhausted /*onExhausted*/) const override {
    auto acceptor = std::make_unique<MemoryAcceptor>(loop, hub_, std::move(onAccepted));
    if (auto listening = acceptor->listen(options); !listening) return listening.failure();
    return std::unique_ptr<Acceptor>(std::move(acceptor));
  }

 private:
  HubPointer hub_;
};

}  // namespace

MemoryNetwork::MemoryNetwork(std::size_t windowBytes)
    : hub_(std::make_shared<Hub>(windowBytes)),
      added_(std::unique_ptr<const TransportFactory>(std::make_unique<MemoryFactory>(hub_))) {}

MemoryNetwork::~MemoryNetwork() = default;

void MemoryNetwork::cut() {
  const std::lock_guard lock(hub_->mutex);
  for (const auto& [transport, address] : hub_->open) {
    Mailbox::post(address, [](MemoryTransport& end) { end.reset(); });
  }
}

std::size_t MemoryNetwork::opened() const {
  return hub_->opened;
}

std::size_t MemoryNetwork::stalls() const {
  return hub_->stalls;
}

}  // namespace rtm::net::test
