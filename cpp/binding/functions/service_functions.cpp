// Functions that concern a service as a whole. An unknown handle (0, or of a released service) is answered like a
// service that was never initialized.

#include "binding/functions/function_table.hpp"
#include "binding/functions/with_object.hpp"
#include "client/extensions.hpp"
#include "client/factory.hpp"

namespace rtm::binding {

using namespace agora::rtm;  // NOLINT(google-build-using-namespace): the drop-in names are long and unmistakable

namespace {

constexpr int kReleased = -1;  ///< of the calls whose errors are any number but 0

napi_value createService(Arguments& arguments) {
  const std::uint32_t handle = arguments.objects().createService();
  if (handle == 0) {
    napi_throw_error(arguments.env(), "ERR_RTM_FAILURE", "the I/O thread of the client cannot be started");
    return nullptr;
  }
  return arguments.wordResult(handle);
}

napi_value initialize(Arguments& arguments) {
  const std::uint32_t handle = arguments.word(0);
  const char* appId = arguments.cString(1);
  const bool hasHandler = arguments.boolean(2);
  return withService(arguments, handle, INIT_ERR_FAILURE, [&](ServiceObject& object) {
    client::historyOf(object.service).setHistoryHandler(&object.events);
    return object.service.initialize(appId, hasHandler ? &object.events : nullptr);
  });
}

napi_value release(Arguments& arguments) {
  const std::uint32_t handle = arguments.word(0);
  const bool sync = arguments.boolean(1);
  if (!arguments.failed()) {
    arguments.objects().releaseService(handle, sync);
  }
  return nullptr;
}

napi_value login(Arguments& arguments) {
  const std::uint32_t handle = arguments.word(0);
  const char* token = arguments.cString(1);
  const char* userId = arguments.cString(2);
  return withService(arguments, handle, kNotInitialized,
                     [&](ServiceObject& object) { return object.service.login(token, userId); });
}

napi_value logout(Arguments& arguments) {
  return withService(arguments, arguments.word(0), kNotInitialized,
                     [](ServiceObject& object) { return object.service.logout(); });
}

napi_value renewToken(Arguments& arguments) {
  const std::uint32_t handle = arguments.word(0);
  const char* token = arguments.cString(1);
  return withService(arguments, handle, kNotInitialized,
                     [&](ServiceObject& object) { return object.service.renewToken(token); });
}

napi_value lastFailure(Arguments& arguments) {
  const std::uint32_t handle = arguments.word(0);
  if (arguments.failed()) {
    return nullptr;
  }
  const ServiceObject* object = arguments.objects().services().find(handle);
  return arguments.textResult(object != nullptr ? client::lastFailure(object->service) : "");
}

napi_value setParameters(Arguments& arguments) {
  const std::uint32_t handle = arguments.word(0);
  const char* parameters = arguments.cString(1);
  return withService(arguments, handle, kReleased,
                     [&](ServiceObject& object) { return object.service.setParameters(parameters); });
}

napi_value setLogFile(Arguments& arguments) {
  const std::uint32_t handle = arguments.word(0);
  const char* path = arguments.cString(1);
  return withService(arguments, handle, kReleased,
                     [&](ServiceObject& object) { return object.service.setLogFile(path); });
}

napi_value setLogFilter(Arguments& arguments) {
  const std::uint32_t handle = arguments.word(0);
  const int filter = arguments.integer(1);
  return withService(arguments, handle, kReleased, [&](ServiceObject& object) {
    return object.service.setLogFilter(static_cast<LOG_FILTER_TYPE>(filter));
  });
}

napi_value setLogFileSize(Arguments& arguments) {
  const std::uint32_t handle = arguments.word(0);
  const int kilobytes = arguments.integer(1);
  return withService(arguments, handle, kReleased,
                     [&](ServiceObject& object) { return object.service.setLogFileSize(kilobytes); });
}

}  // namespace

bool addServiceFunctions(FunctionTable& table) {
  return table.add({function<createService>("createService"), function<initialize>("serviceInitialize"),
                    function<release>("serviceRelease"), function<login>("serviceLogin"),
                    function<logout>("serviceLogout"), function<lastFailure>("serviceLastFailure"),
                    function<renewToken>("serviceRenewToken"),

                    function<setParameters>("serviceSetParameters"), function<setLogFile>("serviceSetLogFile"),
                    function<setLogFilter>("serviceSetLogFilter"), function<setLogFileSize>("serviceSetLogFileSize")});
}

}  // namespace rtm::binding
