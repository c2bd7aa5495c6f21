#pragma once

namespace rtm::binding {

class NativeEnvironment;

/// The end of the process without the end of the environment. Node runs no cleanup hooks of the main thread at
/// `process.exit` or after an uncaught exception: it goes straight to exit(), where OpenSSL and others tidy up while
/// our threads still use them. A handler of exit() that runs before theirs shuts down the environments that are left.
namespace atProcessEnd {
void add(NativeEnvironment* environment);
void remove(NativeEnvironment* environment);
}  // namespace atProcessEnd

}  // namespace rtm::binding
