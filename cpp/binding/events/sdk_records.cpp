#include "binding/events/sdk_records.hpp"
#include "client/factory.hpp"

namespace rtm::binding {

using namespace agora::rtm;  // NOLINT(google-build-using-namespace): the drop-in names are long and unmistakable

namespace {

/// What all messages begin with.
void writeHead(Record& record, const IMessage& message) {
  record.word(static_cast<std::uint32_t>(message.getMessageType()) | (message.isOfflineMessage() ? kOfflineMessage : 0))
      .number(message.getMessageId())
      .number(message.getServerReceivedTs())
      .text(orEmpty(message.getText()));
}

template <typename MediaMessage>
void writeMedia(Record& record, const MediaMessage& message) {
  const char* thumbnail = message.getThumbnailData();
  const std::size_t size = thumbnail != nullptr ? static_cast<std::size_t>(message.getThumbnailLength()) : 0;
  record.text(orEmpty(message.getMediaId()))
      .text(orEmpty(message.getFileName()))
      .number(message.getSize())
      .payload(asBytes(std::string_view(thumbnail, size)));
}

}  // namespace

void writeMessage(Record& record, const IMessage& message) {
  const client::MessageView view = client::viewOf(message);
  record.word(static_cast<std::uint32_t>(view.type) | (view.offline ? kOfflineMessage : 0))
      .number(view.messageId)
      .number(view.serverReceivedTs)
      .text(view.text);
  if (view.type == MESSAGE_TYPE_RAW) {
    record.payload(view.raw);
  }
}

void writeFileMessage(Record& record, const IFileMessage& message) {
  writeHead(record, message);
  writeMedia(record, message);
  record.word(0).word(0).word(0).word(0);
}

void writeImageMessage(Record& record, const IImageMessage& message) {
  writeHead(record, message);
  writeMedia(record, message);
  record.code(message.getWidth())
      .code(message.getHeight())
      .code(message.getThumbnailWidth())
      .code(message.getThumbnailHeight());
}

void writeAttributes(Record& record, const IRtmChannelAttribute* const attributes[], int count) {
  record.code(count);
  for (int i = 0; i < count; ++i) {
    const IRtmChannelAttribute& attribute = *attributes[i];
    record.text(orEmpty(attribute.getKey()))
        .text(orEmpty(attribute.getValue()))
        .text(orEmpty(attribute.getLastUpdateUserId()))
        .number(attribute.getLastUpdateTs());
  }
}

}  // namespace rtm::binding
