#include "binding/events/sdk_records.hpp"
#include "binding/events/service_events.hpp"

namespace rtm::binding {

using namespace agora::rtm;  // NOLINT(google-build-using-namespace): the drop-in names are long and unmistakable

namespace {

/// The place of the message of an upload that failed: its kind says which callback it is.
void writeNoMessage(Record& record, MESSAGE_TYPE type) {
  record.code(type).number(0).number(0).text({}).text({}).text({}).number(0).payload({});
  record.word(0).word(0).word(0).word(0);
}

}  // namespace

void ServiceEvents::onFileMediaUploadResult(long long requestId, IFileMessage* fileMessage,
                                            UPLOAD_MEDIA_ERR_CODE code) {
  push(EventKind::Upload, [&](Record& record) {
    record.code(code).number(requestId);
    if (fileMessage != nullptr) {
      writeFileMessage(record, *fileMessage);
    } else {
      writeNoMessage(record, MESSAGE_TYPE_FILE);
    }
  });
  if (fileMessage != nullptr) {
    fileMessage->release();  // it is ours, and JavaScript has its own
  }
}

void ServiceEvents::onImageMediaUploadResult(long long requestId, IImageMessage* imageMessage,
                                             UPLOAD_MEDIA_ERR_CODE code) {
  push(EventKind::Upload, [&](Record& record) {
    record.code(code).number(requestId);
    if (imageMessage != nullptr) {
      writeImageMessage(record, *imageMessage);
    } else {
      writeNoMessage(record, MESSAGE_TYPE_IMAGE);
    }
  });
  if (imageMessage != nullptr) {
    imageMessage->release();
  }
}

void ServiceEvents::onMediaUploadingProgress(long long requestId, const MediaOperationProgress& progress) {
  push(EventKind::UploadProgress,
       [&](Record& record) { record.number(requestId).number(progress.totalSize).number(progress.currentSize); });
}

void ServiceEvents::onMediaDownloadingProgress(long long requestId, const MediaOperationProgress& progress) {
  push(EventKind::DownloadProgress,
       [&](Record& record) { record.number(requestId).number(progress.totalSize).number(progress.currentSize); });
}

void ServiceEvents::onMediaDownloadToFileResult(long long requestId, DOWNLOAD_MEDIA_ERR_CODE code) {
  pushResult(EventKind::DownloadToFile, requestId, code);
}

void ServiceEvents::onMediaDownloadToMemoryResult(long long requestId, const char* memory, long long length,
                                                  DOWNLOAD_MEDIA_ERR_CODE code) {
  const std::size_t size = memory != nullptr ? static_cast<std::size_t>(length) : 0;
  push(EventKind::DownloadToMemory,
       [&](Record& record) { record.code(code).number(requestId).payload(asBytes(std::string_view(memory, size))); });
}

void ServiceEvents::onMediaCancelResult(long long requestId, CANCEL_MEDIA_ERR_CODE code) {
  pushResult(EventKind::CancelMedia, requestId, code);
}

}  // namespace rtm::binding
