// Functions of a port that tell a running server to do something. lib/server has checked the arguments, and that it
// runs.

#include <string>
#include <utility>
#include <vector>

#include "binding/environment/native_environment.hpp"
#include "binding/functions/function_table.hpp"

namespace rtm::binding {
namespace {

std::string textOf(Call& call, std::size_t index) {
  return std::string(call.text(index).view());
}

/// Calls `use(ServerObject&, server::Server&)` for the server of the first argument, if it runs and nothing was
/// refused.
template <typename Use>
void withServer(Call& call, Use&& use) {
  ServerObject* object = call.port().servers().find(call.word(0));
  if (object == nullptr || call.failed()) {
    return;
  }
  object->with([&](server::Server& server) { use(*object, server); });
}

napi_value serverBan(Call& call) {
  const double request = call.number(1);
  const std::string appId = textOf(call, 2);
  const std::string userId = textOf(call, 3);
  const double untilMs = call.number(4);
  withServer(call, [&](ServerObject& object, server::Server& server) {
    server.ban(appId, userId, static_cast<std::uint64_t>(untilMs), object.teller(request));
  });
  return nullptr;
}

napi_value serverUnban(Call& call) {
  const std::string appId = textOf(call, 1);
  const std::string userId = textOf(call, 2);
  withServer(call, [&](ServerObject&, server::Server& server) { server.unban(appId, userId); });
  return nullptr;
}

napi_value serverDisconnect(Call& call) {
  const double request = call.number(1);
  const std::string appId = textOf(call, 2);
  const std::string userId = textOf(call, 3);
  withServer(call, [&](ServerObject& object, server::Server& server) {
    server.disconnect(appId, userId, object.teller(request));
  });
  return nullptr;
}

napi_value serverKick(Call& call) {
  const double request = call.number(1);
  const std::string appId = textOf(call, 2);
  const std::string channelId = textOf(call, 3);
  const std::string userId = textOf(call, 4);
  withServer(call, [&](ServerObject& object, server::Server& server) {
    server.kickFromChannel(appId, channelId, userId, object.teller(request));
  });
  return nullptr;
}

napi_value serverDrain(Call& call) {
  const double request = call.number(1);
  server::DrainOptions options;
  for (const char* endpoint : call.cStrings(2)) {
    options.endpoints.emplace_back(endpoint);
  }
  options.overMs = call.word(3);
  std::string failure;
  withServer(call, [&](ServerObject& object, server::Server& server) {
    const Result<bool> began =
        server.drain(std::move(options), [told = object.teller(request)]() mutable { told(true); });
    failure = began ? "" : began.failure().message;
  });
  return call.failed() ? nullptr : call.textResult(failure);
}

napi_value serverReloadCertificate(Call& call) {
  const std::string certificate = textOf(call, 1);
  const std::string key = textOf(call, 2);
  std::string failure;
  withServer(call, [&](ServerObject&, server::Server& server) {
    const Result<bool> done = server.reloadCertificate(certificate, key);
    failure = done ? "" : done.failure().message;
  });
  return call.failed() ? nullptr : call.textResult(failure);
}

napi_value serverFingerprint(Call& call) {
  std::string fingerprint;
  withServer(call, [&](ServerObject&, server::Server& server) { fingerprint = server.fingerprint(); });
  return call.failed() ? nullptr : call.textResult(fingerprint);
}

}  // namespace

bool addServerOrders(napi_env env, napi_value object, Port* port) {
  return addMethods(
      env, object, port,
      {method<serverBan>("serverBan"), method<serverUnban>("serverUnban"), method<serverDisconnect>("serverDisconnect"),
       method<serverKick>("serverKick"), method<serverDrain>("serverDrain"),
       method<serverReloadCertificate>("serverReloadCertificate"), method<serverFingerprint>("serverFingerprint")});
}

}  // namespace rtm::binding
