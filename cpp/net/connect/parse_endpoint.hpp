#pragma once

#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "net/resolve/endpoint.hpp"

namespace rtm::net {

/// Parses one endpoint. The failure's message says what is wrong with which part.
Result<Endpoint> parseEndpoint(std::string_view text);
/// Parses a list separated by commas or white space (the form of RTM_ENDPOINTS); at least one.
Result<std::vector<Endpoint>> parseEndpoints(std::string_view text);

}  // namespace rtm::net
