// Functions of a port that concern a channel. An unknown handle is answered like a channel of a released service.

#include "binding/arguments/send_arguments.hpp"
#include "binding/environment/native_environment.hpp"
#include "binding/functions/function_table.hpp"

namespace rtm::binding {

using namespace agora::rtm;  // NOLINT(google-build-using-namespace): the drop-in names are long and unmistakable

namespace {

template <typename Act>
napi_value withChannel(Call& call, std::uint32_t handle, Act&& act) {
  if (call.failed()) {
    return nullptr;
  }
  ChannelObject* object = call.port().channels().find(handle);
  return call.integerResult(object != nullptr ? act(*object->channel) : kNotInitialized);
}

/// Handle of a new channel of a service; 0: refused. lib/ asks once per id, since the core has one object per id too.
napi_value createChannel(Call& call) {
  const std::uint32_t owner = call.word(0);
  const char* channelId = call.cString(1);
  if (call.failed()) {
    return nullptr;
  }
  Port& port = call.port();
  ServiceObject* service = port.services().find(owner);
  if (service == nullptr) {
    return call.wordResult(0);
  }
  const std::uint32_t handle = port.newHandle();
  auto object = std::make_unique<ChannelObject>(service->throttle, handle, owner);
  object->channel = service->service.createChannel(channelId, &object->events);
  if (object->channel == nullptr) {
    return call.wordResult(0);
  }
  service->channels.insert(handle);
  port.channels().add(handle, std::move(object));
  return call.wordResult(handle);
}

napi_value join(Call& call) {
  return withChannel(call, call.word(0), [](IChannel& channel) { return channel.join(); });
}

napi_value leave(Call& call) {
  return withChannel(call, call.word(0), [](IChannel& channel) { return channel.leave(); });
}

napi_value sendToChannel(Call& call) {
  const std::uint32_t handle = call.word(0);
  const SendArguments arguments(call, 1);
  return withChannel(call, handle,
                     [&](IChannel& channel) { return channel.sendMessage(arguments.message(), arguments.options); });
}

napi_value sendTextToChannel(Call& call) {
  const TextSend send(call, 0);
  return withChannel(call, send.handle,
                     [&](IChannel& channel) { return channel.sendMessage(send.message(), send.options); });
}

napi_value getMembers(Call& call) {
  return withChannel(call, call.word(0), [](IChannel& channel) { return channel.getMembers(); });
}

napi_value releaseChannel(Call& call) {
  const std::uint32_t handle = call.word(0);
  if (!call.failed()) {
    call.port().releaseChannel(handle);
  }
  return nullptr;
}

}  // namespace

bool addChannelCalls(napi_env env, napi_value object, Port* port) {
  return addMethods(env, object, port,
                    {method<createChannel>("createChannel"), method<join>("channelJoin"), method<leave>("channelLeave"),
                     method<sendToChannel>("channelSend"), method<sendTextToChannel>("channelSendText"),
                     method<getMembers>("channelGetMembers"), method<releaseChannel>("channelRelease")});
}

}  // namespace rtm::binding
