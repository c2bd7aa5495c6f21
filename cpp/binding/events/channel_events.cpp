#include "binding/events/channel_events.hpp"
#include "binding/events/sdk_records.hpp"

namespace rtm::binding {

using namespace agora::rtm;  // NOLINT(google-build-using-namespace): the drop-in names are long and unmistakable

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
