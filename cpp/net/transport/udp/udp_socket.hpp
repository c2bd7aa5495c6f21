#pragma once

#include <uv.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "net/loop/hooks.hpp"
#include "net/loop/io_loop.hpp"
#include "net/resolve/socket_address.hpp"

namespace rtm::net {

/// A UDP socket on one loop. Many datagrams are read in one system call, and those of a turn leave in one at its end.
/// Loop thread only.
class UdpSocket final : private TurnHook {
 public:
  class Receiver {
   public:
    /// Valid until return. May close the socket.
    virtual void onDatagram(const SocketAddress& from, ByteView datagram) = 0;
    /// No datagram can be sent or received now: an errno, as ECONNREFUSED of a connected socket whose other side is not
    /// there, or EMSGSIZE of a path that is too narrow. The socket goes on.
    virtual void onSocketError(int error) = 0;

   protected:
    ~Receiver() = default;
  };
  struct Closer {
    void operator()(UdpSocket* socket) const { socket->close(); }
  };
  using Handle = std::unique_ptr<UdpSocket, Closer>;

  struct Binding {
    SocketAddress address;
    bool dualStack = false;  ///< an IPv6 socket takes datagrams of IPv4, too
    std::size_t sharers =
        1;                   ///< so many sockets share the port, each on its own loop; they are bound one after another
    std::size_t sharer = 0;  ///< which of them this is
  };
  /// Takes datagrams of everybody. With sharers the kernel gives a datagram to the socket whose number is the
  /// datagram's first byte modulo their number, whatever its address is. The failure's code is an errno; EADDRINUSE
  /// also where a socket of somebody else would share the port.
  static Result<Handle> bind(IoLoop& loop, const Binding& binding, Receiver& receiver);
  /// Takes datagrams of `remote` alone.
  static Result<Handle> connect(IoLoop& loop, const SocketAddress& remote, Receiver& receiver);
  UdpSocket(const UdpSocket&) = delete;
  UdpSocket& operator=(const UdpSocket&) = delete;

  /// The datagram leaves at the end of this turn. What the kernel has no room for is lost, as on the way.
  void send(const SocketAddress& to, ByteView datagram);
  /// Sends what waits, at once.
  void flush();
  std::uint16_t port() const;

 private:
  struct Waiting {
    SocketAddress to;
    std::size_t size;
  };

  UdpSocket(IoLoop& loop, int descriptor, bool connected, Receiver& receiver);
  ~UdpSocket() override = default;
  static Result<Handle> watch(IoLoop& loop, int descriptor, bool connected, Receiver& receiver);
  void onTurnEnd() override { flush(); }
  void poll();
  void onReadable();
  bool readBatch();
  void close();

  IoLoop& loop_;
  Receiver* receiver_;  ///< null once closed
  uv_poll_t poll_{};
  const int descriptor_;
  const bool connected_;
  Bytes outgoing_;
  std::vector<Waiting> waiting_;  ///< the datagrams in outgoing_
};

}  // namespace rtm::net
