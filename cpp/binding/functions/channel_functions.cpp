// Functions that concern a channel. Messages to channels are in message_functions.cpp.

#include "binding/functions/function_table.hpp"
#include "binding/functions/with_object.hpp"

namespace rtm::binding {
namespace {

using client::Channel;

/// Handle of a new channel of a service; 0: refused.
napi_value createChannel(Arguments& arguments) {
  const std::uint32_t owner = arguments.word(0);
  const std::string_view channelId = arguments.strictText(1);
  return arguments.failed() ? nullptr : arguments.wordResult(arguments.objects().createChannel(owner, channelId));
}

/// (channel)
template <auto method>
napi_value onChannel(Arguments& arguments) {
  return withChannel(arguments, arguments.word(0), [](Channel& channel) { return (channel.*method)(); });
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
  return table.add({function<createChannel>("createChannel"), function<onChannel<&Channel::join>>("channelJoin"),
                    function<onChannel<&Channel::leave>>("channelLeave"),
                    function<onChannel<&Channel::queryMembers>>("channelGetMembers"),
                    function<releaseChannel>("channelRelease")});
}

}  // namespace rtm::binding
