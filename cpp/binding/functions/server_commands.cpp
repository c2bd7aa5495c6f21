// Commands to a running server. lib/server has checked the arguments, and that the server runs.

#include <string>
#include <utility>
#include <vector>

#include "binding/arguments/server_options.hpp"
#include "binding/functions/function_table.hpp"

namespace rtm::binding {
namespace {

std::string textOf(Arguments& arguments, std::size_t index) {
  return std::string(arguments.text(index).view());
}

/// Calls `use(ServerObject&, server::Server&)` for the server of the first argument, if the server runs and no argument
/// was refused.
template <typename Use>
void withServer(Arguments& arguments, Use&& use) {
  ServerObject* object = arguments.objects().servers().find(arguments.word(0));
  if (object == nullptr || arguments.failed()) {
    return;
  }
  object->with([&](server::Server& server) { use(*object, server); });
}

napi_value serverBan(Arguments& arguments) {
  const double request = arguments.number(1);
  const std::string appId = textOf(arguments, 2);
  const std::string userId = textOf(arguments, 3);
  const double untilMs = arguments.number(4);
  withServer(arguments, [&](ServerObject& object, server::Server& server) {
    server.ban(appId, userId, static_cast<std::uint64_t>(untilMs), object.teller(request));
  });
  return nullptr;
}

napi_value serverUnban(Arguments& arguments) {
  const std::string appId = textOf(arguments, 1);
  const std::string userId = textOf(arguments, 2);
  withServer(arguments, [&](ServerObject&, server::Server& server) { server.unban(appId, userId); });
  return nullptr;
}

napi_value serverDisconnect(Arguments& arguments) {
  const double request = arguments.number(1);
  const std::string appId = textOf(arguments, 2);
  const std::string userId = textOf(arguments, 3);
  withServer(arguments, [&](ServerObject& object, server::Server& server) {
    server.disconnect(appId, userId, object.teller(request));
  });
  return nullptr;
}

napi_value serverKick(Arguments& arguments) {
  const double request = arguments.number(1);
  const std::string appId = textOf(arguments, 2);
  const std::string channelId = textOf(arguments, 3);
  const std::string userId = textOf(arguments, 4);
  withServer(arguments, [&](ServerObject& object, server::Server& server) {
    server.kickFromChannel(appId, channelId, userId, object.teller(request));
  });
  return nullptr;
}

napi_value serverDrain(Arguments& arguments) {
  const double request = arguments.number(1);
  server::DrainOptions options;
  for (const std::string_view endpoint : arguments.strictTexts(2)) {
    options.endpoints.emplace_back(endpoint);
  }
  options.overMs = arguments.word(3);
  std::string failure;
  withServer(arguments, [&](ServerObject& object, server::Server& server) {
    const Result<bool> began =
        server.drain(std::move(options), [told = object.teller(request)]() mutable { told(true); });
    failure = began ? "" : began.failure().message;
  });
  return arguments.failed() ? nullptr : arguments.textResult(failure);
}

napi_value serverSetRules(Arguments& arguments) {
  const double request = arguments.number(1);
  const std::string appId = textOf(arguments, 2);
  napi_valuetype type = napi_undefined;
  if (napi_typeof(arguments.env(), arguments[3], &type) != napi_ok || type != napi_object) {
    arguments.refuse(3, "an object");
    return nullptr;
  }
  const std::vector<server::Rule> rules = rulesOf({arguments, Napi::Object(arguments.env(), arguments[3])});
  std::string failure;
  withServer(arguments, [&](ServerObject& object, server::Server& server) {
    const Result<bool> set = server.setRules(appId, rules, object.teller(request));
    failure = set ? "" : set.failure().message;
  });
  return arguments.failed() ? nullptr : arguments.textResult(failure);
}

napi_value serverReloadCertificate(Arguments& arguments) {
  const std::string certificate = textOf(arguments, 1);
  const std::string key = textOf(arguments, 2);
  std::string failure;
  withServer(arguments, [&](ServerObject&, server::Server& server) {
    const Result<bool> done = server.reloadCertificate(certificate, key);
    failure = done ? "" : done.failure().message;
  });
  return arguments.failed() ? nullptr : arguments.textResult(failure);
}

napi_value serverFingerprint(Arguments& arguments) {
  std::string fingerprint;
  withServer(arguments, [&](ServerObject&, server::Server& server) { fingerprint = server.fingerprint(); });
  return arguments.failed() ? nullptr : arguments.textResult(fingerprint);
}

}  // namespace

bool addServerCommands(FunctionTable& table) {
  return table.add({function<serverBan>("serverBan"), function<serverUnban>("serverUnban"),
                    function<serverDisconnect>("serverDisconnect"), function<serverKick>("serverKick"),
                    function<serverSetRules>("serverSetRules"), function<serverDrain>("serverDrain"),
                    function<serverReloadCertificate>("serverReloadCertificate"),
                    function<serverFingerprint>("serverFingerprint")});
}

}  // namespace rtm::binding
