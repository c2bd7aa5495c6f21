#pragma once

#include "net/transport/transport_factory.hpp"

namespace rtm::net {

/// Listens on UDP with TLS. The failure's code is an errno.
Result<std::unique_ptr<Acceptor>> listenOnUdp(IoLoop& loop, const ListenOptions& options,
                                              Acceptor::OnAccepted onAccepted);

}  // namespace rtm::net
