#include "net/transport/tcp/tcp_factory.hpp"

#include "net/transport/tcp/tcp_acceptor.hpp"
#include "net/transport/tcp/tcp_transport.hpp"

namespace rtm::net {

Result<std::unique_ptr<ByteTransport>> TcpFactory::dial(IoLoop& loop, const DialTarget& target) const {
  return std::unique_ptr<ByteTransport>(std::make_unique<TcpTransport>(loop, target.address));
}

Result<std::unique_ptr<Acceptor>> TcpFactory::listen(IoLoop& loop, const ListenOptions& options,
                                                     Acceptor::OnAccepted onAccepted,
                                                     Acceptor::OnExhausted onExhausted) const {
  return listenOnTcp(loop, options, std::move(onAccepted), std::move(onExhausted));
}

}  // namespace rtm::net
