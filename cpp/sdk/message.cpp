#include "sdk/message.hpp"

#include <typeinfo>

#include "base/bytes.hpp"

namespace rtm::sdk {

using namespace agora::rtm;  // NOLINT(google-build-using-namespace): the drop-in names are long and unmistakable

namespace {

std::string thumbnailCopy(const uint8_t* data, long long length) {
  if (data == nullptr || length <= 0) return {};
  return {reinterpret_cast<const char*>(data), static_cast<std::size_t>(length)};
}

client::MediaView mediaOf(const MessageData& data) {
  return {.mediaId = data.mediaId,
          .size = static_cast<std::uint64_t>(data.size),
          .fileName = data.fileName,
          .thumbnail = asBytes(data.thumbnail),
          .width = static_cast<std::uint32_t>(data.width),
          .height = static_cast<std::uint32_t>(data.height),
          .thumbnailWidth = static_cast<std::uint32_t>(data.thumbnailWidth),
          .thumbnailHeight = static_cast<std::uint32_t>(data.thumbnailHeight)};
}

client::MessageView viewOfData(const MessageData& data) {
  return {.id = data.messageId,
          .type = static_cast<client::MessageType>(data.type),
          .text = data.text,
          .raw = asBytes(data.raw),
          .serverReceivedMs = data.serverReceivedTs,
          .offline = data.offline};
}

template <typename MediaMessage>
client::MessageView viewOfMedia(const IMessage& message) {
  const MessageData& data = static_cast<const MediaMessage&>(message).data();
  client::MessageView view = viewOfData(data);
  view.media = mediaOf(data);
  return view;
}

}  // namespace

void FileMessage::setThumbnail(const uint8_t* thumbnail, int length) {
  data_.thumbnail = thumbnailCopy(thumbnail, length);
}

void ImageMessage::setThumbnail(const uint8_t* thumbnail, long long length) {
  data_.thumbnail = thumbnailCopy(thumbnail, length);
}

const char* ReceivedMessage::getText() const {
  if (text_.empty()) text_ = view_.text;
  return text_.c_str();
}

client::MessageView viewOf(const IMessage* object) {
  if (object == nullptr) return {};
  const IMessage& message = *object;
  // Exact types first: a compare of two pointers, and text keeps its length even with a NUL inside.
  const std::type_info& type = typeid(message);
  if (type == typeid(ReceivedMessage)) return static_cast<const ReceivedMessage&>(message).view();
  if (type == typeid(TextMessage)) return viewOfData(static_cast<const TextMessage&>(message).data());
  if (type == typeid(FileMessage)) return viewOfMedia<FileMessage>(message);
  if (type == typeid(ImageMessage)) return viewOfMedia<ImageMessage>(message);
  // An application's own class: all that the interface tells, which is too little of a file or image.
  client::MessageView view{.id = message.getMessageId(),
                           .type = static_cast<client::MessageType>(message.getMessageType())};
  if (const char* text = message.getText()) view.text = text;
  const char* raw = message.getRawMessageData();
  if (view.type == client::MessageType::Raw && raw != nullptr && message.getRawMessageLength() > 0) {
    view.raw = asBytes({raw, static_cast<std::size_t>(message.getRawMessageLength())});
  }
  view.serverReceivedMs = message.getServerReceivedTs();
  view.offline = message.isOfflineMessage();
  return view;
}

MessageData toData(const client::MessageView& view) {
  MessageData data;
  data.messageId = view.id;
  data.type = static_cast<MESSAGE_TYPE>(view.type);
  data.text = view.text;
  data.raw = asText(view.raw);
  data.serverReceivedTs = view.serverReceivedMs;
  data.offline = view.offline;
  if (!view.media) return data;
  const client::MediaView& media = *view.media;
  data.mediaId = media.mediaId;
  data.size = static_cast<long long>(media.size);
  data.fileName = media.fileName;
  data.thumbnail = asText(media.thumbnail);
  data.width = static_cast<int>(media.width);
  data.height = static_cast<int>(media.height);
  data.thumbnailWidth = static_cast<int>(media.thumbnailWidth);
  data.thumbnailHeight = static_cast<int>(media.thumbnailHeight);
  return data;
}

}  // namespace rtm::sdk
