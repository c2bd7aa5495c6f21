#pragma once

#include <utility>

#include "net/transport/transport_factory.hpp"

namespace rtm::net {

/// TLS over the transports of another factory: rtms:// over TCP.
class TlsFactory final : public TransportFactory {
 public:
  TlsFactory(std::string scheme, std::unique_ptr<const TransportFactory> below)
      : scheme_(std::move(scheme)), below_(std::move(below)) {}

  std::string scheme() const override { return scheme_; }
  bool secure() const override { return true; }
  Result<std::unique_ptr<ByteTransport>> dial(IoLoop& loop, const DialTarget& target) const override;
  Result<std::unique_ptr<Acceptor>> listen(IoLoop& loop, const ListenOptions& options, Acceptor::OnAccepted onAccepted,
                                           Acceptor::OnExhausted onExhausted) const override;

 private:
  std::string scheme_;
  std::unique_ptr<const TransportFactory> below_;
};

}  // namespace rtm::net
