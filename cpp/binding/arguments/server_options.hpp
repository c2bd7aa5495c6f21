#pragma once

#include <vector>

#include "binding/arguments/options_object.hpp"
#include "server/server.hpp"

namespace rtm::binding {

/// Options of a server as JavaScript passes them (`RawServerOptions` in TypeScript). A property that is missing where
/// the type allows it keeps the server's default.
server::ServerOptions serverOptions(const OptionsObject& given);

/// The rules of an app, in the list `rules` of an object.
std::vector<server::Rule> rulesOf(const OptionsObject& given);

}  // namespace rtm::binding
