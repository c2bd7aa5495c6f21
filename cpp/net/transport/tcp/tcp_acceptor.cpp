#include "net/transport/tcp/tcp_acceptor.hpp"

#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>
#include <uv.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "net/loop/io_loop.hpp"
#include "net/loop/timer.hpp"
#include "net/resolve/socket_address.hpp"
#include "net/transport/tcp/listen_socket.hpp"
#include "net/transport/tcp/tcp_transport.hpp"

namespace rtm::net {
namespace {

/// A storm of new connections must not keep the loop from the connections it has.
constexpr int kAcceptsPerTurn = 16;
/// The pause when descriptors or memory run out: the waiting connection keeps the socket readable, so without a pause
/// the loop would spin.
constexpr std::uint64_t kRetryMs = 100;
constexpr std::uint64_t kRetryAfterFreeingMs = 10;

std::uint16_t boundPort(int socket) {
  sockaddr_storage storage{};
  socklen_t size = sizeof(storage);
  auto* raw = reinterpret_cast<sockaddr*>(&storage);
  if (getsockname(socket, raw, &size) != 0) return 0;
  const auto address = SocketAddress::from(raw);
  return address ? address->port() : 0;
}

/// What has run out, and how there will be more.
std::string whyExhausted(int error) {
  const auto number = [](rlim_t limit) { return limit == RLIM_INFINITY ? "unlimited" : std::to_string(limit); };
  const std::string waiting = " used up, new connections wait: ";
  rlimit files{};
  if (error == EMFILE && getrlimit(RLIMIT_NOFILE, &files) == 0) {
    return "file descriptors" + waiting + "this process may have " + number(files.rlim_cur) +
           " (RLIMIT_NOFILE, hard limit " + number(files.rlim_max) +
           "); raise the limit (ulimit -n, LimitNOFILE= of a systemd unit) or set maxConnections";
  }
  if (error == ENFILE) return "file descriptors of the whole system" + waiting + "raise fs.file-max (sysctl)";
  return "memory for sockets" + waiting + std::strerror(error);
}

/// A listening socket that we poll and accept on ourselves: libuv's own accepting differs between its versions (one
/// connection a turn, or all there are), and on EMFILE it drops connections that could wait.
class Listening : public std::enable_shared_from_this<Listening> {
 public:
  Listening(IoLoop& loop, Acceptor::OnAccepted onAccepted, Acceptor::OnExhausted onExhausted)
      : loop_(loop),
        onAccepted_(std::move(onAccepted)),
        onExhausted_(std::move(onExhausted)),
        retry_(loop, [this] { updatePolling(); }) {}

  Result<bool> open(const ListenOptions& options) {
    auto opened = openListenSocket(options);
    if (!opened) return opened.failure();
    socket_ = opened.value();
    port_ = boundPort(socket_);
    if (const int error = uv_poll_init(loop_.uv(), &poll_, socket_); error != 0) {
      ::close(socket_);
      return Failure{-error, std::string("cannot watch a listening socket: ") + uv_strerror(error)};
    }
    poll_.data = this;
    updatePolling();
    return true;
  }

  void close() {
    closed_ = true;
    retry_.cancel();
    keepAlive_ = shared_from_this();
    uv_close(reinterpret_cast<uv_handle_t*>(&poll_), [](uv_handle_t* handle) {
      const auto last = std::move(static_cast<Listening*>(handle->data)->keepAlive_);
    });
    ::close(socket_);  // only now: libuv must not watch a number that may soon be another socket
  }

  std::uint16_t port() const { return port_; }

 private:
  void updatePolling() {
    if (closed_) return;
    const bool wanted = !retry_.armed();
    if (wanted == polling_) return;
    polling_ = wanted;
    if (!wanted) {
      uv_poll_stop(&poll_);
      return;
    }
    uv_poll_start(&poll_, UV_READABLE,
                  [](uv_poll_t* handle, int, int) { static_cast<Listening*>(handle->data)->accept(); });
  }

  void accept() {
    const auto self = shared_from_this();  // the receiver of a connection may close us
    for (int i = 0; i < kAcceptsPerTurn && polling_ && !closed_; ++i) {
      sockaddr_storage storage{};
      socklen_t size = sizeof(storage);
      auto* raw = reinterpret_cast<sockaddr*>(&storage);
      const int accepted = accept4(socket_, raw, &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
      if (accepted >= 0) {
        const SocketAddress remote = SocketAddress::from(raw).value_or(SocketAddress());
        onAccepted_(std::make_unique<TcpTransport>(loop_, remote, accepted));
        continue;
      }
      if (errno == EAGAIN || errno == EWOULDBLOCK) return;
      if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) {
        // Others may take the freed descriptor, so even then there is a pause: not each turn may cost a client.
        retry_.arm(onExhausted_(whyExhausted(errno)) ? kRetryAfterFreeingMs : kRetryMs);
        return updatePolling();
      }
      // Any other error concerns that one connection, which was gone before we took it.
    }
  }

  IoLoop& loop_;
  Acceptor::OnAccepted onAccepted_;
  Acceptor::OnExhausted onExhausted_;
  uv_poll_t poll_{};
  int socket_ = -1;
  std::uint16_t port_ = 0;
  bool polling_ = false;
  bool closed_ = false;
  Timer retry_;
  std::shared_ptr<Listening> keepAlive_;  ///< from close() until libuv has let go of the poll handle
};

class TcpAcceptor final : public Acceptor {
 public:
  explicit TcpAcceptor(std::shared_ptr<Listening> listening) : listening_(std::move(listening)) {}
  ~TcpAcceptor() override { listening_->close(); }
  TcpAcceptor(const TcpAcceptor&) = delete;
  TcpAcceptor& operator=(const TcpAcceptor&) = delete;

  std::uint16_t port() const override { return listening_->port(); }

 private:
  std::shared_ptr<Listening> listening_;
};

}  // namespace

Result<std::unique_ptr<Acceptor>> listenOnTcp(IoLoop& loop, const ListenOptions& options,
                                              Acceptor::OnAccepted onAccepted, Acceptor::OnExhausted onExhausted) {
  auto listening = std::make_shared<Listening>(loop, std::move(onAccepted), std::move(onExhausted));
  if (auto opened = listening->open(options); !opened) return opened.failure();
  return std::unique_ptr<Acceptor>(std::make_unique<TcpAcceptor>(std::move(listening)));
}

}  // namespace rtm::net
