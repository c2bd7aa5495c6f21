#pragma once

#include <string_view>

#include "server/gateway/gateway.hpp"

namespace rtm::server {

/// Whether the rules deny an action to the user of a connection; if so, it is counted and noted in the log, and the
/// request is one without effect (FrameBudget). `target`: the channel or the user, if the action is done to one.
bool denied(Gateway& gateway, const ClientConnection& connection, Action action, std::string_view target = {});

/// Counts a denial, as denied() does, and notes it in the log.
void noteDenied(Gateway& gateway, const ClientConnection& connection, Action action, std::string_view target);

}  // namespace rtm::server
