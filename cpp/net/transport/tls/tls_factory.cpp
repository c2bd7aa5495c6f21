#include "net/transport/tls/tls_factory.hpp"

#include <cerrno>

#include "net/admission/admission.hpp"
#include "net/transport/tls/tls_transport.hpp"

namespace rtm::net {

Result<std::unique_ptr<ByteTransport>> TlsFactory::dial(IoLoop& loop, const DialTarget& target) const {
  std::unique_ptr<TlsLayer> layer;
  if (target.tls != nullptr) layer = TlsLayer::client(target.tls, target.endpoint);
  if (layer == nullptr) return Failure{0, "TLS is not available"};
  auto below = below_->dial(loop, target);
  if (!below) return below;
  return std::unique_ptr<ByteTransport>(
      std::make_unique<TlsTransport>(loop, std::move(below.value()), std::move(layer)));
}

Result<std::unique_ptr<Acceptor>> TlsFactory::listen(IoLoop& loop, const ListenOptions& options,
                                                     Acceptor::OnAccepted onAccepted,
                                                     Acceptor::OnExhausted onExhausted) const {
  if (options.tls == nullptr) return Failure{EINVAL, scheme_ + ":// needs a certificate and a key to listen"};
  return below_->listen(
      loop, options,
      [&loop, tls = options.tls, queue = options.admission->handshakes,
       accepted = std::move(onAccepted)](std::unique_ptr<ByteTransport> below) mutable {
        accepted(std::make_unique<TlsTransport>(loop, std::move(below), tls, queue));
      },
      std::move(onExhausted));
}

}  // namespace rtm::net
