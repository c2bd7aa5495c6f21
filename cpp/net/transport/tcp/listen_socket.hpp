#pragma once

#include "base/result.hpp"

namespace rtm::net {

struct ListenOptions;

/// A listening, non-blocking socket; the caller closes it. The failure's code is an errno.
Result<int> openListenSocket(const ListenOptions& options);

}  // namespace rtm::net
