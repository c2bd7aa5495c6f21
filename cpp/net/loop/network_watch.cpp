#include "net/loop/network_watch.hpp"

#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>

namespace rtm::net {

namespace {

/// An interface that comes up brings several addresses and routes, one after the other.
constexpr std::uint64_t kSettleMs = 100;
/// Observers are not told more often, on a machine whose networks come and go all day (containers).
constexpr std::uint64_t kPauseMs = 1000;

/// Whether the messages report something new that may carry a connection. A loss helps no observer.
bool bringsSomething(const nlmsghdr* message, std::size_t size) {
  for (; NLMSG_OK(message, size); message = NLMSG_NEXT(message, size)) {
    switch (message->nlmsg_type) {
      case RTM_NEWADDR:
      case RTM_NEWROUTE:
        return true;
      case RTM_NEWLINK:
        if ((static_cast<const ifinfomsg*>(NLMSG_DATA(message))->ifi_flags & IFF_RUNNING) != 0) return true;
        break;
      default:
        break;
    }
  }
  return false;
}

}  // namespace

/// The netlink socket; outlives its owner until libuv has let go of it.
struct NetworkWatch::Socket {
  uv_poll_t poll{};
  int descriptor = -1;
};

NetworkWatch::NetworkWatch(IoLoop& loop) : loop_(loop), settled_(loop, [this] { tell(); }) {}

NetworkWatch::~NetworkWatch() {
  close();
}

void NetworkWatch::add(Observer& observer) {
  observers_.insert(&observer);
  if (socket_ == nullptr) open();
}

void NetworkWatch::remove(Observer& observer) {
  observers_.erase(&observer);
  if (observers_.empty()) close();
}

void NetworkWatch::open() {
  const int made = ::socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
  if (made < 0) return;
  sockaddr_nl address{};
  address.nl_family = AF_NETLINK;
  address.nl_groups = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR | RTMGRP_IPV4_ROUTE | RTMGRP_IPV6_ROUTE;
  auto socket = std::make_unique<Socket>();
  if (::bind(made, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) != 0 ||
      uv_poll_init(loop_.uv(), &socket->poll, made) != 0) {
    ::close(made);
    return;
  }
  socket->descriptor = made;
  socket->poll.data = this;
  uv_poll_start(&socket->poll, UV_READABLE,
                [](uv_poll_t* handle, int, int) { static_cast<NetworkWatch*>(handle->data)->onReadable(); });
  socket_ = socket.release();
  loop_.atStop(*this);
}

void NetworkWatch::close() {
  settled_.cancel();
  if (socket_ == nullptr) return;
  const int descriptor = socket_->descriptor;
  socket_->poll.data = socket_;
  uv_close(reinterpret_cast<uv_handle_t*>(&socket_->poll),
           [](uv_handle_t* handle) { delete static_cast<Socket*>(handle->data); });
  ::close(descriptor);  // only now: libuv must not watch a number that may soon be another socket
  socket_ = nullptr;
}

void NetworkWatch::onLoopStop() {
  observers_.clear();
  close();
}

void NetworkWatch::onReadable() {
  bool changed = false;
  for (;;) {
    alignas(nlmsghdr) std::array<char, 8192> buffer{};
    const ssize_t size = recv(socket_->descriptor, buffer.data(), buffer.size(), 0);
    if (size > 0) {
      changed =
          bringsSomething(reinterpret_cast<const nlmsghdr*>(buffer.data()), static_cast<std::size_t>(size)) || changed;
      continue;
    }
    if (size < 0 && errno == EINTR) continue;
    // The socket has dropped messages: one of them probably reported something new.
    if (size < 0 && errno == ENOBUFS) changed = true;
    break;
  }
  if (!changed || settled_.armed()) return;
  const std::uint64_t next = toldMs_ == 0 ? 0 : toldMs_ + kPauseMs;
  const std::uint64_t wait = next > loop_.now() ? next - loop_.now() : 0;
  settled_.arm(std::max(wait, kSettleMs));
}

void NetworkWatch::tell() {
  toldMs_ = loop_.now();
  const std::set<Observer*> now = observers_;
  for (Observer* observer : now) {
    if (observers_.contains(observer)) observer->onNetworkChange();
  }
}

}  // namespace rtm::net
