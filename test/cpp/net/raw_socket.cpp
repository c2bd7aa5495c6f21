#include "net/raw_socket.hpp"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "net/resolve/endpoint.hpp"
#include "net/resolve/socket_address.hpp"

namespace rtm::net::test {
namespace {

constexpr int kDeadlineMs = 15'000;

int connectedSocket(const std::string& host, std::uint16_t port) {
  const SocketAddress address = SocketAddress::parse(host, port).value();
  const int socket = ::socket(address.get()->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  EXPECT_EQ(::connect(socket, address.get(), address.size()), 0) << address.toString();
  const int on = 1;
  setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
  return socket;
}

}  // namespace

RawSocket::RawSocket(const std::string& host, std::uint16_t port) : socket_(connectedSocket(host, port)) {}

RawSocket::RawSocket(RawSocket&& other) noexcept : socket_(std::exchange(other.socket_, -1)) {}

RawSocket::~RawSocket() {
  close();
}

void RawSocket::close() {
  if (socket_ >= 0) ::close(socket_);
  socket_ = -1;
}

void RawSocket::reset() {
  const linger abort{1, 0};
  setsockopt(socket_, SOL_SOCKET, SO_LINGER, &abort, sizeof(abort));
  close();
}

bool RawSocket::send(ByteView bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(sent));
  }
  return true;
}

Bytes RawSocket::receive() {
  pollfd readable{socket_, POLLIN, 0};
  if (poll(&readable, 1, kDeadlineMs) != 1) {
    ADD_FAILURE() << "nothing came";
    return {};
  }
  Bytes buffer(64 * 1024);
  const ssize_t count = ::recv(socket_, buffer.data(), buffer.size(), 0);
  buffer.resize(count > 0 ? static_cast<std::size_t>(count) : 0);
  return buffer;
}

Bytes RawSocket::receiveAll() {
  Bytes all;
  while (true) {
    const Bytes more = receive();
    if (more.empty()) return all;
    all.insert(all.end(), more.begin(), more.end());
  }
}

RawTlsClient::RawTlsClient(std::uint16_t port, std::shared_ptr<TlsClientContext> tls, const Endpoint& endpoint)
    : socket("127.0.0.1", port), session_(TlsLayer::client(std::move(tls), endpoint)) {}

bool RawTlsClient::handshake() {
  Bytes in;
  while (true) {
    Bytes out;
    session_->feed(in);
    const TlsLayer::Status status = session_->handshake(out);
    if (status == TlsLayer::Status::Ok && holdLastFlight) {
      heldBack = out;
      return true;
    }
    if (!socket.send(out) || status == TlsLayer::Status::Failed) return false;
    if (status == TlsLayer::Status::Ok) return true;
    in = socket.receive();
    if (in.empty()) return false;
  }
}

Bytes RawTlsClient::encrypt(ByteView plaintext) {
  Bytes out;
  EXPECT_EQ(session_->write(plaintext, out), TlsLayer::Status::Ok);
  return out;
}

RawListener::RawListener(const std::string& host, Mode mode, std::uint16_t port) {
  SocketAddress address = SocketAddress::parse(host, port).value();
  socket_ = ::socket(address.get()->sa_family, SOCK_STREAM | SOCK_CLOEXEC, 0);
  const int on = 1;
  setsockopt(socket_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
  if (address.family() == Family::V6) setsockopt(socket_, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
  EXPECT_EQ(bind(socket_, address.get(), address.size()), 0) << address.toString();
  EXPECT_EQ(::listen(socket_, mode == Mode::Blackhole ? 0 : 16), 0);
  sockaddr_storage bound{};
  socklen_t size = sizeof(bound);
  getsockname(socket_, reinterpret_cast<sockaddr*>(&bound), &size);
  port_ = SocketAddress::from(reinterpret_cast<sockaddr*>(&bound))->port();
  address.setPort(port_);
  if (mode == Mode::Answers) return;

  // Linux takes one connection more than the backlog says and then drops further SYNs without a word.
  for (int i = 0; i < 4; ++i) {
    const int filler = ::socket(address.get()->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    fillers_.push_back(filler);
    if (connect(filler, address.get(), address.size()) == 0) continue;
    pollfd writable{filler, POLLOUT, 0};
    if (poll(&writable, 1, 100) == 0) return;  // this one hangs: full
  }
  ADD_FAILURE() << "the backlog does not fill up";
}

RawListener::~RawListener() {
  for (const int filler : fillers_) close(filler);
  close(socket_);
}

RawSocket RawListener::accept() {
  pollfd readable{socket_, POLLIN, 0};
  EXPECT_EQ(poll(&readable, 1, kDeadlineMs), 1) << "nobody connects";
  return RawSocket(accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC));
}

bool RawListener::staysQuiet(int ms) {
  pollfd readable{socket_, POLLIN, 0};
  return poll(&readable, 1, ms) == 0;
}

}  // namespace rtm::net::test
