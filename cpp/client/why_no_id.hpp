#pragma once

#include <string>
#include <string_view>

namespace rtm::client {

/// What is wrong with the id of a user or a channel, for the log: its limit and its actual size, or the first character
/// that is not allowed. `id` is not valid (base/identifiers.hpp).
std::string whyNoId(std::string_view id);
/// The same for an App ID.
std::string whyNoAppId(std::string_view id);

}  // namespace rtm::client
