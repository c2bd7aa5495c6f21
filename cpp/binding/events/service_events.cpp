#include "binding/events/service_events.hpp"

#include "client/factory.hpp"

namespace rtm::binding {

using namespace agora::rtm;  // NOLINT(google-build-using-namespace): the drop-in names are long and unmistakable

namespace {

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

void Throttle::stop() {
  {
    const std::lock_guard lock(mutex_);
    if (!stopped_) {
      stopped_ = true;
      client::pauseDelivery(service_);
    }
  }
  if (!mailbox_->holdBack(id_)) {
    goOn();
  }
}

void Throttle::goOn() {
  const std::lock_guard lock(mutex_);
  if (stopped_) {
    stopped_ = false;
    client::resumeDelivery(service_);
  }
}

void ServiceEvents::onLoginSuccess() {
  push(EventKind::LoginSuccess);
}

void ServiceEvents::onLoginFailure(LOGIN_ERR_CODE errorCode) {
  push(EventKind::LoginFailure, [&](Record& record) { record.code(errorCode); });
}

void ServiceEvents::onRenewTokenResult(const char* token, RENEW_TOKEN_ERR_CODE errorCode) {
  push(EventKind::RenewTokenResult, [&](Record& record) { record.code(errorCode).text(orEmpty(token)); });
}

void ServiceEvents::onTokenExpired() {
  push(EventKind::TokenExpired);
}

void ServiceEvents::onTokenPrivilegeWillExpire() {
  push(EventKind::TokenWillExpire);
}

void ServiceEvents::onLogout(LOGOUT_ERR_CODE errorCode) {
  push(EventKind::Logout, [&](Record& record) { record.code(errorCode); });
}

void ServiceEvents::onConnectionStateChanged(CONNECTION_STATE state, CONNECTION_CHANGE_REASON reason) {
  push(EventKind::ConnectionState, [&](Record& record) { record.code(state).code(reason); });
}

void ServiceEvents::onSendMessageResult(long long messageId, PEER_MESSAGE_ERR_CODE errorCode) {
  push(EventKind::PeerSendResult, [&](Record& record) { record.code(errorCode).number(messageId); });
}

void ServiceEvents::onMessageReceivedFromPeer(const char* peerId, const IMessage* message) {
  const auto fill = [&](Record& record) { writeMessage(record, *message); };
  if (throttle_.mailbox().pushFrom(EventKind::PeerMessage, id_, peerId, fill)) {
    throttle_.stop();
  }
}

void ServiceEvents::onImageMessageReceivedFromPeer(const char* peerId, const IImageMessage* message) {
  const auto fill = [&](Record& record) { writeImageMessage(record, *message); };
  if (throttle_.mailbox().pushFrom(EventKind::PeerMessage, id_, peerId, fill)) {
    throttle_.stop();
  }
}

void ServiceEvents::onFileMessageReceivedFromPeer(const char* peerId, const IFileMessage* message) {
  const auto fill = [&](Record& record) { writeFileMessage(record, *message); };
  if (throttle_.mailbox().pushFrom(EventKind::PeerMessage, id_, peerId, fill)) {
    throttle_.stop();
  }
}

void ServiceEvents::onEstablished(const Established& established) {
  push(EventKind::LinkEstablished, [&](Record& record) {
    record.word(static_cast<std::uint32_t>(established.how))
        .word(established.complete ? 1 : 0)
        .number(static_cast<long long>(established.tookMs))
        .text(established.server);
  });
}

void ChannelEvents::onJoinSuccess() {
  push(EventKind::JoinSuccess, [](Record&) {});
}

void ChannelEvents::onJoinFailure(JOIN_CHANNEL_ERR errorCode) {
  push(EventKind::JoinFailure, [&](Record& record) { record.code(errorCode); });
}

void ChannelEvents::onLeave(LEAVE_CHANNEL_ERR errorCode) {
  push(EventKind::Leave, [&](Record& record) { record.code(errorCode); });
}

void ChannelEvents::onMessageReceived(const char* userId, const IMessage* message) {
  const auto fill = [&](Record& record) { writeMessage(record, *message); };
  if (throttle_.mailbox().pushFrom(EventKind::ChannelMessage, id_, userId, fill)) {
    throttle_.stop();
  }
}

void ChannelEvents::onImageMessageReceived(const char* userId, const IImageMessage* message) {
  const auto fill = [&](Record& record) { writeImageMessage(record, *message); };
  if (throttle_.mailbox().pushFrom(EventKind::ChannelMessage, id_, userId, fill)) {
    throttle_.stop();
  }
}

void ChannelEvents::onFileMessageReceived(const char* userId, const IFileMessage* message) {
  const auto fill = [&](Record& record) { writeFileMessage(record, *message); };
  if (throttle_.mailbox().pushFrom(EventKind::ChannelMessage, id_, userId, fill)) {
    throttle_.stop();
  }
}

void ChannelEvents::onSendMessageResult(long long messageId, CHANNEL_MESSAGE_ERR_CODE state) {
  push(EventKind::ChannelSendResult, [&](Record& record) { record.code(state).number(messageId); });
}

void ChannelEvents::onMemberJoined(IChannelMember* member) {
  if (throttle_.mailbox().pushFrom(EventKind::MemberJoined, id_, member->getUserId(), [](Record&) {})) {
    throttle_.stop();
  }
}

void ChannelEvents::onMemberLeft(IChannelMember* member) {
  if (throttle_.mailbox().pushFrom(EventKind::MemberLeft, id_, member->getUserId(), [](Record&) {})) {
    throttle_.stop();
  }
}

void ChannelEvents::onGetMembers(IChannelMember** members, int userCount, GET_MEMBERS_ERR errorCode) {
  push(EventKind::Members, [&](Record& record) {
    record.code(errorCode).code(userCount);
    for (int i = 0; i < userCount; ++i) {
      record.text(orEmpty(members[i]->getUserId()));
    }
  });
}

void ChannelEvents::onAttributesUpdated(const IRtmChannelAttribute* attributes[], int numberOfAttributes) {
  push(EventKind::ChannelAttributes, [&](Record& record) { writeAttributes(record, attributes, numberOfAttributes); });
}

void ChannelEvents::onMemberCountUpdated(int memberCount) {
  push(EventKind::MemberCount, [&](Record& record) { record.code(memberCount); });
}

}  // namespace rtm::binding
