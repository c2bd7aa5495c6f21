// Functions that send messages to peers and channels.

#include "binding/arguments/send_arguments.hpp"
#include "binding/functions/function_table.hpp"
#include "binding/functions/with_object.hpp"
#include "client/messages/messages.hpp"

namespace rtm::binding {
namespace {

napi_value sendToPeer(Arguments& arguments) {
  const std::uint32_t handle = arguments.word(0);
  const std::string_view peerId = arguments.strictText(1);
  const SendArguments sent = sendArguments(arguments, 2);
  return withService(arguments, handle, kNotInitialized, [&](ServiceObject& object) {
    return object.client->messages().send(peerId, sent.message, sent.options);
  });
}

/// The short way for a text. Its numbers come in the column of arguments: reading one from there costs nothing, while
/// reading one through Node-API costs as much as a short string.
napi_value sendTextToPeer(Arguments& arguments) {
  const std::string_view peerId = arguments.strictText(0);
  const TextSend send = textSend(arguments, 1);
  return withService(arguments, send.handle, kNotInitialized, [&](ServiceObject& object) {
    return object.client->messages().send(peerId, send.sent.message, send.sent.options);
  });
}

napi_value sendToChannel(Arguments& arguments) {
  const std::uint32_t handle = arguments.word(0);
  const SendArguments sent = sendArguments(arguments, 1);
  return withChannel(arguments, handle,
                     [&](client::Channel& channel) { return channel.send(sent.message, sent.options); });
}

napi_value sendTextToChannel(Arguments& arguments) {
  const TextSend send = textSend(arguments, 0);
  return withChannel(arguments, send.handle,
                     [&](client::Channel& channel) { return channel.send(send.sent.message, send.sent.options); });
}

/// (service, message id). Whether the message never left.
napi_value withdrawFromPeer(Arguments& arguments) {
  const std::uint32_t handle = arguments.word(0);
  const auto id = static_cast<long long>(arguments.number(1));
  return withService(arguments, handle, 0,
                     [&](ServiceObject& object) { return object.client->messages().withdraw(id) ? 1 : 0; });
}

/// (channel, message id). Whether the message never left.
napi_value withdrawFromChannel(Arguments& arguments) {
  const std::uint32_t handle = arguments.word(0);
  const auto id = static_cast<long long>(arguments.number(1));
  if (arguments.failed()) {
    return nullptr;
  }
  ChannelObject* object = arguments.objects().channels().find(handle);
  return arguments.integerResult(object != nullptr && object->channel->withdraw(id) ? 1 : 0);
}

napi_value flush(Arguments& arguments) {
  const std::uint32_t handle = arguments.word(0);
  if (ServiceObject* object = arguments.objects().services().find(handle)) {
    object->client->flushSends(arguments.word(1) != 0);
  }
  return nullptr;
}

}  // namespace

bool addMessageFunctions(FunctionTable& table) {
  return table.add({function<sendToPeer>("serviceSend"), function<sendTextToPeer>("serviceSendText"),
                    function<sendToChannel>("channelSend"), function<sendTextToChannel>("channelSendText"),
                    function<withdrawFromPeer>("serviceWithdrawMessage"),
                    function<withdrawFromChannel>("channelWithdraw"), function<flush>("serviceFlush")});
}

}  // namespace rtm::binding
