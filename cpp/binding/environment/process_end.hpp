#pragma once

namespace rtm::binding {

class Port;

/// The end of the process without the end of the environment. Node runs no cleanup hooks of the main thread at
/// `process.exit` or after an uncaught exception: it goes straight to exit(), where OpenSSL and others tidy up while
/// our threads still use them. So whatever ports are left are shut down by a handler of exit() that runs before those.
namespace atProcessEnd {
void add(Port* port);
void remove(Port* port);
}  // namespace atProcessEnd

}  // namespace rtm::binding
