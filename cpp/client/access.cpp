#include "client/access.hpp"

#include "client/client_log.hpp"

namespace rtm::client {

/// False, after a line in the log the first time.
bool Access::sayDead() const {
  if (said_.exchange(true)) return false;
  if (life::isOurs(life_)) {
    log_.error("a call at the end of the process (exit() or OPENSSL_cleanup() was called) is refused with code 101");
  } else {
    log_.error(
        "a call in a child of fork() on a service of its parent is refused with code 101: the connection and the "
        "threads belong to the parent. Create services in the child, after fork() or daemon()");
  }
  return false;
}

}  // namespace rtm::client
