// The root of the addon: one object per JavaScript environment, which owns the ports opened there.

#include <memory>
#include <vector>

#include "binding/event_kinds.hpp"
#include "binding/method.hpp"
#include "binding/napi_setup.hpp"
#include "binding/port.hpp"

namespace rtm::binding {
namespace {

class Addon final : public Napi::Addon<Addon> {
 public:
  Addon(Napi::Env env, Napi::Object exports) {
    Napi::Object kinds = Napi::Object::New(env);
#define RTM_EVENT_KIND(name, number) kinds.Set(#name, static_cast<double>(number));
    RTM_EVENT_KINDS(RTM_EVENT_KIND)
#undef RTM_EVENT_KIND
    DefineAddon(exports, {InstanceMethod("open", &Addon::open), InstanceValue("eventKinds", kinds)});
  }

 private:
  /// open(pump, columns): a port of its own for each copy of lib/ in this environment.
  Napi::Value open(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    if (info.Length() < 2 || !info[0].IsFunction() || !info[1].IsObject()) {
      Napi::TypeError::New(env, "open: expected a function and an object").ThrowAsJavaScriptException();
      return {};
    }
    Napi::Object object = Napi::Object::New(env);
    std::unique_ptr<Port> port = Port::open(env, info[0], info[1]);
    if (port == nullptr || !addPortCalls(env, object, port.get()) || !addServiceCalls(env, object, port.get()) ||
        !addRequestCalls(env, object, port.get()) || !addChannelCalls(env, object, port.get()) ||
        !addServerCalls(env, object, port.get())) {
      if (!env.IsExceptionPending()) {
        Napi::Error::New(env, "the port to the native core cannot be opened").ThrowAsJavaScriptException();
      }
      if (port == nullptr) {
        return {};
      }
    }
    ports_.push_back(std::move(port));  // also a half-made one: its cleanup hook is registered
    return object;
  }

  /// Shut down by their cleanup hooks before this is destroyed.
  std::vector<std::unique_ptr<Port>> ports_;
};

}  // namespace
}  // namespace rtm::binding

using RtmAddon = rtm::binding::Addon;
NODE_API_ADDON(RtmAddon)
