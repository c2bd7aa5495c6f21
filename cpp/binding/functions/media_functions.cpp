// Functions that move files and images, and make messages of them.

#include "binding/functions/function_table.hpp"
#include "binding/functions/request.hpp"
#include "client/api/message.hpp"
#include "client/media/media.hpp"

namespace rtm::binding {
namespace {

using client::Client;
using client::Media;
using client::MediaDirection;
using client::RequestId;

/// (service, path)
template <bool image>
napi_value upload(Arguments& arguments) {
  const std::uint32_t service = arguments.word(0);
  const std::string_view path = arguments.strictText(1);
  return request(arguments, service,
                 [&](Client& client, RequestId& id) { return client.media().upload(path, image, id); });
}

/// (service, media id)
napi_value downloadToMemory(Arguments& arguments) {
  const std::uint32_t service = arguments.word(0);
  const std::string_view mediaId = arguments.strictText(1);
  return request(arguments, service,
                 [&](Client& client, RequestId& id) { return client.media().downloadToMemory(mediaId, id); });
}

/// (service, media id, path)
napi_value downloadToFile(Arguments& arguments) {
  const std::uint32_t service = arguments.word(0);
  const std::string_view mediaId = arguments.strictText(1);
  const std::string_view path = arguments.strictText(2);
  return request(arguments, service,
                 [&](Client& client, RequestId& id) { return client.media().downloadToFile(mediaId, path, id); });
}

/// (service, request): takes the request id of a running task, and gives none.
template <MediaDirection direction>
napi_value cancelTask(Arguments& arguments) {
  const std::uint32_t service = arguments.word(0);
  const auto task = static_cast<RequestId>(arguments.number(1));
  return request(arguments, service,
                 [&](Client& client, RequestId&) { return client.media().cancel(task, direction); });
}

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
  return table.add(
      {function<createMediaMessage>("createMediaMessage"), function<upload<false>>("createFileMessageByUploading"),
       function<upload<true>>("createImageMessageByUploading"), function<downloadToMemory>("downloadMediaToMemory"),
       function<downloadToFile>("downloadMediaToFile"),
       function<cancelTask<MediaDirection::Download>>("cancelMediaDownload"),
       function<cancelTask<MediaDirection::Upload>>("cancelMediaUpload")});
}

}  // namespace rtm::binding
