#include "client/message.hpp"

#include <atomic>
#include <chrono>
#include <optional>
#include <random>
#include <typeinfo>

#include "base/identifiers.hpp"
#include "wire/frame.hpp"

namespace rtm::client {

using namespace agora::rtm;  // NOLINT(google-build-using-namespace): the drop-in names are long and unmistakable

namespace {

/// Largest encoded content under any policy: a frame with the longest ids around it still carries it.
constexpr std::size_t kMaxContentBytes = wire::kMaxFrameBody - 256;

std::string thumbnailCopy(const uint8_t* data, long long length) {
  if (data == nullptr || length <= 0) return {};
  return {reinterpret_cast<const char*>(data), static_cast<std::size_t>(length)};
}

wire::MediaInfo mediaOf(const MessageData& data) {
  wire::MediaInfo media;
  media.mediaId = data.mediaId;
  media.size = static_cast<std::uint64_t>(data.size);
  media.fileName = data.fileName;
  media.thumbnail = asBytes(data.thumbnail);
  media.width = static_cast<std::uint32_t>(data.width);
  media.height = static_cast<std::uint32_t>(data.height);
  media.thumbnailWidth = static_cast<std::uint32_t>(data.thumbnailWidth);
  media.thumbnailHeight = static_cast<std::uint32_t>(data.thumbnailHeight);
  return media;
}

/// An enum without a fixed type must not hold what it does not name.
MESSAGE_TYPE typeOf(const wire::Content& content) {
  return content.type <= wire::ContentType::Image ? static_cast<MESSAGE_TYPE>(content.type) : MESSAGE_TYPE_UNDEFINED;
}

/// The payload is a raw message's alone; a sender's mistake must not give a text message a length without data.
ByteView rawOf(const wire::Content& content) {
  return content.type == wire::ContentType::Raw ? content.raw : ByteView();
}

MessageView viewOfData(const MessageData& data) {
  return {data.messageId, data.type, data.text, asBytes(data.raw), data.serverReceivedTs, data.offline};
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

MessageView viewOf(const IMessage& message) {
  // Exact types first: a compare of two pointers, and text keeps its length even with a NUL inside.
  const std::type_info& type = typeid(message);
  if (type == typeid(ReceivedMessage)) return static_cast<const ReceivedMessage&>(message).view();
  if (type == typeid(BorrowedMessage)) return static_cast<const BorrowedMessage&>(message).view();
  if (type == typeid(TextMessage)) return viewOfData(static_cast<const TextMessage&>(message).data());
  // A file or image message, or an application's own class: all that the interface tells.
  MessageView view;
  view.messageId = message.getMessageId();
  view.type = message.getMessageType();
  if (const char* text = message.getText()) view.text = text;
  const char* raw = message.getRawMessageData();
  if (view.type == MESSAGE_TYPE_RAW && raw != nullptr && message.getRawMessageLength() > 0) {
    view.raw = asBytes({raw, static_cast<std::size_t>(message.getRawMessageLength())});
  }
  view.serverReceivedTs = message.getServerReceivedTs();
  view.offline = message.isOfflineMessage();
  return view;
}

OutgoingContent toContent(const IMessage& message, std::size_t maxBytes) {
  OutgoingContent out;
  const MessageView view = viewOf(message);
  out.content.messageId = static_cast<std::uint64_t>(view.messageId);
  out.content.type = static_cast<wire::ContentType>(view.type);
  out.content.text = view.text;
  if (view.type == MESSAGE_TYPE_RAW) out.content.raw = view.raw;
  std::size_t size = view.text.size() + out.content.raw.size();
  if (view.type == MESSAGE_TYPE_FILE && typeid(message) == typeid(FileMessage)) {
    out.content.media = mediaOf(static_cast<const FileMessage&>(message).data());
  } else if (view.type == MESSAGE_TYPE_IMAGE && typeid(message) == typeid(ImageMessage)) {
    out.content.media = mediaOf(static_cast<const ImageMessage&>(message).data());
  } else if (view.type != MESSAGE_TYPE_TEXT && view.type != MESSAGE_TYPE_RAW) {
    out.problem = ContentProblem::UnknownType;
    return out;
  }
  const std::optional<wire::MediaInfo>& media = out.content.media;
  if (media) size += media->fileName.size() + media->thumbnail.size();
  if ((maxBytes != 0 && size > maxBytes) || wire::encodedSize(out.content) > kMaxContentBytes) {
    out.problem = ContentProblem::TooLarge;
  } else if (!isValidUtf8(view.text) || (media && !(isValidUtf8(media->fileName) && isValidUtf8(media->mediaId)))) {
    out.problem = ContentProblem::NotUtf8;
  }
  return out;
}

MessageData toData(const wire::Content& content, std::uint64_t serverTimeMs, bool offline) {
  MessageData data;
  data.messageId = static_cast<long long>(content.messageId.value);
  data.type = typeOf(content);
  data.text = content.text;
  data.raw = asText(rawOf(content));
  data.serverReceivedTs = static_cast<long long>(serverTimeMs);
  data.offline = offline;
  if (content.media) {
    const wire::MediaInfo& media = *content.media;
    data.mediaId = media.mediaId;
    data.size = static_cast<long long>(media.size);
    data.fileName = media.fileName;
    data.thumbnail = asText(media.thumbnail);
    data.width = static_cast<int>(media.width);
    data.height = static_cast<int>(media.height);
    data.thumbnailWidth = static_cast<int>(media.thumbnailWidth);
    data.thumbnailHeight = static_cast<int>(media.thumbnailHeight);
  }
  return data;
}

MessageView toView(const wire::Content& content, std::uint64_t serverTimeMs, bool offline) {
  return {static_cast<long long>(content.messageId.value),
          typeOf(content),
          content.text,
          rawOf(content),
          static_cast<long long>(serverTimeMs),
          offline};
}

long long nextMessageId(int count) {
  // 41 bits of milliseconds and 12 of counter stay below 2^53. Above 4,096 ids in a millisecond the ids run ahead of
  // the clock, which does no harm. The counter begins at a random place, or two programs that send now and then would
  // make the same id whenever they send in the same millisecond.
  static std::atomic<long long> last{0};
  static const long long start = std::random_device{}() & 0xfff;
  constexpr long long kEpochMs = 1'577'836'800'000;  // 2020-01-01: leaves 69 years
  const auto wall =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch());
  const long long floor = ((wall.count() - kEpochMs) << 12) + start;
  long long previous = last.load(std::memory_order_relaxed);
  long long next = 0;
  do {
    next = previous < floor ? floor : previous + 1;
  } while (!last.compare_exchange_weak(previous, next + count - 1, std::memory_order_relaxed));
  return next;
}

}  // namespace rtm::client
