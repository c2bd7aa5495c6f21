#pragma once

#include "net/transport/transport_factory.hpp"

namespace rtm::net {

/// Listens on TCP. The failure's code is an errno.
Result<std::unique_ptr<Acceptor>> listenOnTcp(IoLoop& loop, const ListenOptions& options,
                                              Acceptor::OnAccepted onAccepted, Acceptor::OnExhausted onExhausted);

}  // namespace rtm::net
