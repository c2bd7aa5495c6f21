// Functions that concern a channel. Messages to channels are in message_functions.cpp.

#include "binding/functions/function_table.hpp"
#include "binding/functions/with_object.hpp"

namespace rtm::binding {

using namespace agora::rtm;  // NOLINT(google-build-using-namespace): the drop-in names are long and unmistakable

namespace {

/// Handle of a new channel of a service; 0: refused.
napi_value createChannel(Arguments& arguments) {
  const std::uint32_t owner = arguments.word(0);
  const char* channelId = arguments.cString(1);
  return arguments.failed() ? nullptr : arguments.wordResult(arguments.objects().createChannel(owner, channelId));
}

napi_value join(Arguments& arguments) {
  return withChannel(arguments, arguments.word(0), [](ChannelObject& object) { return object.channel->join(); });
}

napi_value leave(Arguments& arguments) {
  return withChannel(arguments, arguments.word(0), [](ChannelObject& object) { return object.channel->leave(); });
}

napi_value getMembers(Arguments& arguments) {
  return withChannel(arguments, arguments.word(0), [](ChannelObject& object) { return object.channel->getMembers(); });
}

napi_value releaseChannel(Arguments& arguments) {
  const std::uint32_t handle = arguments.word(0);
  if (!arguments.failed()) {
    arguments.objects().releaseChannel(handle);
  }
  return nullptr;
}

}  // namespace

bool addChannelFunctions(FunctionTable& table) {
  return table.add({function<createChannel>("createChannel"), function<join>("channelJoin"),
                    function<leave>("channelLeave"),

                    function<getMembers>("channelGetMembers"), function<releaseChannel>("channelRelease")});
}

}  // namespace rtm::binding
