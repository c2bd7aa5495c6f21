// Functions that move files and images, and make messages of them.

#include "binding/functions/request.hpp"

namespace rtm::binding {

using namespace agora::rtm;  // NOLINT(google-build-using-namespace): the drop-in names are long and unmistakable

namespace {

/// A path; null for a string that a C string cannot hold, because the bytes of kUnusable could be the name of a file.
const char* pathOf(Arguments& arguments, std::size_t index) {
  const char* path = arguments.cString(index);
  return path == Arguments::kUnusable ? nullptr : path;
}

/// (service, path)
template <int (IRtmService::*method)(const char*, long long&)>
napi_value withPath(Arguments& arguments) {
  const std::uint32_t handle = arguments.word(0);
  const char* path = pathOf(arguments, 1);
  return request(arguments, handle, [&](IRtmService& service, long long& id) { return (service.*method)(path, id); });
}

/// (service, media id, path)
napi_value downloadToFile(Arguments& arguments) {
  const std::uint32_t handle = arguments.word(0);
  const char* mediaId = arguments.cString(1);
  const char* path = pathOf(arguments, 2);
  return request(arguments, handle,
                 [&](IRtmService& service, long long& id) { return service.downloadMediaToFile(mediaId, path, id); });
}

/// (service, request): takes the request id of a running task, and gives none.
template <int (IRtmService::*method)(long long)>
napi_value cancelTask(Arguments& arguments) {
  const std::uint32_t handle = arguments.word(0);
  const auto task = static_cast<long long>(arguments.number(1));
  return request(arguments, handle, [&](IRtmService& service, long long&) { return (service.*method)(task); });
}

/// (service, media id, whether it is an image): the message id for a new file or image message; 0: refused. The message
/// object itself lives in JavaScript.
napi_value createMediaMessage(Arguments& arguments) {
  const std::uint32_t handle = arguments.word(0);
  const char* mediaId = arguments.cString(1);
  const bool image = arguments.boolean(2);
  if (arguments.failed()) {
    return nullptr;
  }
  ServiceObject* object = arguments.objects().services().find(handle);
  long long messageId = 0;
  const auto take = [&](IMessage* message) {
    if (message != nullptr) {
      messageId = message->getMessageId();
      message->release();
    }
  };
  if (object != nullptr && image) {
    take(object->service.createImageMessageByMediaId(mediaId));
  } else if (object != nullptr) {
    take(object->service.createFileMessageByMediaId(mediaId));
  }
  return arguments.numberResult(static_cast<double>(messageId));
}

}  // namespace

bool addMediaFunctions(FunctionTable& table) {
  using S = IRtmService;
  return table.add({function<createMediaMessage>("createMediaMessage"),
                    function<withPath<&S::createFileMessageByUploading>>("createFileMessageByUploading"),
                    function<withPath<&S::createImageMessageByUploading>>("createImageMessageByUploading"),
                    function<withText<&S::downloadMediaToMemory>>("downloadMediaToMemory"),
                    function<downloadToFile>("downloadMediaToFile"),
                    function<cancelTask<&S::cancelMediaDownload>>("cancelMediaDownload"),
                    function<cancelTask<&S::cancelMediaUpload>>("cancelMediaUpload")});
}

}  // namespace rtm::binding
