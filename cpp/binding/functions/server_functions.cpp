// Functions that start and stop a server, and functions by which JavaScript serves the operations of a server and reads
// its numbers.

#include <cstring>
#include <initializer_list>
#include <string>
#include <utility>
#include <vector>

#include "binding/arguments/server_options.hpp"
#include "binding/events/log_events.hpp"
#include "binding/functions/function_table.hpp"
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
  const server::StoreStats& store = stats->store;
  add(std::initializer_list<std::uint64_t>{store.offlineMessages, store.appends, store.failures, store.appendUs});
  add(server::kAppendBoundsUs);
  add(store.appendTimes);
  return result;
}

/// [bytes of each App, [App, user id, bytes, bytes of each category…] of each user,
///  [App, channel id, bytes, members] of each channel]
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
  Napi::Array userList = Napi::Array::New(env);
  for (std::uint32_t i = 0; i < users.size(); ++i) {
    const server::UserUsage& user = users[i];
    Napi::Array row = Napi::Array::New(env);
    std::uint32_t column = 0;
    row.Set(column++, static_cast<double>(user.app));
    row.Set(column++, Napi::String::New(env, user.userId));
    row.Set(column++, static_cast<double>(user.bytes));
    for (const std::uint64_t bytes : user.categories) {
      row.Set(column++, static_cast<double>(bytes));
    }
    userList.Set(i, row);
  }
  Napi::Array channelList = Napi::Array::New(env);
  for (std::uint32_t i = 0; i < channels.size(); ++i) {
    const server::ChannelUsage& channel = channels[i];
    Napi::Array row = Napi::Array::New(env);
    row.Set(0U, static_cast<double>(channel.app));
    row.Set(1U, Napi::String::New(env, channel.channelId));
    row.Set(2U, static_cast<double>(channel.bytes));
    row.Set(3U, static_cast<double>(channel.members));
    channelList.Set(i, row);
  }
  Napi::Array result = Napi::Array::New(env);
  result.Set(0U, appList);
  result.Set(1U, userList);
  result.Set(2U, channelList);
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
