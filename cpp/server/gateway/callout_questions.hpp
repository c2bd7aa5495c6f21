#pragma once

#include <string_view>

#include "base/move_function.hpp"
#include "server/model/names.hpp"
#include "server/permissions/callout.hpp"

namespace rtm::server {

class ClientConnection;
class Gateway;

/// `connection` is null if it has ended. Not called once the gateway is gone.
using CalloutAnswered = MoveFunction<void(ClientConnection* connection, CalloutAnswer answer)>;

/// Asks the callout about the user of a connection, and notes in the log if there is no answer. Only for events that it
/// wants to hear of. Loop thread only.
void askCallout(Gateway& gateway, const ClientConnection& connection, CalloutEvent event, const ScopedName& user,
                std::string_view channel, CalloutAnswered done);

}  // namespace rtm::server
