#include "client/messages/content.hpp"

#include "base/identifiers.hpp"
#include "wire/frame.hpp"

namespace rtm::client {

namespace {

/// Largest encoded content under any policy: a frame with the longest ids around it still carries it.
constexpr std::size_t kMaxContentBytes = wire::kMaxFrameBody - 256;

wire::MediaInfo toMediaInfo(const MediaView& view) {
  wire::MediaInfo media;
  media.mediaId = view.mediaId;
  media.size = view.size;
  media.fileName = view.fileName;
  media.thumbnail = view.thumbnail;
  media.width = view.width;
  media.height = view.height;
  media.thumbnailWidth = view.thumbnailWidth;
  media.thumbnailHeight = view.thumbnailHeight;
  return media;
}

MediaView toMediaView(const wire::MediaInfo& media) {
  return {.mediaId = media.mediaId,
          .size = media.size,
          .fileName = media.fileName,
          .thumbnail = media.thumbnail,
          .width = media.width,
          .height = media.height,
          .thumbnailWidth = media.thumbnailWidth,
          .thumbnailHeight = media.thumbnailHeight};
}

bool carriesMedia(MessageType type) {
  return type == MessageType::File || type == MessageType::Image;
}

}  // namespace

std::string describe(const OutgoingContent& out, std::size_t maxBytes) {
  switch (out.problem) {
    case ContentProblem::NotUtf8:
      return "message: a text, description or file name is not UTF-8 (or has half a surrogate pair)";
    case ContentProblem::UnknownType:
      return "message: null, or of a type that cannot be sent";
    case ContentProblem::TooLarge:
    case ContentProblem::None:
      break;
  }
  const std::optional<wire::MediaInfo>& media = out.content.media;
  const std::size_t size =
      out.content.text.size() + out.content.raw.size() + (media ? media->fileName.size() + media->thumbnail.size() : 0);
  return "message: " + std::to_string(size) + " bytes of text, data, file name and thumbnail, at most " +
         std::to_string(maxBytes != 0 ? maxBytes : kMaxContentBytes);
}

OutgoingContent toContent(const MessageView& message, std::size_t maxBytes) {
  OutgoingContent out;
  out.content.messageId = static_cast<std::uint64_t>(message.id);
  out.content.type = static_cast<wire::ContentType>(message.type);
  out.content.text = message.text;
  if (message.type == MessageType::Raw) out.content.raw = message.raw;
  std::size_t size = message.text.size() + out.content.raw.size();
  if (carriesMedia(message.type) && message.media) {
    out.content.media = toMediaInfo(*message.media);
  } else if (message.type != MessageType::Text && message.type != MessageType::Raw) {
    out.problem = ContentProblem::UnknownType;
    return out;
  }
  const std::optional<wire::MediaInfo>& media = out.content.media;
  if (media) size += media->fileName.size() + media->thumbnail.size();
  if ((maxBytes != 0 && size > maxBytes) || wire::encodedSize(out.content) > kMaxContentBytes) {
    out.problem = ContentProblem::TooLarge;
  } else if (!isValidUtf8(message.text) || (media && !(isValidUtf8(media->fileName) && isValidUtf8(media->mediaId)))) {
    out.problem = ContentProblem::NotUtf8;
  }
  return out;
}

ByteView encodeContent(const wire::Content& content) {
  thread_local Bytes scratch;
  const std::size_t size = wire::encodedSize(content);
  if (scratch.size() < size) scratch.resize(size);  // never smaller: growing again would clear it again
  wire::encode(content, scratch.data());
  return ByteView(scratch).first(size);
}

MessageView toView(const wire::Content& content, std::uint64_t serverTimeMs, bool offline) {
  // An enum must hold only values that it names.
  const MessageType type =
      content.type <= wire::ContentType::Image ? static_cast<MessageType>(content.type) : MessageType::Undefined;
  MessageView view{
      .id = static_cast<long long>(content.messageId.value),
      .type = type,
      .text = content.text,
      // The payload is a raw message's alone; a sender's mistake must not give a text a length without data.
      .raw = type == MessageType::Raw ? content.raw : ByteView(),
      .serverReceivedMs = static_cast<long long>(serverTimeMs),
      .offline = offline};
  if (carriesMedia(type)) view.media = content.media ? toMediaView(*content.media) : MediaView{};
  return view;
}

OwnedMessage::OwnedMessage(const MessageView& message)
    : head_(message), text_(message.text), raw_(asText(message.raw)) {
  if (!message.media) return;
  mediaId_ = message.media->mediaId;
  fileName_ = message.media->fileName;
  thumbnail_.assign(message.media->thumbnail.begin(), message.media->thumbnail.end());
}

MessageView OwnedMessage::view() const {
  MessageView view = head_;
  view.text = text_;
  view.raw = asBytes(raw_);
  if (view.media) {
    view.media->mediaId = mediaId_;
    view.media->fileName = fileName_;
    view.media->thumbnail = thumbnail_;
  }
  return view;
}

}  // namespace rtm::client
