#pragma once

// The frames with which a client gets a session: a new one, or its old one over a new connection. Loop thread only.

#include <string_view>

#include "server/gateway/gateway.hpp"
#include "server/login/admission.hpp"
#include "wire/messages.hpp"

namespace rtm::server {

/// One line in the log for a user who may not log in. The user is named as the client named it.
void noteRefusedLogin(Gateway& gateway, const ClientConnection& connection, const Admission& admission,
                      std::string_view appId, std::string_view userId);

// handshake.cpp
void onHello(Gateway& gateway, ClientConnection& connection, const wire::Hello& hello);
void onLogin(Gateway& gateway, ClientConnection& connection, const wire::Login& login);

// resume.cpp
void onChannelPositions(Gateway& gateway, ClientConnection& connection, const wire::ChannelPositions& positions);
void onResume(Gateway& gateway, ClientConnection& connection, const wire::Resume& resume);

}  // namespace rtm::server
