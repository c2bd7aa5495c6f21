#include "binding/code_number.hpp"
#include "binding/events/event_records.hpp"
#include "binding/events/message_record.hpp"
#include "binding/events/service_events.hpp"

namespace rtm::binding {

void ServiceEvents::onMediaProgress(client::RequestId request, client::MediaDirection direction, std::uint64_t total,
                                    std::uint64_t moved) {
  const auto totalSize = static_cast<long long>(total);
  const auto currentSize = static_cast<long long>(moved);
  if (direction == client::MediaDirection::Upload) {
    sink_.push(EventKind::UploadProgress,
               [&](Record& record) { records::writeUploadProgress(record, request, totalSize, currentSize); });
  } else {
    sink_.push(EventKind::DownloadProgress,
               [&](Record& record) { records::writeDownloadProgress(record, request, totalSize, currentSize); });
  }
}

/// The message of an upload that failed has no id and no media; its type says which result JavaScript reports.
void ServiceEvents::onUploaded(client::RequestId request, const client::UploadedMedia& media, client::UploadCode code) {
  const client::MessageView message{
      .id = code == client::UploadCode::Ok ? client::nextMessageId() : 0,
      .type = media.image ? client::MessageType::Image : client::MessageType::File,
      .text = {},
      .media = client::MediaView{.mediaId = media.mediaId,
                                 .size = media.size,
                                 .fileName = {},
                                 .thumbnail = {},
                                 .width = media.width,
                                 .height = media.height},
  };
  sink_.push(EventKind::Upload, [&](Record& record) {
    records::writeUpload(record, numberOf(code), request, [&](Record& to) { writeMessage(to, message); });
  });
}

}  // namespace rtm::binding
