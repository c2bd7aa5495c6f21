#include "net/transport/udp/udp_acceptor.hpp"

#include <cerrno>
#include <unordered_map>
#include <utility>

#include "net/admission/admission.hpp"
#include "net/datagram/address_token.hpp"
#include "net/datagram/datagram_header.hpp"
#include "net/datagram/datagram_session.hpp"
#include "net/transport/tls/tls_context.hpp"
#include "net/transport/tls/tls_layer.hpp"
#include "net/transport/udp/udp_socket.hpp"
#include "net/transport/udp/udp_transport.hpp"

namespace rtm::net {
namespace {

/// Links that begin in one turn of the loop. Others try again: a client repeats its first datagram.
constexpr int kNewOfATurn = 8;

/// One socket and the links on it, found by their ids. A stranger costs nothing but an answer: without a token that
/// shows that it can receive at its address, nothing of it is kept.
class UdpHub final : public std::enable_shared_from_this<UdpHub>, private UdpSocket::Receiver, private TurnHook {
 public:
  UdpHub(IoLoop& loop, const ListenOptions& options, Acceptor::OnAccepted onAccepted, AddressTokens tokens)
      : loop_(loop),
        tls_(options.tls),
        admission_(options.admission),
        onAccepted_(std::move(onAccepted)),
        tokens_(std::move(tokens)) {}

  Result<bool> open(const ListenOptions& options) {
    const auto address = SocketAddress::parse(options.host, options.port);
    if (!address) return Failure{EINVAL, "listen host \"" + options.host + "\": expected an IPv6 or IPv4 address"};
    const bool everywhere = options.host == "::";
    UdpSocket::Binding binding{*address, everywhere, options.reusePort ? options.sharers : 1, options.sharer};
    auto socket = UdpSocket::bind(loop_, binding, *this);
    if (!socket && everywhere && socket.failure().code == EAFNOSUPPORT) {
      binding.address = *SocketAddress::parse("0.0.0.0", options.port);
      socket = UdpSocket::bind(loop_, binding, *this);
    }
    if (!socket) return socket.failure();
    socket_ = std::move(socket.value());
    return true;
  }

  /// Takes no new links. The socket stays for those that are there.
  void stopAccepting() {
    accepting_ = false;  // this may run inside of onAccepted_, which must not end now
    closeWhenEmpty();
  }

  std::uint16_t port() const { return socket_->port(); }

 private:
  void onDatagram(const SocketAddress& from, ByteView bytes) override {
    const auto self = shared_from_this();
    ++counts_.received;
    const auto datagram = parseDatagram(bytes);
    if (!datagram) {
      ++counts_.malformed;
      return;
    }
    if (const auto known = links_.find(datagram->header.id); known != links_.end())
      return known->second->datagramCame(from, *datagram, bytes);
    if (datagram->header.type != DatagramType::Initial || !accepting_) {
      ++counts_.unknown;
      return;
    }
    strangerCame(from, *datagram, bytes);
  }

  void onSocketError(int) override {}  // of one address, which is none of the others' business

  void strangerCame(const SocketAddress& from, const Datagram& datagram, ByteView bytes) {
    const auto body = parseInitial(datagram.rest);
    if (!body) {
      ++counts_.malformed;
      return;
    }
    const AddressPrefix prefix = AddressPrefix::of(from);
    if (tokens_.check(body->token, prefix, loop_.wallClockMs()) != AddressTokens::Verdict::Good)
      return askForToken(from, datagram.header, prefix);
    if (newInTurn_ >= kNewOfATurn) return;
    ++newInTurn_;
    loop_.atTurnEnd(*this);
    const ConnectionId id = datagram.header.id;
    auto transport = std::make_unique<UdpTransport>(
        loop_, id, from, [tls = tls_] { return TlsLayer::server(*tls); },
        UdpTransport::Shared{socket_.get(), &counts_, admission_->handshakes,
                             [self = shared_from_this(), id] { self->gone(id); }});
    links_.emplace(id, transport.get());
    onAccepted_(std::move(transport));
    // The receiver may have refused it, and stopped listening.
    if (const auto accepted = links_.find(id); accepted != links_.end())
      accepted->second->datagramCame(from, datagram, bytes);
  }

  void askForToken(const SocketAddress& to, const DatagramHeader& header, const AddressPrefix& prefix) {
    const auto token = tokens_.make(AddressTokens::Purpose::Retry, prefix, loop_.wallClockMs());
    Bytes answer;
    if (!token || !appendRetry(header.id, header.number, *token, answer)) return;
    ++counts_.retries;
    ++counts_.sent;
    socket_->send(to, answer);
  }

  void gone(const ConnectionId& id) {
    links_.erase(id);
    closeWhenEmpty();
  }

  void closeWhenEmpty() {
    if (!accepting_ && links_.empty()) socket_.reset();
  }

  void onTurnEnd() override { newInTurn_ = 0; }

  IoLoop& loop_;
  const std::shared_ptr<TlsServerContext> tls_;
  const std::shared_ptr<Admission> admission_;
  Acceptor::OnAccepted onAccepted_;
  AddressTokens tokens_;
  UdpSocket::Handle socket_;
  std::unordered_map<ConnectionId, UdpTransport*, ConnectionIdHash> links_;
  DatagramCounts counts_;
  int newInTurn_ = 0;
  bool accepting_ = true;
};

class UdpAcceptor final : public Acceptor {
 public:
  explicit UdpAcceptor(std::shared_ptr<UdpHub> hub) : hub_(std::move(hub)) {}
  ~UdpAcceptor() override { hub_->stopAccepting(); }
  UdpAcceptor(const UdpAcceptor&) = delete;
  UdpAcceptor& operator=(const UdpAcceptor&) = delete;

  std::uint16_t port() const override { return hub_->port(); }

 private:
  std::shared_ptr<UdpHub> hub_;
};

}  // namespace

Result<std::unique_ptr<Acceptor>> listenOnUdp(IoLoop& loop, const ListenOptions& options,
                                              Acceptor::OnAccepted onAccepted) {
  if (options.tls == nullptr) return Failure{EINVAL, "listening with TLS needs a certificate"};
  auto tokens = options.tokens != nullptr ? std::optional(*options.tokens) : AddressTokens::create();
  if (!tokens) return Failure{ENOMEM, "cannot make address tokens: OpenSSL has no random bytes or no SipHash"};
  auto hub = std::make_shared<UdpHub>(loop, options, std::move(onAccepted), std::move(*tokens));
  if (auto opened = hub->open(options); !opened) return opened.failure();
  return std::unique_ptr<Acceptor>(std::make_unique<UdpAcceptor>(std::move(hub)));
}

}  // namespace rtm::net
