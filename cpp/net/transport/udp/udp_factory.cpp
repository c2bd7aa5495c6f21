#include "net/transport/udp/udp_factory.hpp"

#include <utility>

#include "net/transport/tls/tls_layer.hpp"
#include "net/transport/udp/udp_acceptor.hpp"
#include "net/transport/udp/udp_transport.hpp"

namespace rtm::net {

Result<std::unique_ptr<ByteTransport>> UdpFactory::dial(IoLoop& loop, const DialTarget& target) const {
  if (target.tls == nullptr) return Failure{0, "this client cannot speak TLS"};
  return std::unique_ptr<ByteTransport>(
      std::make_unique<UdpTransport>(loop, target.address, TlsLayer::client(target.tls, target.endpoint),
                                     Bytes(target.udpToken.begin(), target.udpToken.end())));
}

Result<std::unique_ptr<Acceptor>> UdpFactory::listen(IoLoop& loop, const ListenOptions& options,
                                                     Acceptor::OnAccepted onAccepted, Acceptor::OnExhausted) const {
  return listenOnUdp(loop, options, std::move(onAccepted));
}

}  // namespace rtm::net
