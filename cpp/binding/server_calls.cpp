// Functions of a port that concern a server. Options come complete and checked from lib/server; what is wrong all the
// same throws.

#include <functional>
#include <utility>

#include "binding/log_observer.hpp"
#include "binding/method.hpp"
#include "binding/port.hpp"

namespace rtm::binding {
namespace {

std::string textOf(const Napi::Object& object, const char* name) {
  return object.Get(name).ToString().Utf8Value();
}

std::uint32_t wordOf(const Napi::Object& object, const char* name) {
  return object.Get(name).ToNumber().Uint32Value();
}

/// Sets a member from a property of the same name, if there is one.
void override(const Napi::Object& values, const char* name, std::uint32_t& member) {
  if (values.Has(name)) {
    member = wordOf(values, name);
  }
}

server::Limits limitsOf(const Napi::Object& object) {
  server::Limits limits = textOf(object, "base") == "off" ? server::Limits::off() : server::Limits::sdk();
  const auto values = object.Get("values").As<Napi::Object>();
  override(values, "messageBytes", limits.messageBytes);
  override(values, "joinedChannels", limits.joinedChannels);
  override(values, "listedMembers", limits.listedMembers);
  override(values, "subscribedPeers", limits.subscribedPeers);
  override(values, "queryPeers", limits.queryPeers);
  override(values, "countChannels", limits.countChannels);
  override(values, "mediaBytes", limits.mediaBytes);
  override(values, "mediaTasks", limits.mediaTasks);
  override(values, "inFlightSends", limits.inFlightSends);
  const auto rates = object.Get("rates").As<Napi::Object>();
  for (std::uint32_t group = 0; group < limits.rates.size(); ++group) {
    if (rates.Has(group)) {
      const auto pair = rates.Get(group).As<Napi::Array>();
      limits.rates[group] = {pair.Get(0U).ToNumber().Uint32Value(), pair.Get(1U).ToNumber().Uint32Value()};
    }
  }
  return limits;
}

server::ServerOptions optionsOf(const Napi::Object& object) {
  server::ServerOptions options;
  options.host = textOf(object, "host");
  options.port = static_cast<std::uint16_t>(wordOf(object, "port"));
  options.loops = wordOf(object, "loops");
  const auto apps = object.Get("apps").As<Napi::Array>();
  for (std::uint32_t i = 0; i < apps.Length(); ++i) {
    const auto app = apps.Get(i).As<Napi::Object>();
    server::AppOptions& added = options.apps.emplace_back();
    added.appId = textOf(app, "appId");
    const auto certificates = app.Get("certificates").As<Napi::Array>();
    for (std::uint32_t j = 0; j < certificates.Length(); ++j) {
      added.certificates.push_back(certificates.Get(j).ToString().Utf8Value());
    }
  }
  options.tls = object.Get("tls").ToBoolean().Value();
  options.certificatePem = textOf(object, "certificatePem");
  options.keyPem = textOf(object, "keyPem");
  options.area = wordOf(object, "area");
  options.limits = limitsOf(object.Get("limits").As<Napi::Object>());
  const auto times = object.Get("times").As<Napi::Object>();
  override(times, "heartbeat", options.heartbeatMs);
  override(times, "unreachable", options.unreachableMs);
  override(times, "grace", options.graceMs);
  override(times, "login", options.loginTimeoutMs);
  options.maxConnections = wordOf(object, "maxConnections");
  return options;
}

napi_value startServer(Call& call) {
  napi_valuetype type = napi_undefined;
  if (napi_typeof(call.env(), call[0], &type) != napi_ok || type != napi_object) {
    call.refuse(0, "an object");
    return nullptr;
  }
  const Napi::Object object(call.env(), call[0]);
  server::ServerOptions options = optionsOf(object);
  if (Napi::Env(call.env()).IsExceptionPending()) {
    return nullptr;
  }
  Port& port = call.port();
  const std::uint32_t handle = port.newHandle();
  if (object.Get("log").ToBoolean().Value()) {
    options.log = [mailbox = port.mailbox(), handle](LogLevel level, std::string_view line) {
      pushLogLine(*mailbox, handle, level, line);
    };
  }
  port.servers().add(handle, std::make_unique<ServerObject>(port.mailbox(), handle)).start(std::move(options));
  return call.wordResult(handle);
}

napi_value closeServer(Call& call) {
  ServerObject* server = call.port().servers().find(call.word(0));
  if (server != nullptr) {
    server->close();
  }
  return nullptr;
}

/// Frees what is left of a server that has told that it did not start, or that it is closed.
napi_value releaseServer(Call& call) {
  call.port().servers().remove(call.word(0));
  return nullptr;
}

napi_value serverStats(Call& call) {
  ServerObject* server = call.port().servers().find(call.word(0));
  const std::unique_ptr<server::ServerStats> stats = server != nullptr ? server->stats() : nullptr;
  if (stats == nullptr) {
    return nullptr;
  }
  Napi::Array result = Napi::Array::New(call.env());
  std::uint32_t index = 0;
  for (const std::uint64_t number :
       {stats->connections, stats->sessions, stats->channels, stats->logins, stats->loginFailures, stats->resumes,
        stats->kicks, stats->messagesIn, stats->messagesOut, stats->malformed, stats->slowConsumers}) {
    result.Set(index++, static_cast<double>(number));
  }
  return result;
}

}  // namespace

bool addServerCalls(napi_env env, napi_value object, Port* port) {
  return addMethods(env, object, port,
                    {method<startServer>("startServer"), method<closeServer>("closeServer"),
                     method<releaseServer>("releaseServer"), method<serverStats>("serverStats")});
}

}  // namespace rtm::binding
