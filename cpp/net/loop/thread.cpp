#include "net/loop/thread.hpp"

#include <pthread.h>

#include <algorithm>
#include <csignal>
#include <system_error>
#include <utility>

namespace rtm::net {
namespace {

void nameThisThread(std::string name) {
  name.resize(std::min<std::size_t>(name.size(), 15));  // the kernel refuses longer names
  pthread_setname_np(pthread_self(), name.c_str());
}

}  // namespace

Result<std::thread> startThread(std::string name, Task body) {
  sigset_t blocked;
  sigset_t before;
  sigfillset(&blocked);
  // What the thread itself brings about: blocked, it would end the process without the program's handler, or its core.
  for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS}) sigdelset(&blocked, fault);
  // A thread inherits the mask of its creator. A mask set from inside would leave a gap in which a signal hits it.
  pthread_sigmask(SIG_SETMASK, &blocked, &before);
  Result<std::thread> result = [&]() -> Result<std::thread> {
    try {
      return std::thread([name = std::move(name), body = std::move(body)]() mutable {
        nameThisThread(std::move(name));
        body();
      });
    } catch (const std::system_error& error) {
      return Failure{error.code().value(), std::string("cannot start a thread: ") + error.what()};
    }
  }();
  pthread_sigmask(SIG_SETMASK, &before, nullptr);
  return result;
}

}  // namespace rtm::net
