#pragma once

// The frames with which a client gets a session: a new one, or its old one over a new connection. Loop thread only.

#include "server/gateway/gateway.hpp"
#include "wire/messages.hpp"

namespace rtm::server {

// handshake.cpp
void onHello(Gateway& gateway, ClientConnection& connection, const wire::Hello& hello);
void onLogin(Gateway& gateway, ClientConnection& connection, const wire::Login& login);

// resume.cpp
void onChannelPositions(Gateway& gateway, ClientConnection& connection, const wire::ChannelPositions& positions);
void onResume(Gateway& gateway, ClientConnection& connection, const wire::Resume& resume);

}  // namespace rtm::server
