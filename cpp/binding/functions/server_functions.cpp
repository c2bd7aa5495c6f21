// Functions of a port that concern a server. Options come complete and checked from lib/server; what is wrong all the
// same throws.

#include <cstring>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "binding/environment/native_environment.hpp"
#include "binding/events/log_events.hpp"
#include "binding/functions/function_table.hpp"
#include "server/bridge/bridge_engine.hpp"
#include "server/bridge/bridge_media_catalog.hpp"
#include "server/bridge/bridge_store.hpp"

namespace rtm::binding {
namespace {

/// Reads properties of the options object. lib/server has checked them, so a wrong one is a defect there; it throws,
/// and what is read after it is empty.
class Options {
 public:
  Options(Call& call, Napi::Object object) : call_(call), object_(object) {}

  bool has(const char* name) const { return object_.Has(name); }

  std::string text(const char* name) const {
    const Napi::Value value = object_.Get(name);
    return check(value.IsString(), "text options") ? value.As<Napi::String>().Utf8Value() : std::string();
  }
  std::uint32_t word(const char* name) const {
    const Napi::Value value = object_.Get(name);
    return check(value.IsNumber(), "number options") ? value.As<Napi::Number>().Uint32Value() : 0;
  }
  /// A whole number up to 2^53.
  std::uint64_t number(const char* name) const {
    const Napi::Value value = object_.Get(name);
    return check(value.IsNumber(), "number options") ? static_cast<std::uint64_t>(value.As<Napi::Number>().Int64Value())
                                                     : 0;
  }
  bool flag(const char* name) const {
    const Napi::Value value = object_.Get(name);
    return check(value.IsBoolean(), "boolean options") && value.As<Napi::Boolean>().Value();
  }
  Options object(const char* name) const {
    const Napi::Value value = object_.Get(name);
    return {call_, check(value.IsObject(), "object options") ? value.As<Napi::Object>() : empty()};
  }
  std::vector<Options> objects(const char* name) const {
    std::vector<Options> list;
    each(name, [&](const Napi::Value& value) {
      list.emplace_back(call_, check(value.IsObject(), "lists of objects") ? value.As<Napi::Object>() : empty());
    });
    return list;
  }
  std::vector<std::string> texts(const char* name) const {
    std::vector<std::string> list;
    each(name, [&](const Napi::Value& value) {
      list.push_back(check(value.IsString(), "lists of strings") ? value.As<Napi::String>().Utf8Value() : "");
    });
    return list;
  }
  /// Sets a member from the property of that name, if there is one.
  void override(const char* name, std::uint32_t& member) const {
    if (has(name)) {
      member = word(name);
    }
  }
  /// The same for numbers up to 2^53.
  void override(const char* name, std::uint64_t& member) const {
    const Napi::Value value = object_.Get(name);
    if (has(name) && check(value.IsNumber(), "number options")) {
      member = static_cast<std::uint64_t>(value.As<Napi::Number>().Int64Value());
    }
  }

 private:
  Napi::Object empty() const { return Napi::Object::New(call_.env()); }
  bool check(bool fits, const char* expected) const {
    if (!fits) {
      call_.refuse(0, expected);
    }
    return fits;
  }
  template <typename Visit>
  void each(const char* name, Visit&& visit) const {
    const Napi::Value value = object_.Get(name);
    if (check(value.IsArray(), "array options")) {
      const auto array = value.As<Napi::Array>();
      for (std::uint32_t i = 0; i < array.Length(); ++i) {
        visit(Napi::Value(array.Get(i)));
      }
    }
  }

  Call& call_;
  Napi::Object object_;
};

server::Limits limitsOf(const Options& options) {
  server::Limits limits = options.text("base") == "off" ? server::Limits::off() : server::Limits::sdk();
  const Options values = options.object("values");
  values.override("messageBytes", limits.messageBytes);
  values.override("joinedChannels", limits.joinedChannels);
  values.override("listedMembers", limits.listedMembers);
  values.override("subscribedPeers", limits.subscribedPeers);
  values.override("queryPeers", limits.queryPeers);
  values.override("countChannels", limits.countChannels);
  values.override("mediaBytes", limits.mediaBytes);
  values.override("mediaTasks", limits.mediaTasks);
  values.override("inFlightSends", limits.inFlightSends);
  values.override("userAttributes", limits.userAttributes.entries);
  values.override("userAttributeKeyBytes", limits.userAttributes.keyBytes);
  values.override("userAttributeValueBytes", limits.userAttributes.valueBytes);
  values.override("userAttributeBytes", limits.userAttributes.totalBytes);
  values.override("channelAttributes", limits.channelAttributes.entries);
  values.override("channelAttributeKeyBytes", limits.channelAttributes.keyBytes);
  values.override("channelAttributeValueBytes", limits.channelAttributes.valueBytes);
  values.override("channelAttributeBytes", limits.channelAttributes.totalBytes);
  values.override("callContentBytes", limits.calls.contentBytes);
  values.override("callResponseBytes", limits.calls.responseBytes);
  for (const Options& rate : options.objects("rates")) {
    const std::uint32_t group = rate.word("group");
    if (group < limits.rates.size()) {
      limits.rates[group] = {rate.word("count"), rate.word("windowMs")};
    }
  }
  return limits;
}

server::ServerOptions optionsOf(const Options& given) {
  server::ServerOptions options;
  options.host = given.text("host");
  options.port = static_cast<std::uint16_t>(given.word("port"));
  options.loops = given.word("loops");
  for (const Options& app : given.objects("apps")) {
    options.apps.push_back({app.text("appId"), app.texts("certificates")});
  }
  options.tls = given.flag("tls");
  options.certificatePem = given.text("certificatePem");
  options.keyPem = given.text("keyPem");
  options.area = given.word("area");
  options.limits = limitsOf(given.object("limits"));
  const Options times = given.object("times");
  times.override("heartbeat", options.heartbeatMs);
  times.override("unreachable", options.unreachableMs);
  times.override("grace", options.graceMs);
  times.override("login", options.loginTimeoutMs);
  times.override("transfer", options.mediaIdleMs);
  times.override("attributes", options.attributeAfterlifeMs);
  const Options media = given.object("media");
  options.mediaFolder = media.text("folder");
  options.mediaStoreBytes = media.number("storeBytes");
  options.mediaLifeMs = media.number("life");
  options.maxConnections = given.word("maxConnections");
  const Options retention = given.object("retention");
  retention.override("offlineMessages", options.retention.offlineMessages);
  retention.override("offlineMs", options.retention.offlineMs);
  retention.override("offlineBytes", options.retention.offlineBytes);
  retention.override("historyMs", options.retention.historyMs);
  retention.override("historyBytes", options.retention.historyBytes);
  options.historyOpen = given.flag("historyOpen");
  return options;
}

napi_value startServer(Call& call) {
  napi_valuetype type = napi_undefined;
  if (napi_typeof(call.env(), call[0], &type) != napi_ok || type != napi_object) {
    call.refuse(0, "an object");
    return nullptr;
  }
  const Options given(call, Napi::Object(call.env(), call[0]));
  server::ServerOptions options = optionsOf(given);
  const bool log = given.flag("log");
  const bool store = given.flag("store");
  const bool engine = given.flag("engine");
  if (call.failed()) {
    return nullptr;
  }
  Port& port = call.port();
  const std::uint32_t handle = port.newHandle();
  if (log) {
    options.log = [mailbox = port.mailbox(), handle](LogLevel level, std::string_view line) {
      pushLogLine(*mailbox, handle, level, line);
    };
  }
  ServerObject& object = port.servers().add(handle, std::make_unique<ServerObject>(port.mailbox(), handle));
  if (store || engine) {
    options.bridge = object.makeBridge(options.log, options.loops);
  }
  if (engine) {
    options.engine =
        std::make_shared<server::BridgeEngine>(options.bridge, options.loops, options.limits.listedMembers);
  }
  if (store) {
    options.store = std::make_shared<server::BridgeStore>(options.bridge);
    options.mediaCatalog = std::make_shared<server::BridgeMediaCatalog>(options.bridge);
  }
  object.start(std::move(options));
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

/// The next orders to JavaScript, as an ArrayBuffer; undefined: none wait.
napi_value serverTakeOrders(Call& call) {
  const ServerObject* server = call.port().servers().find(call.word(0));
  if (server == nullptr || server->bridge() == nullptr) {
    return nullptr;
  }
  const Bytes orders = server->bridge()->takeOrders();
  napi_value buffer = nullptr;
  void* data = nullptr;
  if (orders.empty() || napi_create_arraybuffer(call.env(), orders.size(), &data, &buffer) != napi_ok) {
    return nullptr;
  }
  std::memcpy(data, orders.data(), orders.size());
  return buffer;
}

/// Answers to such orders.
napi_value serverAnswer(Call& call) {
  const ServerObject* server = call.port().servers().find(call.word(0));
  const ByteView batch = call.bytes(1);
  if (server != nullptr && server->bridge() != nullptr && !call.failed()) {
    server->bridge()->receive(batch);
  }
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
  const auto add = [&](const auto& numbers) {
    for (const std::uint64_t number : numbers) {
      result.Set(index++, static_cast<double>(number));
    }
  };
  add(std::initializer_list<std::uint64_t>{stats->connections, stats->sessions, stats->channels, stats->logins,
                                           stats->loginFailures, stats->resumes, stats->kicks, stats->messagesIn,
                                           stats->messagesOut, stats->channelMessagesIn, stats->channelMessagesOut,
                                           stats->queueBytes, stats->loopDelayMs, stats->malformed,
                                           stats->slowConsumers, stats->mediaBytesIn, stats->mediaBytesOut});
  add(stats->loginRefusals);
  const server::StoreStats& store = stats->store;
  add(std::initializer_list<std::uint64_t>{store.offlineMessages, store.appends, store.failures, store.appendUs});
  add(server::kAppendBoundsUs);
  add(store.appendTimes);
  return result;
}

}  // namespace

bool addServerCalls(napi_env env, napi_value object, Port* port) {
  return addMethods(env, object, port,
                    {method<startServer>("startServer"), method<closeServer>("closeServer"),
                     method<releaseServer>("releaseServer"), method<serverTakeOrders>("serverTakeOrders"),
                     method<serverAnswer>("serverAnswer"), method<serverStats>("serverStats")});
}

}  // namespace rtm::binding
