// Functions of a port that concern a service. An unknown handle (a released service, or 0) is answered like a service
// that was never initialised.

#include "binding/arguments/send_arguments.hpp"
#include "binding/environment/native_environment.hpp"
#include "binding/functions/function_table.hpp"
#include "client/extensions.hpp"
#include "client/factory.hpp"

namespace rtm::binding {

using namespace agora::rtm;  // NOLINT(google-build-using-namespace): the drop-in names are long and unmistakable

namespace {

constexpr int kReleased = -1;  ///< for the calls whose errors are any other number than 0

/// Calls `act(service)` for the service in argument 0. All arguments have been read before.
template <typename Act>
napi_value withService(Call& call, std::uint32_t handle, int released, Act&& act) {
  if (call.failed()) {
    return nullptr;
  }
  ServiceObject* object = call.port().services().find(handle);
  return call.integerResult(object != nullptr ? act(*object) : released);
}

napi_value createService(Call& call) {
  IRtmService* service = client::createService(client::Dispatch::Direct);
  if (service == nullptr) {
    napi_throw_error(call.env(), "ERR_RTM_FAILURE", "the I/O thread of the client cannot be started");
    return nullptr;
  }
  Port& port = call.port();
  client::gatherSends(*service);  // JavaScript says when its turn is over
  const std::uint32_t handle = port.newHandle();
  auto object = std::make_unique<ServiceObject>(*service, port.mailbox(), handle);
  client::observeLink(*service, &object->events);
  port.services().add(handle, std::move(object));
  return call.wordResult(handle);
}

napi_value initialize(Call& call) {
  const std::uint32_t handle = call.word(0);
  const char* appId = call.cString(1);
  const bool hasHandler = call.boolean(2);
  return withService(call, handle, INIT_ERR_FAILURE, [&](ServiceObject& object) {
    client::historyOf(object.service).setHistoryHandler(&object.events);
    return object.service.initialize(appId, hasHandler ? &object.events : nullptr);
  });
}

napi_value release(Call& call) {
  const std::uint32_t handle = call.word(0);
  const bool sync = call.boolean(1);
  if (!call.failed()) {
    call.port().releaseService(handle, sync);
  }
  return nullptr;
}

napi_value login(Call& call) {
  const std::uint32_t handle = call.word(0);
  const char* token = call.cString(1);
  const char* userId = call.cString(2);
  return withService(call, handle, kNotInitialized,
                     [&](ServiceObject& object) { return object.service.login(token, userId); });
}

napi_value logout(Call& call) {
  return withService(call, call.word(0), kNotInitialized,
                     [](ServiceObject& object) { return object.service.logout(); });
}

napi_value renewToken(Call& call) {
  const std::uint32_t handle = call.word(0);
  const char* token = call.cString(1);
  return withService(call, handle, kNotInitialized,
                     [&](ServiceObject& object) { return object.service.renewToken(token); });
}

napi_value send(Call& call) {
  const std::uint32_t handle = call.word(0);
  const char* peerId = call.cString(1);
  const SendArguments arguments(call, 2);
  return withService(call, handle, kNotInitialized, [&](ServiceObject& object) {
    return object.service.sendMessageToPeer(peerId, arguments.message(), arguments.options);
  });
}

/// The short way for a text. What is a number comes in the port's column of arguments: reading it from there costs
/// nothing, through Node-API as much as a short string.
napi_value sendText(Call& call) {
  const char* peerId = call.cString(0);
  const TextSend send(call, 1);
  return withService(call, send.handle, kNotInitialized, [&](ServiceObject& object) {
    return object.service.sendMessageToPeer(peerId, send.message(), send.options);
  });
}

napi_value flush(Call& call) {
  const std::uint32_t handle = call.word(0);
  if (ServiceObject* object = call.port().services().find(handle)) {
    client::flushSends(object->service, call.word(1) != 0);
  }
  return nullptr;
}

napi_value lastFailure(Call& call) {
  const std::uint32_t handle = call.word(0);
  if (call.failed()) {
    return nullptr;
  }
  const ServiceObject* object = call.port().services().find(handle);
  return call.textResult(object != nullptr ? client::lastFailure(object->service) : "");
}

napi_value setParameters(Call& call) {
  const std::uint32_t handle = call.word(0);
  const char* parameters = call.cString(1);
  return withService(call, handle, kReleased,
                     [&](ServiceObject& object) { return object.service.setParameters(parameters); });
}

napi_value setLogFile(Call& call) {
  const std::uint32_t handle = call.word(0);
  const char* path = call.cString(1);
  return withService(call, handle, kReleased, [&](ServiceObject& object) { return object.service.setLogFile(path); });
}

napi_value setLogFilter(Call& call) {
  const std::uint32_t handle = call.word(0);
  const int filter = call.integer(1);
  return withService(call, handle, kReleased, [&](ServiceObject& object) {
    return object.service.setLogFilter(static_cast<LOG_FILTER_TYPE>(filter));
  });
}

napi_value setLogFileSize(Call& call) {
  const std::uint32_t handle = call.word(0);
  const int kilobytes = call.integer(1);
  return withService(call, handle, kReleased,
                     [&](ServiceObject& object) { return object.service.setLogFileSize(kilobytes); });
}

}  // namespace

bool addServiceCalls(napi_env env, napi_value object, Port* port) {
  return addMethods(env, object, port,
                    {method<createService>("createService"), method<initialize>("serviceInitialize"),
                     method<release>("serviceRelease"), method<login>("serviceLogin"), method<logout>("serviceLogout"),
                     method<lastFailure>("serviceLastFailure"), method<renewToken>("serviceRenewToken"),
                     method<send>("serviceSend"), method<sendText>("serviceSendText"), method<flush>("serviceFlush"),
                     method<setParameters>("serviceSetParameters"), method<setLogFile>("serviceSetLogFile"),
                     method<setLogFilter>("serviceSetLogFilter"), method<setLogFileSize>("serviceSetLogFileSize")});
}

}  // namespace rtm::binding
