#pragma once

// The SDK's message objects. One struct has the fields of all kinds of messages; three thin classes give it the
// interfaces.

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "IAgoraRtmService.h"
#include "client/api/message.hpp"
#include "sdk/handed_over.hpp"

namespace rtm::sdk {

struct MessageData {
  long long messageId = 0;
  agora::rtm::MESSAGE_TYPE type = agora::rtm::MESSAGE_TYPE_UNDEFINED;
  std::string text{};  ///< text, or the description of any other kind
  std::string raw{};
  long long serverReceivedTs = 0;
  bool offline = false;
  // File and image messages.
  std::string mediaId{};
  long long size = 0;
  std::string fileName{};
  std::string thumbnail{};
  int width = 0;
  int height = 0;
  int thumbnailWidth = 0;
  int thumbnailHeight = 0;
};

/// IMessage over MessageData, for IMessage itself and for its derived interfaces.
template <typename Interface>
class MessageObject : public Interface {
 public:
  explicit MessageObject(MessageData data) : data_(std::move(data)) {}
  ~MessageObject() override = default;

  long long getMessageId() const override { return data_.messageId; }
  agora::rtm::MESSAGE_TYPE getMessageType() const override { return data_.type; }
  void setText(const char* str) override { data_.text = str != nullptr ? str : ""; }
  const char* getText() const override { return data_.text.c_str(); }
  const char* getRawMessageData() const override {
    return data_.type == agora::rtm::MESSAGE_TYPE_RAW ? data_.raw.data() : nullptr;
  }
  int getRawMessageLength() const override { return static_cast<int>(data_.raw.size()); }
  long long getServerReceivedTs() const override { return data_.serverReceivedTs; }
  bool isOfflineMessage() const override { return data_.offline; }
  void release() override { delete this; }

  const MessageData& data() const { return data_; }
  MessageData& data() { return data_; }

 protected:
  MessageData data_;
};

using TextMessage = MessageObject<agora::rtm::IMessage>;

/// The common part of file and image messages.
template <typename Interface>
class MediaMessageObject : public MessageObject<Interface> {
 public:
  explicit MediaMessageObject(MessageData data) : MessageObject<Interface>(std::move(data)) {}
  /// The message of an upload result. It belongs to the user, and the service knows it.
  MediaMessageObject(MessageData data, const std::shared_ptr<HandedOver>& list)
      : MessageObject<Interface>(std::move(data)), list_(list) {
    list->add(this);
  }
  ~MediaMessageObject() override = default;

  long long getSize() const override { return this->data_.size; }
  const char* getMediaId() const override { return this->data_.mediaId.c_str(); }
  const char* getThumbnailData() const override { return this->data_.thumbnail.data(); }
  void setFileName(const char* fileName) override { this->data_.fileName = fileName != nullptr ? fileName : ""; }
  const char* getFileName() const override { return this->data_.fileName.c_str(); }
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wignored-qualifiers"
  const long long getThumbnailLength() const override {
    return static_cast<long long>(this->data_.thumbnail.size());
  }
#pragma GCC diagnostic pop

  void release() override {
    if (const std::shared_ptr<HandedOver> list = list_.lock()) list->remove(this);
    delete this;
  }

 private:
  std::weak_ptr<HandedOver> list_;
};

class FileMessage final : public MediaMessageObject<agora::rtm::IFileMessage> {
 public:
  using MediaMessageObject::MediaMessageObject;
  void setThumbnail(const uint8_t* thumbnail, int length) override;
};

class ImageMessage final : public MediaMessageObject<agora::rtm::IImageMessage> {
 public:
  using MediaMessageObject::MediaMessageObject;
  void setThumbnail(const uint8_t* thumbnail, long long length) override;
  void setWidth(int width) override { data_.width = width; }
  int getWidth() const override { return data_.width; }
  void setHeight(int height) override { data_.height = height; }
  int getHeight() const override { return data_.height; }
  void setThumbnailWidth(int width) override { data_.thumbnailWidth = width; }
  int getThumbnailWidth() const override { return data_.thumbnailWidth; }
  void setThumbnailHeight(int height) override { data_.thumbnailHeight = height; }
  int getThumbnailHeight() const override { return data_.thumbnailHeight; }
};

/// A received text or raw message, for as long as its event runs. Getters that promise C strings make their copy only
/// when they are called.
class ReceivedMessage final : public agora::rtm::IMessage {
 public:
  explicit ReceivedMessage(const client::MessageView& view) : view_(view) {}
  ~ReceivedMessage() override = default;

  long long getMessageId() const override { return view_.id; }
  agora::rtm::MESSAGE_TYPE getMessageType() const override { return static_cast<agora::rtm::MESSAGE_TYPE>(view_.type); }
  void setText(const char*) override {}  // a received message is read-only
  const char* getText() const override;
  const char* getRawMessageData() const override {
    return view_.type == client::MessageType::Raw ? reinterpret_cast<const char*>(view_.raw.data()) : nullptr;
  }
  int getRawMessageLength() const override { return static_cast<int>(view_.raw.size()); }
  long long getServerReceivedTs() const override { return view_.serverReceivedMs; }
  bool isOfflineMessage() const override { return view_.offline; }
  void release() override {}  // the SDK frees it after the callback
  const client::MessageView& view() const { return view_; }

 private:
  client::MessageView view_;
  mutable std::string text_;
};

/// A received file or image message as an object of its own.
MessageData toData(const client::MessageView& view);

/// Any message object as the client core takes it; null is of no kind that can be sent. Lives as long as `message`.
client::MessageView viewOf(const agora::rtm::IMessage* message);

}  // namespace rtm::sdk
