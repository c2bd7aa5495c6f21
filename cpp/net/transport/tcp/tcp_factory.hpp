#pragma once

#include "net/transport/transport_factory.hpp"

namespace rtm::net {

/// rtm:// – plaintext over TCP.
class TcpFactory final : public TransportFactory {
 public:
  std::string scheme() const override { return "rtm"; }
  bool secure() const override { return false; }
  Result<std::unique_ptr<ByteTransport>> dial(IoLoop& loop, const DialTarget& target) const override;
  Result<std::unique_ptr<Acceptor>> listen(IoLoop& loop, const ListenOptions& options, Acceptor::OnAccepted onAccepted,
                                           Acceptor::OnExhausted onExhausted) const override;
};

}  // namespace rtm::net
