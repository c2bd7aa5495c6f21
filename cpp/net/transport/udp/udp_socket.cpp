#include "net/transport/udp/udp_socket.hpp"

#include <linux/filter.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <string>
#include <utility>

#include "net/datagram/datagram_header.hpp"
#include "net/loop/loop_buffers.hpp"

namespace rtm::net {
namespace {

/// Datagrams of one system call.
constexpr std::size_t kBatch = 32;
/// Room for one: a longer datagram is cut, and then it is none of ours.
constexpr std::size_t kRoom = LoopBuffers::kSocketBytes / kBatch;
static_assert(kRoom > kMaxDatagramBytes);
/// Batches that one turn reads, before the other sockets of the loop have theirs.
constexpr int kBatchesOfATurn = 4;
/// Datagrams that come while the loop is busy wait here; the kernel's default holds 90 of full size.
constexpr int kReceiveBuffer = 4 * 1024 * 1024;

bool set(int descriptor, int level, int option, int value) {
  return setsockopt(descriptor, level, option, &value, sizeof(value)) == 0;
}

/// Gives each datagram to the socket of the port whose number is the first byte modulo `sharers`. The filter holds for
/// all sockets of the port, also for those that are bound later.
void steer(int descriptor, std::size_t sharers) {
  std::array<sock_filter, 3> code{{
      BPF_STMT(BPF_LD | BPF_B | BPF_ABS, 0),
      BPF_STMT(BPF_ALU | BPF_MOD | BPF_K, static_cast<std::uint32_t>(sharers)),
      BPF_STMT(BPF_RET | BPF_A, 0),
  }};
  const sock_fprog program{static_cast<unsigned short>(code.size()), code.data()};
  setsockopt(descriptor, SOL_SOCKET, SO_ATTACH_REUSEPORT_CBPF, &program, sizeof(program));
}

Failure systemFailure(const char* what, const SocketAddress& address) {
  const int error = errno;
  return {error, std::string("cannot ") + what + " " + address.toString() + " by UDP: " + std::strerror(error)};
}

/// A datagram that does not fit must be lost, not cut in pieces of which each can get lost.
bool prepare(int descriptor, const SocketAddress& address) {
  set(descriptor, SOL_SOCKET, SO_RCVBUF, kReceiveBuffer);  // as much of it as the system allows
  const bool four = set(descriptor, IPPROTO_IP, IP_MTU_DISCOVER, IP_PMTUDISC_DO);
  return address.family() == Family::V4 ? four : set(descriptor, IPPROTO_IPV6, IPV6_MTU_DISCOVER, IPV6_PMTUDISC_DO);
}

}  // namespace

UdpSocket::UdpSocket(IoLoop& loop, int descriptor, bool connected, Receiver& receiver)
    : loop_(loop), receiver_(&receiver), descriptor_(descriptor), connected_(connected) {}

Result<UdpSocket::Handle> UdpSocket::bind(IoLoop& loop, const Binding& binding, Receiver& receiver) {
  const SocketAddress& address = binding.address;
  const auto open = [&](bool shared) {
    const int descriptor = ::socket(address.get()->sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const bool bound =
        descriptor >= 0 && prepare(descriptor, address) &&
        (address.family() == Family::V4 || set(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, binding.dualStack ? 0 : 1)) &&
        (!shared || set(descriptor, SOL_SOCKET, SO_REUSEPORT, 1)) &&
        ::bind(descriptor, address.get(), address.size()) == 0;
    if (bound || descriptor < 0) return descriptor;
    const int error = errno;
    ::close(descriptor);
    errno = error;
    return -1;
  };
  const bool shared = binding.sharers > 1;
  if (shared && binding.sharer == 0) {
    // Another server of the same user would share the port in silence, and each would get a part of all datagrams.
    const int alone = open(false);
    if (alone < 0) return systemFailure("listen on", address);
    ::close(alone);
  }
  const int descriptor = open(shared);
  if (descriptor < 0) return systemFailure("listen on", address);
  // Where the kernel refuses, it chooses by the addresses: a client whose address changes has to connect again.
  if (shared) steer(descriptor, binding.sharers);
  return watch(loop, descriptor, false, receiver);
}

Result<UdpSocket::Handle> UdpSocket::connect(IoLoop& loop, const SocketAddress& remote, Receiver& receiver) {
  const int descriptor = ::socket(remote.get()->sa_family, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (descriptor < 0) return systemFailure("make a socket for", remote);
  if (prepare(descriptor, remote) && ::connect(descriptor, remote.get(), remote.size()) == 0) {
    return watch(loop, descriptor, true, receiver);
  }
  Failure failure = systemFailure("reach", remote);
  ::close(descriptor);
  return failure;
}

Result<UdpSocket::Handle> UdpSocket::watch(IoLoop& loop, int descriptor, bool connected, Receiver& receiver) {
  auto* socket = new UdpSocket(loop, descriptor, connected, receiver);
  if (const int error = uv_poll_init(loop.uv(), &socket->poll_, descriptor); error != 0) {
    delete socket;
    ::close(descriptor);
    return Failure{-error, std::string("cannot watch a UDP socket: ") + uv_strerror(error)};
  }
  socket->poll_.data = socket;
  socket->poll();
  return Handle(socket);
}

void UdpSocket::poll() {
  uv_poll_start(&poll_, UV_READABLE, [](uv_poll_t* handle, int status, int) {
    auto* socket = static_cast<UdpSocket*>(handle->data);
    socket->onReadable();
    // libuv has stopped polling at an error of the network. Reading has taken the error away.
    if (status < 0 && socket->receiver_ != nullptr) socket->poll();
  });
}

void UdpSocket::close() {
  flush();
  receiver_ = nullptr;
  uv_close(reinterpret_cast<uv_handle_t*>(&poll_),
           [](uv_handle_t* handle) { delete static_cast<UdpSocket*>(handle->data); });
  ::close(descriptor_);  // only now: libuv must not watch a number that may soon be another socket
}

std::uint16_t UdpSocket::port() const {
  sockaddr_storage storage{};
  socklen_t size = sizeof(storage);
  auto* raw = reinterpret_cast<sockaddr*>(&storage);
  if (getsockname(descriptor_, raw, &size) != 0) return 0;
  return SocketAddress::from(raw).value_or(SocketAddress()).port();
}

void UdpSocket::onReadable() {
  for (int i = 0; i < kBatchesOfATurn && receiver_ != nullptr; ++i) {
    if (!readBatch()) return;
  }
}

/// False: nothing more is there, or the socket is closed.
bool UdpSocket::readBatch() {
  std::array<mmsghdr, kBatch> messages{};
  std::array<iovec, kBatch> rooms{};
  std::array<sockaddr_storage, kBatch> froms{};
  std::uint8_t* const buffer = loop_.buffers().socket.data();
  for (std::size_t i = 0; i < kBatch; ++i) {
    rooms[i] = {buffer + i * kRoom, kRoom};
    messages[i].msg_hdr.msg_iov = &rooms[i];
    messages[i].msg_hdr.msg_iovlen = 1;
    messages[i].msg_hdr.msg_name = &froms[i];
    messages[i].msg_hdr.msg_namelen = sizeof(froms[i]);
  }
  const int count = recvmmsg(descriptor_, messages.data(), kBatch, MSG_DONTWAIT, nullptr);
  if (count < 0) {
    if (errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) receiver_->onSocketError(errno);
    return false;
  }
  ++loop_.counters().reads;
  for (std::size_t i = 0; i < static_cast<std::size_t>(count) && receiver_ != nullptr; ++i) {
    const auto from = SocketAddress::from(reinterpret_cast<const sockaddr*>(&froms[i]));
    if (from) receiver_->onDatagram(*from, ByteView(buffer + i * kRoom, messages[i].msg_len));
  }
  return receiver_ != nullptr && static_cast<std::size_t>(count) == kBatch;
}

void UdpSocket::send(const SocketAddress& to, ByteView datagram) {
  outgoing_.insert(outgoing_.end(), datagram.begin(), datagram.end());
  waiting_.push_back({to, datagram.size()});
  if (waiting_.size() >= kBatch) return flush();
  loop_.atTurnEnd(*this);
}

void UdpSocket::flush() {
  if (waiting_.empty()) return;
  std::array<mmsghdr, kBatch> messages{};
  std::array<iovec, kBatch> pieces{};
  std::uint8_t* from = outgoing_.data();
  for (std::size_t i = 0; i < waiting_.size(); ++i) {
    pieces[i] = {from, waiting_[i].size};
    messages[i].msg_hdr.msg_iov = &pieces[i];
    messages[i].msg_hdr.msg_iovlen = 1;
    if (!connected_) {
      messages[i].msg_hdr.msg_name = const_cast<sockaddr*>(waiting_[i].to.get());
      messages[i].msg_hdr.msg_namelen = waiting_[i].to.size();
    }
    from += waiting_[i].size;
  }
  int error = 0;
  for (std::size_t done = 0; done < waiting_.size();) {
    const int sent =
        sendmmsg(descriptor_, &messages[done], static_cast<unsigned>(waiting_.size() - done), MSG_NOSIGNAL);
    ++loop_.counters().writes;
    if (sent > 0) {
      done += static_cast<std::size_t>(sent);
      continue;
    }
    if (errno == EINTR) continue;
    if (errno == EAGAIN || errno == EWOULDBLOCK || errno == ENOBUFS) break;  // the kernel is full: lost, as on the way
    error = errno;
    ++done;  // the error concerns the first one; the others may be for other addresses
  }
  outgoing_.clear();
  waiting_.clear();
  if (error != 0 && receiver_ != nullptr) receiver_->onSocketError(error);
}

}  // namespace rtm::net
