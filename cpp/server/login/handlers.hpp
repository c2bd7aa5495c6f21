#pragma once

// The frames with which a client gets a session: a new one, or its old one over a new connection. Loop thread only.

#include <string>
#include <string_view>
#include <vector>

#include "base/move_function.hpp"
#include "server/gateway/gateway.hpp"
#include "server/login/admission.hpp"
#include "wire/messages.hpp"

namespace rtm::server {

/// One line in the log for a user who may not log in. The user is named as the client named it.
void noteRefusedLogin(Gateway& gateway, ClientConnection& connection, const Admission& admission,
                      std::string_view appId, std::string_view userId);

/// When a client may come again whose login the callout has not answered.
inline constexpr std::uint32_t kRetryAfterCalloutMs = 1000;

// callout.cpp
/// What the callout says of a login, or of the return of a client; the admission as it was if nobody is asked. Not
/// called if the connection ends before, or if the client is sent away because nobody can say.
using Admitted =
    MoveFunction<void(ClientConnection& connection, const Admission& admission, std::vector<std::string> roles)>;
void askAboutLogin(Gateway& gateway, ClientConnection& connection, const Admission& admission, std::string_view userId,
                   Admitted done);

// login_throttle.cpp

/// Counts a login or resume of the connection's address. False: too many, and the client has been sent away.
bool countAddress(Gateway& gateway, ClientConnection& connection, std::string_view appId, std::string_view userId);
/// Counts a login or resume of a user whose token is good. False: too often; the caller answers.
bool countUser(Gateway& gateway, ClientConnection& connection, AppNumber app, std::string_view userId);
/// True: the user was cut for a flood lately, and has been sent away.
bool sendAwayRefused(Gateway& gateway, ClientConnection& connection, AppNumber app, std::string_view userId);
/// The delay before a client that was sent away may reconnect: a random time of 1 to 5 s, so that clients that were
/// sent away together do not return together.
std::uint32_t retryAfterMs(Gateway& gateway);

// handshake.cpp
void onHello(Gateway& gateway, ClientConnection& connection, const wire::Hello& hello);
void onLogin(Gateway& gateway, ClientConnection& connection, const wire::Login& login);

// resume.cpp
void onChannelPositions(Gateway& gateway, ClientConnection& connection, const wire::ChannelPositions& positions);
void onResume(Gateway& gateway, ClientConnection& connection, const wire::Resume& resume);

}  // namespace rtm::server
