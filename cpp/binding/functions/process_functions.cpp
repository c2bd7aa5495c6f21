// Functions of a port that concern no object: the mailbox, the process.

#include <algorithm>

#include "IAgoraRtmService.h"
#include "binding/environment/native_environment.hpp"
#include "binding/events/log_events.hpp"
#include "binding/functions/function_table.hpp"
#include "client/factory.hpp"

namespace rtm::binding {
namespace {

napi_value drain(Call& call) {
  return call.port().drain();
}

napi_value bytes(Call& call) {
  return call.port().takeBytes();
}

napi_value ownBuffer(Call& call) {
  return call.port().takeOwnBuffer(call.word(0));
}

napi_value setAlive(Call& call) {
  const bool alive = call.boolean(0);
  if (!call.failed()) {
    call.port().doorbell().setAlive(call.env(), alive);
  }
  return nullptr;
}

napi_value pressure(Call& call) {
  const Mailbox::Pressure now = call.port().mailbox()->pressure();
  Napi::Object result = Napi::Object::New(call.env());
  result.Set("bytes", static_cast<double>(now.bytes));
  result.Set("paused", static_cast<double>(now.heldBack));
  return result;
}

napi_value getSdkVersion(Call& call) {
  return call.textResult(agora::rtm::getRtmSdkVersion());
}

napi_value setServiceContext(Call& call) {
  agora::rtm::RtmServiceContext context;
  context.areaCode = call.integer(0);
  context.proxyType = static_cast<agora::rtm::RTM_CLOUD_PROXY_TYPE>(call.integer(1));
  return call.failed() ? nullptr : call.integerResult(agora::rtm::setRtmServiceContext(context));
}

napi_value setExtraCertificateAuthorities(Call& call) {
  const TextArgument pem = call.text(0);
  if (!call.failed()) {
    client::setExtraCertificateAuthorities(std::string(pem.view()));
  }
  return nullptr;
}

napi_value observeLog(Call& call) {
  const bool on = call.boolean(0);
  if (!call.failed()) {
    observeClientLog(call.port().mailbox(), on);
  }
  return nullptr;
}

napi_value nextMessageIds(Call& call) {
  return call.numberResult(static_cast<double>(client::nextMessageId(std::max(call.integer(0), 1))));
}

}  // namespace

bool addMethods(napi_env env, napi_value object, Port* port, std::initializer_list<Method> methods) {
  for (const Method& each : methods) {
    napi_value function = nullptr;
    if (napi_create_function(env, each.name, NAPI_AUTO_LENGTH, each.callback, port, &function) != napi_ok ||
        napi_set_named_property(env, object, each.name, function) != napi_ok) {
      return false;
    }
  }
  return true;
}

bool addPortCalls(napi_env env, napi_value object, Port* port) {
  return addMethods(env, object, port,
                    {method<drain>("drain"), method<bytes>("bytes"), method<ownBuffer>("ownBuffer"),
                     method<setAlive>("setAlive"), method<pressure>("pressure"),
                     method<getSdkVersion>("getRtmSdkVersion"), method<setServiceContext>("setRtmServiceContext"),
                     method<setExtraCertificateAuthorities>("setExtraCertificateAuthorities"),
                     method<observeLog>("observeLog"), method<nextMessageIds>("nextMessageIds")});
}

}  // namespace rtm::binding
