// The function that makes messages of files and images.

#include "binding/functions/function_table.hpp"
#include "client/api/message.hpp"
#include "client/client.hpp"
#include "client/media/media.hpp"

namespace rtm::binding {
namespace {

using client::Media;

/// (service, media id): the message id for a new file or image message; 0: refused. The message object itself lives in
/// JavaScript.
napi_value createMediaMessage(Arguments& arguments) {
  const std::uint32_t handle = arguments.word(0);
  const std::string_view mediaId = arguments.strictText(1);
  if (arguments.failed()) {
    return nullptr;
  }
  const ServiceObject* service = arguments.objects().services().find(handle);
  const bool accepted = service != nullptr && service->client->loggedIn() && Media::isMediaId(mediaId);
  return arguments.numberResult(static_cast<double>(accepted ? client::nextMessageId() : 0));
}

}  // namespace

bool addMediaFunctions(FunctionTable& table) {
  return table.add({function<createMediaMessage>("createMediaMessage")});
}

}  // namespace rtm::binding
