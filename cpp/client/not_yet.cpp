// The one list of what the 1.5.0 surface has and this library does not do yet. Each entry answers with the failure that
// its own error enum documents for "other failure" (null for factories), so that a program sees an honest refusal; none
// pretends. docs/not-yet.md says the same to users. An entry leaves this file when its feature arrives.

#include "client/service.hpp"

namespace rtm::client {

using namespace agora::rtm;  // NOLINT(google-build-using-namespace): the drop-in names are long and unmistakable

#define RTM_NOT_YET(call, answer)                             \
  int Service::call {                                         \
    return initialized_ ? (loggedIn_ ? (answer) : 102) : 101; \
  }

// Media.
RTM_NOT_YET(downloadMediaToMemory(const char*, long long&), DOWNLOAD_MEDIA_ERR_FAILURE)
RTM_NOT_YET(downloadMediaToFile(const char*, const char*, long long&), DOWNLOAD_MEDIA_ERR_FAILURE)
RTM_NOT_YET(cancelMediaDownload(long long), CANCEL_MEDIA_ERR_NOT_EXIST)
RTM_NOT_YET(cancelMediaUpload(long long), CANCEL_MEDIA_ERR_NOT_EXIST)
RTM_NOT_YET(createFileMessageByUploading(const char*, long long&), UPLOAD_MEDIA_ERR_FAILURE)
RTM_NOT_YET(createImageMessageByUploading(const char*, long long&), UPLOAD_MEDIA_ERR_FAILURE)
IFileMessage* Service::createFileMessageByMediaId(const char*) {
  return nullptr;
}
IImageMessage* Service::createImageMessageByMediaId(const char*) {
  return nullptr;
}

#undef RTM_NOT_YET

}  // namespace rtm::client
