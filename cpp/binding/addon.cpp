// The root of the addon: one object per JavaScript environment, which owns the native environments opened there.

#include <memory>
#include <vector>

#include "binding/environment/file_lock.hpp"
#include "binding/environment/native_environment.hpp"
#include "binding/event_kinds.hpp"
#include "binding/functions/function_table.hpp"
#include "binding/napi_setup.hpp"
#include "server/bridge/operations.hpp"

namespace rtm::binding {
namespace {

class Addon final : public Napi::Addon<Addon> {
 public:
  Addon(Napi::Env env, Napi::Object exports) {
    Napi::Object kinds = Napi::Object::New(env);
#define RTM_EVENT_KIND(name, number) kinds.Set(#name, static_cast<double>(number));
    RTM_EVENT_KINDS(RTM_EVENT_KIND)
#undef RTM_EVENT_KIND
    exports.Set("eventKinds", kinds);
    Napi::Object operations = Napi::Object::New(env);
#define RTM_BRIDGE_OPERATION(name, number) operations.Set(#name, static_cast<double>(number));
    RTM_BRIDGE_OPERATIONS(RTM_BRIDGE_OPERATION)
#undef RTM_BRIDGE_OPERATION
    exports.Set("bridgeOperations", operations);
    // A plain function with this object as its data: a method of node-addon-api would look for it by way of `this`, and
    // crash when it is called without one.
    exports.Set("open", Napi::Function::New<&Addon::open>(env, "open", this));
    exports.Set("tryLock", Napi::Function::New<&tryLock>(env, "tryLock"));
  }

 private:
  /// open(pump, columns, handle): a native environment of its own for each copy of lib/ in this JavaScript environment.
  static Napi::Value open(const Napi::CallbackInfo& info) {
    const Napi::Env env = info.Env();
    if (info.Length() < 3 || !info[0].IsFunction() || !info[1].IsObject() || !info[2].IsObject()) {
      Napi::TypeError::New(env, "open: expected a function and two objects").ThrowAsJavaScriptException();
      return {};
    }
    Napi::Object object = Napi::Object::New(env);
    std::unique_ptr<NativeEnvironment> opened = NativeEnvironment::open(env, info[0], info[1], info[2]);
    bool complete = false;
    if (opened != nullptr) {
      FunctionTable table(env, object, *opened);
      complete = addAllFunctions(table);
      // Kept even without all functions, because its cleanup hook is registered.
      static_cast<Addon*>(info.Data())->environments_.push_back(std::move(opened));
    }
    if (complete) {
      return object;
    }
    if (!env.IsExceptionPending()) {
      Napi::Error::New(env, "the native environment cannot be opened").ThrowAsJavaScriptException();
    }
    return {};
  }

  /// Their cleanup hooks shut them down before this object is destroyed.
  std::vector<std::unique_ptr<NativeEnvironment>> environments_;
};

}  // namespace
}  // namespace rtm::binding

using RtmAddon = rtm::binding::Addon;
NODE_API_ADDON(RtmAddon)
