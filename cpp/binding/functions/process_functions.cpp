// Functions that concern no object: the mailbox of the environment, and settings of the process.

#include <algorithm>

#include "binding/environment/native_environment.hpp"
#include "binding/events/log_events.hpp"
#include "binding/functions/function_table.hpp"
#include "client/api/message.hpp"
#include "client/process_settings.hpp"
#include "client/service_context.hpp"
#include "client/version.hpp"

namespace rtm::binding {
namespace {

napi_value drain(Arguments& arguments) {
  return arguments.environment().drain();
}

napi_value bytes(Arguments& arguments) {
  return arguments.environment().columns().takeBytes();
}

napi_value ownBuffer(Arguments& arguments) {
  return arguments.environment().columns().takeOwnBuffer(arguments.word(0));
}

napi_value setAlive(Arguments& arguments) {
  const bool alive = arguments.boolean(0);
  if (!arguments.failed()) {
    arguments.environment().doorbell().setAlive(arguments.env(), alive);
  }
  return nullptr;
}

napi_value pressure(Arguments& arguments) {
  const Mailbox::Pressure now = arguments.environment().mailbox()->pressure();
  Napi::Object result = Napi::Object::New(arguments.env());
  result.Set("bytes", static_cast<double>(now.bytes));
  result.Set("paused", static_cast<double>(now.heldBack));
  return result;
}

napi_value getSdkVersion(Arguments& arguments) {
  return arguments.textResult(client::kSdkVersion);
}

/// (area code, proxy type): 1 while a service lives, else 0.
napi_value setServiceContext(Arguments& arguments) {
  const auto areas = static_cast<std::uint32_t>(arguments.integer(0));
  const bool tcpOnly = arguments.integer(1) != 0;
  return arguments.failed() ? nullptr : arguments.integerResult(client::setServiceContext({areas, tcpOnly}) ? 0 : 1);
}

napi_value setExtraCertificateAuthorities(Arguments& arguments) {
  const TextArgument pem = arguments.text(0);
  if (!arguments.failed()) {
    client::setExtraCertificateAuthorities(std::string(pem.view()));
  }
  return nullptr;
}

napi_value observeLog(Arguments& arguments) {
  const bool on = arguments.boolean(0);
  if (!arguments.failed()) {
    observeClientLog(arguments.environment().mailbox(), on);
  }
  return nullptr;
}

napi_value nextMessageIds(Arguments& arguments) {
  return arguments.numberResult(static_cast<double>(client::nextMessageId(std::max(arguments.integer(0), 1))));
}

}  // namespace

bool addProcessFunctions(FunctionTable& table) {
  return table.add({function<drain>("drain"), function<bytes>("bytes"), function<ownBuffer>("ownBuffer"),
                    function<setAlive>("setAlive"), function<pressure>("pressure"),
                    function<getSdkVersion>("getRtmSdkVersion"), function<setServiceContext>("setRtmServiceContext"),
                    function<setExtraCertificateAuthorities>("setExtraCertificateAuthorities"),
                    function<observeLog>("observeLog"), function<nextMessageIds>("nextMessageIds")});
}

}  // namespace rtm::binding
