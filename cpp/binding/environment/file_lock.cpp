#include "binding/environment/file_lock.hpp"

#include <sys/file.h>

#include <cerrno>
#include <cstring>

namespace rtm::binding {

Napi::Value tryLock(const Napi::CallbackInfo& info) {
  const Napi::Env env = info.Env();
  if (info.Length() < 1 || !info[0].IsNumber()) {
    Napi::TypeError::New(env, "tryLock: expected a file descriptor").ThrowAsJavaScriptException();
    return {};
  }
  const int descriptor = info[0].As<Napi::Number>().Int32Value();
  if (::flock(descriptor, LOCK_EX | LOCK_NB) == 0) return Napi::Boolean::New(env, true);
  if (errno == EWOULDBLOCK) return Napi::Boolean::New(env, false);
  Napi::Error::New(env, std::string("flock: ") + std::strerror(errno)).ThrowAsJavaScriptException();
  return {};
}

}  // namespace rtm::binding
