// Functions that send messages to peers and channels.

#include "binding/arguments/send_arguments.hpp"
#include "binding/functions/function_table.hpp"
#include "binding/functions/with_object.hpp"
#include "client/factory.hpp"

namespace rtm::binding {
namespace {

napi_value sendToPeer(Arguments& arguments) {
  const std::uint32_t handle = arguments.word(0);
  const char* peerId = arguments.cString(1);
  const SendArguments sent(arguments, 2);
  return withService(arguments, handle, kNotInitialized, [&](ServiceObject& object) {
    return object.service.sendMessageToPeer(peerId, sent.message(), sent.options);
  });
}

/// The short way for a text. Its numbers come in the column of arguments: reading one from there costs nothing, while
/// reading one through Node-API costs as much as a short string.
napi_value sendTextToPeer(Arguments& arguments) {
  const char* peerId = arguments.cString(0);
  const TextSend sent(arguments, 1);
  return withService(arguments, sent.handle, kNotInitialized, [&](ServiceObject& object) {
    return object.service.sendMessageToPeer(peerId, sent.message(), sent.options);
  });
}

napi_value sendToChannel(Arguments& arguments) {
  const std::uint32_t handle = arguments.word(0);
  const SendArguments sent(arguments, 1);
  return withChannel(arguments, handle,
                     [&](ChannelObject& object) { return object.channel->sendMessage(sent.message(), sent.options); });
}

napi_value sendTextToChannel(Arguments& arguments) {
  const TextSend sent(arguments, 0);
  return withChannel(arguments, sent.handle,
                     [&](ChannelObject& object) { return object.channel->sendMessage(sent.message(), sent.options); });
}

napi_value flush(Arguments& arguments) {
  const std::uint32_t handle = arguments.word(0);
  if (ServiceObject* object = arguments.objects().services().find(handle)) {
    client::flushSends(object->service, arguments.word(1) != 0);
  }
  return nullptr;
}

}  // namespace

bool addMessageFunctions(FunctionTable& table) {
  return table.add({function<sendToPeer>("serviceSend"), function<sendTextToPeer>("serviceSendText"),
                    function<sendToChannel>("channelSend"), function<sendTextToChannel>("channelSendText"),
                    function<flush>("serviceFlush")});
}

}  // namespace rtm::binding
