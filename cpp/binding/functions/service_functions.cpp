// Functions that concern a service as a whole. An unknown handle (0, or of a released service) is answered like a
// service that was never initialized.

#include <string>

#include "base/identifiers.hpp"
#include "binding/functions/function_table.hpp"
#include "binding/functions/with_object.hpp"
#include "client/api/plain_results.hpp"
#include "client/client_log.hpp"

namespace rtm::binding {
namespace {

using client::InitCode;

constexpr int kReleased = -1;  ///< of the functions whose errors are any number but 0

napi_value createService(Arguments& arguments) {
  const std::uint32_t handle = arguments.objects().createService();
  if (handle == 0) {
    napi_throw_error(arguments.env(), "ERR_RTM_FAILURE", "the I/O thread of the client cannot be started");
    return nullptr;
  }
  return arguments.wordResult(handle);
}

/// (service, App ID, whether there is an event handler). The surface refuses a service without a handler, after it has
/// checked the rest.
napi_value initialize(Arguments& arguments) {
  const std::uint32_t handle = arguments.word(0);
  const std::string_view appId = arguments.strictText(1);
  const bool hasHandler = arguments.boolean(2);
  return withService(arguments, handle, numberOf(InitCode::Failure), [&](ServiceObject& object) {
    const bool acceptable = !object.client->initialized() && isValidAppId(appId);
    return acceptable && !hasHandler ? InitCode::InvalidArgument : object.client->initialize(appId);
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
  const std::string_view token = arguments.strictText(1);
  const std::string_view userId = arguments.strictText(2);
  return withService(arguments, handle, kNotInitialized,
                     [&](ServiceObject& object) { return object.client->login(token, userId); });
}

/// (service, whether to wait for results first)
napi_value logout(Arguments& arguments) {
  const std::uint32_t handle = arguments.word(0);
  const bool drain = arguments.boolean(1);
  return withService(arguments, handle, kNotInitialized,
                     [&](ServiceObject& object) { return object.client->logout(drain); });
}

/// (service, request id). Whether it never left.
napi_value withdraw(Arguments& arguments) {
  const std::uint32_t handle = arguments.word(0);
  const auto request = static_cast<client::RequestId>(arguments.number(1));
  return withService(arguments, handle, 0,
                     [&](ServiceObject& object) { return object.client->withdraw(request) ? 1 : 0; });
}

napi_value renewToken(Arguments& arguments) {
  const std::uint32_t handle = arguments.word(0);
  const std::string_view token = arguments.strictText(1);
  return withService(arguments, handle, kNotInitialized,
                     [&](ServiceObject& object) { return object.client->renewToken(token); });
}

napi_value lastFailure(Arguments& arguments) {
  const std::uint32_t handle = arguments.word(0);
  if (arguments.failed()) {
    return nullptr;
  }
  const ServiceObject* object = arguments.objects().services().find(handle);
  return arguments.textResult(object != nullptr ? object->client->lastFailure() : "");
}

napi_value setParameters(Arguments& arguments) {
  const std::uint32_t handle = arguments.word(0);
  const std::string_view parameters = arguments.strictText(1);
  return withService(arguments, handle, kReleased, [&](ServiceObject& object) {
    const bool taken = parameters.data() != nullptr && object.client->setParameters(parameters);
    return taken ? 0 : client::kInvalidParameters;
  });
}

/// (service, path)
napi_value setLogFile(Arguments& arguments) {
  const std::uint32_t handle = arguments.word(0);
  const std::string path(arguments.strictText(1));
  return withService(arguments, handle, kReleased, [&](ServiceObject& object) {
    return object.client->log().setFile(path) ? 0 : client::kLogFailure;
  });
}

/// (service, set of levels)
napi_value setLogFilter(Arguments& arguments) {
  const std::uint32_t handle = arguments.word(0);
  const auto levels = static_cast<unsigned>(arguments.integer(1));
  return withService(arguments, handle, kReleased, [&](ServiceObject& object) {
    return object.client->log().setFilter(levels) ? 0 : client::kLogFailure;
  });
}

napi_value setLogFileSize(Arguments& arguments) {
  const std::uint32_t handle = arguments.word(0);
  const int kilobytes = arguments.integer(1);
  return withService(arguments, handle, kReleased, [&](ServiceObject& object) {
    return object.client->log().setKilobytes(kilobytes) ? 0 : client::kLogFailure;
  });
}

}  // namespace

bool addServiceFunctions(FunctionTable& table) {
  return table.add({function<createService>("createService"), function<initialize>("serviceInitialize"),
                    function<release>("serviceRelease"), function<login>("serviceLogin"),
                    function<logout>("serviceLogout"), function<withdraw>("serviceWithdraw"),
                    function<lastFailure>("serviceLastFailure"), function<renewToken>("serviceRenewToken"),
                    function<setParameters>("serviceSetParameters"), function<setLogFile>("serviceSetLogFile"),
                    function<setLogFilter>("serviceSetLogFilter"), function<setLogFileSize>("serviceSetLogFileSize")});
}

}  // namespace rtm::binding
