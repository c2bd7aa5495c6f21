#pragma once

namespace rtm::client {

/// Names a request in its result event; positive, ascending, unique within one client. A call that returns Ok has
/// written its id before the event can come.
using RequestId = long long;

}  // namespace rtm::client
