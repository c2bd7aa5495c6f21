#include "binding/events/channel_events.hpp"

#include "binding/code_number.hpp"
#include "binding/events/attribute_record.hpp"
#include "binding/events/event_records.hpp"
#include "binding/events/message_record.hpp"

namespace rtm::binding {

void ChannelEvents::onJoinSuccess() {
  sink_.push(EventKind::JoinSuccess);
}

void ChannelEvents::onJoinFailure(client::JoinCode code) {
  sink_.push(EventKind::JoinFailure, [&](Record& record) { records::writeJoinFailure(record, numberOf(code)); });
}

void ChannelEvents::onLeave(client::LeaveCode code) {
  sink_.push(EventKind::Leave, [&](Record& record) { records::writeLeave(record, numberOf(code)); });
}

void ChannelEvents::onSendResult(long long messageId, client::ChannelMessageCode code) {
  sink_.push(EventKind::ChannelSendResult,
             [&](Record& record) { records::writeChannelSendResult(record, numberOf(code), messageId); });
}

void ChannelEvents::onSendUnsent(long long messageId, client::ChannelMessageCode code) {
  sink_.push(EventKind::ChannelSendUnsent,
             [&](Record& record) { records::writeChannelSendUnsent(record, numberOf(code), messageId); });
}

void ChannelEvents::onMessage(std::string_view senderId, const client::MessageView& message) {
  sink_.pushFrom(EventKind::ChannelMessage, senderId, [&](Record& record) { writeMessage(record, message); });
}

void ChannelEvents::onMemberJoined(std::string_view userId) {
  sink_.pushFrom(EventKind::MemberJoined, userId);
}

void ChannelEvents::onMemberLeft(std::string_view userId) {
  sink_.pushFrom(EventKind::MemberLeft, userId);
}

void ChannelEvents::onMembers(std::span<const std::string_view> userIds, client::MembersCode code) {
  sink_.push(EventKind::Members, [&](Record& record) {
    records::writeMembers(record, numberOf(code), userIds.size(),
                          [&](Record& to, std::size_t index) { to.text(userIds[index]); });
  });
}

void ChannelEvents::onMemberCount(std::uint32_t count) {
  sink_.push(EventKind::MemberCount, [&](Record& record) { records::writeMemberCount(record, count); });
}

void ChannelEvents::onAttributes(std::span<const client::ChannelAttributeView> attributes) {
  sink_.push(EventKind::ChannelAttributes, [&](Record& record) {
    records::writeChannelAttributes(record, attributes.size(), attributeWriter(attributes));
  });
}

}  // namespace rtm::binding
