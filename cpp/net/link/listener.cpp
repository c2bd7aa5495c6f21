#include "net/link/listener.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <unordered_map>
#include <utility>

#include "net/link/stream_link.hpp"
#include "net/loop/timer.hpp"
#include "net/transport/tcp/listen_socket.hpp"

namespace rtm::net {
namespace {

/// A storm of new connections must not keep the loop from those it has.
constexpr int kAcceptsPerTurn = 16;
/// Out of descriptors or memory: the waiting connection keeps the socket readable, so without a pause we would spin.
constexpr std::uint64_t kRetryMs = 100;

std::uint16_t boundPort(int socket) {
  sockaddr_storage storage{};
  socklen_t size = sizeof(storage);
  auto* raw = reinterpret_cast<sockaddr*>(&storage);
  if (getsockname(socket, raw, &size) != 0) return 0;
  const auto address = SocketAddress::from(raw);
  return address ? address->port() : 0;
}

}  // namespace

struct Listener::State : std::enable_shared_from_this<State> {
  State(IoLoop& onLoop, const ListenOptions& listenOptions, std::shared_ptr<TlsServerContext> context, OnLink link,
        OnRefused refused)
      : loop(onLoop),
        options(listenOptions),
        tls(std::move(context)),
        onLink(std::move(link)),
        onRefused(std::move(refused)),
        retry(onLoop, [this] { updatePolling(); }) {}

  // We poll and accept ourselves: libuv's own accepting differs between its versions (one a turn, or all there are),
  // and on EMFILE it drops connections that could wait.
  Result<bool> open() {
    auto opened = openListenSocket(options);
    if (!opened) return opened.failure();
    socket = opened.value();
    port = boundPort(socket);
    if (const int error = uv_poll_init(loop.uv(), &poll, socket); error != 0) {
      ::close(socket);
      return Failure{-error, std::string("cannot watch a listening socket: ") + uv_strerror(error)};
    }
    poll.data = this;
    updatePolling();
    return true;
  }

  void close() {
    closed = true;
    handshakes.clear();
    retry.cancel();
    keepAlive = shared_from_this();
    uv_close(reinterpret_cast<uv_handle_t*>(&poll),
             [](uv_handle_t* handle) { const auto last = std::move(static_cast<State*>(handle->data)->keepAlive); });
    ::close(socket);  // only now: libuv must not watch a number that may soon be another socket
  }

  void updatePolling() {
    if (closed) return;
    const bool wanted = !retry.armed() && handshakes.size() < options.maxHandshakes;
    if (wanted == polling) return;
    polling = wanted;
    if (!wanted) {
      uv_poll_stop(&poll);
      return;
    }
    uv_poll_start(&poll, UV_READABLE, [](uv_poll_t* handle, int, int) { static_cast<State*>(handle->data)->accept(); });
  }

  void accept() {
    const auto self = shared_from_this();  // a handed-over link may end us
    for (int i = 0; i < kAcceptsPerTurn && polling && !closed; ++i) {
      sockaddr_storage storage{};
      socklen_t size = sizeof(storage);
      auto* raw = reinterpret_cast<sockaddr*>(&storage);
      const int accepted = accept4(socket, raw, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (accepted >= 0) {
        begin(accepted, SocketAddress::from(raw).value_or(SocketAddress()));
        continue;
      }
      if (errno == EAGAIN || errno == EWOULDBLOCK) return;
      if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
        retry.arm(kRetryMs);
        return updatePolling();
      }
      // Anything else is the fate of that one connection: it was gone before we took it.
    }
  }

  void begin(int accepted, const SocketAddress& remote) {
    ++counters.accepted;
    std::unique_ptr<TlsSession> session;
    if (tls != nullptr && (session = TlsSession::server(*tls)) == nullptr) {
      ++counters.refused;
      ::close(accepted);
      return;
    }
    StreamLink::Handle handle = StreamLink::create(loop, remote, std::move(session));
    StreamLink* link = handle.get();
    handshakes.emplace(link, std::move(handle));
    link->adopt(accepted, options.handshakeTimeoutMs,
                [this, link](const StreamLink::NotReady* failure) { finished(link, failure); });
    updatePolling();
  }

  void finished(StreamLink* link, const StreamLink::NotReady* failure) {
    const auto self = shared_from_this();
    const auto position = handshakes.find(link);
    LinkHandle handle = std::move(position->second);
    handshakes.erase(position);
    updatePolling();
    if (failure == nullptr) {
      ++counters.ready;
      return onLink(std::move(handle));
    }
    ++counters.refused;
    if (onRefused) onRefused(handle->remoteAddress(), failure->detail);
  }

  IoLoop& loop;
  ListenOptions options;
  std::shared_ptr<TlsServerContext> tls;
  OnLink onLink;
  OnRefused onRefused;
  ListenerCounters counters;
  std::unordered_map<StreamLink*, StreamLink::Handle> handshakes;
  uv_poll_t poll{};
  int socket = -1;
  std::uint16_t port = 0;
  bool polling = false;
  bool closed = false;
  Timer retry;
  std::shared_ptr<State> keepAlive;  ///< from close() until libuv has let go of `poll`
};

Listener::Listener(std::shared_ptr<State> state) : state_(std::move(state)) {}

Listener::~Listener() {
  state_->close();
}

Result<std::unique_ptr<Listener>> Listener::listen(IoLoop& loop, const ListenOptions& options,
                                                   std::shared_ptr<TlsServerContext> tls, OnLink onLink,
                                                   OnRefused onRefused) {
  auto state = std::make_shared<State>(loop, options, std::move(tls), std::move(onLink), std::move(onRefused));
  if (auto opened = state->open(); !opened) return opened.failure();
  return std::unique_ptr<Listener>(new Listener(std::move(state)));
}

std::uint16_t Listener::port() const {
  return state_->port;
}

const ListenerCounters& Listener::counters() const {
  return state_->counters;
}

}  // namespace rtm::net
