#include "net/transport/tcp/listen_socket.hpp"

#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <string>

#include "net/resolve/socket_address.hpp"
#include "net/transport/transport_factory.hpp"

namespace rtm::net {
namespace {

Failure systemFailure(const SocketAddress& address, const char* what) {
  const int error = errno;
  return {error, std::string("cannot ") + what + " " + address.toString() + ": " + std::strerror(error)};
}

bool enable(int socket, int level, int option, int value = 1) {
  return setsockopt(socket, level, option, &value, sizeof(value)) == 0;
}

Result<int> listenAt(const SocketAddress& address, const ListenOptions& options) {
  const int socket = ::socket(address.get()->sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (socket < 0) return systemFailure(address, "make a socket for");
  const bool prepared =
      enable(socket, SOL_SOCKET, SO_REUSEADDR) &&
      (address.family() == Family::V4 || enable(socket, IPPROTO_IPV6, IPV6_V6ONLY, options.host == "::" ? 0 : 1)) &&
      (!options.reusePort || enable(socket, SOL_SOCKET, SO_REUSEPORT));
  if (prepared && bind(socket, address.get(), address.size()) == 0 && ::listen(socket, options.backlog) == 0) {
    return socket;
  }
  Failure failure = systemFailure(address, "listen on");
  close(socket);
  return failure;
}

}  // namespace

Result<int> openListenSocket(const ListenOptions& options) {
  const auto address = SocketAddress::parse(options.host, options.port);
  if (!address) return Failure{EINVAL, "listen host \"" + options.host + "\": expected an IPv6 or IPv4 address"};
  auto socket = listenAt(*address, options);
  if (socket || options.host != "::") return socket;
  const int error = socket.failure().code;
  if (error != EAFNOSUPPORT && error != EADDRNOTAVAIL && error != EPROTONOSUPPORT) return socket;
  return listenAt(*SocketAddress::parse("0.0.0.0", options.port), options);
}

}  // namespace rtm::net
