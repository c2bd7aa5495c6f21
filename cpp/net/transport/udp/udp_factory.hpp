#pragma once

#include <memory>
#include <string>

#include "net/resolve/endpoint.hpp"
#include "net/transport/transport_factory.hpp"

namespace rtm::net {

/// rtmu:// – TLS over UDP, and nothing else.
class UdpFactory final : public TransportFactory {
 public:
  std::string scheme() const override { return kUdpScheme; }
  bool secure() const override { return true; }
  Result<std::unique_ptr<ByteTransport>> dial(IoLoop& loop, const DialTarget& target) const override;
  Result<std::unique_ptr<Acceptor>> listen(IoLoop& loop, const ListenOptions& options, Acceptor::OnAccepted onAccepted,
                                           Acceptor::OnExhausted onExhausted) const override;
};

}  // namespace rtm::net
