// Functions that start and stop a server, and functions by which JavaScript serves the operations of a server and reads
// its numbers.

#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "binding/arguments/server_options.hpp"
#include "binding/events/log_events.hpp"
#include "binding/functions/function_table.hpp"
#include "binding/functions/usage_rows.hpp"
#include "server/bridge/bridge_callout.hpp"
#include "server/bridge/bridge_engine.hpp"
#include "server/bridge/bridge_media_catalog.hpp"
#include "server/bridge/bridge_store.hpp"

namespace rtm::binding {
namespace {

napi_value startServer(Arguments& arguments) {
  napi_valuetype type = napi_undefined;
  if (napi_typeof(arguments.env(), arguments[0], &type) != napi_ok || type != napi_object) {
    arguments.refuse(0, "an object");
    return nullptr;
  }
  const OptionsObject given(arguments, Napi::Object(arguments.env(), arguments[0]));
  server::ServerOptions options = serverOptions(given);
  const bool log = given.flag("log");
  const bool store = given.flag("store");
  const bool engine = given.flag("engine");
  const std::vector<std::string> asked = given.texts("callout");
  if (arguments.failed()) {
    return nullptr;
  }
  const std::shared_ptr<Mailbox>& mailbox = arguments.environment().mailbox();
  const std::uint32_t handle = arguments.objects().newHandle();
  if (log) {
    options.log = [mailbox, handle](LogLevel level, std::string_view line) {
      pushLogLine(*mailbox, handle, level, line);
    };
  }
  ServerObject& object = arguments.objects().servers().add(handle, std::make_unique<ServerObject>(mailbox, handle));
  if (store || engine || !asked.empty()) {
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
  if (!asked.empty()) {
    options.callout = std::make_shared<server::BridgeCallout>(options.bridge, asked);
  }
  object.start(std::move(options));
  return arguments.wordResult(handle);
}

napi_value closeServer(Arguments& arguments) {
  ServerObject* server = arguments.objects().servers().find(arguments.word(0));
  if (server != nullptr) {
    server->close();
  }
  return nullptr;
}

/// Frees a server that has reported that it did not start, or that it is closed.
napi_value releaseServer(Arguments& arguments) {
  arguments.objects().servers().remove(arguments.word(0));
  return nullptr;
}

/// The next operations for JavaScript, as an ArrayBuffer; undefined: none wait.
napi_value serverTakeOperations(Arguments& arguments) {
  const ServerObject* server = arguments.objects().servers().find(arguments.word(0));
  if (server == nullptr || server->bridge() == nullptr) {
    return nullptr;
  }
  const Bytes operations = server->bridge()->takeOperations();
  napi_value buffer = nullptr;
  void* data = nullptr;
  if (operations.empty() || napi_create_arraybuffer(arguments.env(), operations.size(), &data, &buffer) != napi_ok) {
    return nullptr;
  }
  std::memcpy(data, operations.data(), operations.size());
  return buffer;
}

/// JavaScript answers operations, as a batch.
napi_value serverAnswer(Arguments& arguments) {
  const ServerObject* server = arguments.objects().servers().find(arguments.word(0));
  const ByteView batch = arguments.bytes(1);
  if (server != nullptr && server->bridge() != nullptr && !arguments.failed()) {
    server->bridge()->receive(batch);
  }
  return nullptr;
}

napi_value serverStats(Arguments& arguments) {
  ServerObject* server = arguments.objects().servers().find(arguments.word(0));
  const std::unique_ptr<server::ServerStats> stats = server != nullptr ? server->stats() : nullptr;
  if (stats == nullptr) {
    return nullptr;
  }
  Napi::Array result = Napi::Array::New(arguments.env());
  std::uint32_t index = 0;
  const auto add = [&](const auto& numbers) {
    for (const std::uint64_t number : numbers) {
      result.Set(index++, static_cast<double>(number));
    }
  };
  add(stats->inOrder());
  add(stats->store.inOrder());
  return result;
}

/// [bytes of each App, rows of users, rows of channels]
napi_value serverUsage(Arguments& arguments) {
  ServerObject* server = arguments.objects().servers().find(arguments.word(0));
  const std::uint32_t most = arguments.word(1);
  std::vector<server::UserUsage> users;
  std::vector<std::uint64_t> apps;
  std::vector<server::ChannelUsage> channels;
  if (server != nullptr) {
    server->with([&](const server::Server& running) {
      users = running.heaviestUsers(most);
      apps = running.appBytes();
      channels = running.heaviestChannels(most);
    });
  }
  if (apps.empty()) {
    return nullptr;
  }
  const Napi::Env env = arguments.env();
  Napi::Array appList = Napi::Array::New(env);
  for (std::uint32_t i = 0; i < apps.size(); ++i) {
    appList.Set(i, static_cast<double>(apps[i]));
  }
  const auto rowsOf = [&env](const auto& usages) {
    Napi::Array rows = Napi::Array::New(env);
    for (std::uint32_t i = 0; i < usages.size(); ++i) {
      rows.Set(i, rowOf(env, usages[i]));
    }
    return rows;
  };
  Napi::Array result = Napi::Array::New(env);
  result.Set(0U, appList);
  result.Set(1U, rowsOf(users));
  result.Set(2U, rowsOf(channels));
  return result;
}

}  // namespace

bool addServerFunctions(FunctionTable& table) {
  return table.add({function<startServer>("startServer"), function<closeServer>("closeServer"),
                    function<releaseServer>("releaseServer"), function<serverTakeOperations>("serverTakeOperations"),
                    function<serverAnswer>("serverAnswer"), function<serverStats>("serverStats"),
                    function<serverUsage>("serverUsage")});
}

}  // namespace rtm::binding
