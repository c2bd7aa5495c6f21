#include "binding/events/message_record.hpp"

#include "binding/events/event_records.hpp"

namespace rtm::binding {

void writeMessage(Record& record, const client::MessageView& message) {
  const auto type = static_cast<std::uint32_t>(message.type);
  records::writeMessageHead(record, type | (message.offline ? kOfflineMessage : 0), message.id,
                            message.serverReceivedMs, message.text);
  if (message.type == client::MessageType::Raw) {
    record.payload(message.raw);
  } else if (message.media) {
    const client::MediaView& media = *message.media;
    const bool image = message.type == client::MessageType::Image;  // only images have sizes in pixels
    records::writeMedia(record, media.mediaId, media.fileName, static_cast<long long>(media.size), media.thumbnail,
                        image ? media.width : 0, image ? media.height : 0, image ? media.thumbnailWidth : 0,
                        image ? media.thumbnailHeight : 0);
  }
}

}  // namespace rtm::binding
