#include "sdk/channel_object.hpp"

#include <utility>
#include <vector>

#include "sdk/arguments.hpp"
#include "sdk/channel_attribute.hpp"
#include "sdk/message.hpp"

namespace rtm::sdk {

using namespace agora::rtm;  // NOLINT(google-build-using-namespace): the drop-in names are long and unmistakable

int ChannelObject::join() {
  return static_cast<int>(channel_.join());
}

int ChannelObject::leave() {
  return static_cast<int>(channel_.leave());
}

int ChannelObject::sendMessage(const IMessage* message) {
  return sendMessage(message, SendMessageOptions());
}

int ChannelObject::sendMessage(const IMessage* message, const SendMessageOptions& options) {
  return sendMessage(message, toOptions(options));
}

int ChannelObject::sendMessage(const IMessage* message, const client::SendOptions& options) {
  return static_cast<int>(channel_.send(viewOf(message), options));
}

int ChannelObject::getMembers() {
  return static_cast<int>(channel_.queryMembers());
}

void ChannelObject::release() {
  const std::shared_ptr<client::Channel> channel = std::move(hold_);  // may be the last hold on both
  if (channel != nullptr) channel->release();
}

void ChannelObject::setHandler(IChannelEventHandler* handler) {
  const client::HandlerLock::Hold hold(lock_);
  handler_ = handler;
}

void ChannelObject::onJoinSuccess() {
  notify([](IChannelEventHandler& handler) { handler.onJoinSuccess(); });
}

void ChannelObject::onJoinFailure(client::JoinCode code) {
  notify([&](IChannelEventHandler& handler) { handler.onJoinFailure(static_cast<JOIN_CHANNEL_ERR>(code)); });
}

void ChannelObject::onLeave(client::LeaveCode code) {
  notify([&](IChannelEventHandler& handler) { handler.onLeave(static_cast<LEAVE_CHANNEL_ERR>(code)); });
}

void ChannelObject::onSendResult(long long messageId, client::ChannelMessageCode code) {
  notify([&](IChannelEventHandler& handler) {
    handler.onSendMessageResult(messageId, static_cast<CHANNEL_MESSAGE_ERR_CODE>(code));
  });
}

void ChannelObject::onMessage(std::string_view senderId, const client::MessageView& message) {
  const std::string sender(senderId);
  notify([&](IChannelEventHandler& handler) {
    if (message.type == client::MessageType::File) {
      const FileMessage received(toData(message));
      handler.onFileMessageReceived(sender.c_str(), &received);
    } else if (message.type == client::MessageType::Image) {
      const ImageMessage received(toData(message));
      handler.onImageMessageReceived(sender.c_str(), &received);
    } else {
      const ReceivedMessage received(message);
      handler.onMessageReceived(sender.c_str(), &received);
    }
  });
}

void ChannelObject::onMemberJoined(std::string_view userId) {
  ChannelMember member(userId, channel_.id());
  notify([&](IChannelEventHandler& handler) { handler.onMemberJoined(&member); });
}

void ChannelObject::onMemberLeft(std::string_view userId) {
  ChannelMember member(userId, channel_.id());
  notify([&](IChannelEventHandler& handler) { handler.onMemberLeft(&member); });
}

void ChannelObject::onMembers(std::span<const std::string_view> userIds, client::MembersCode code) {
  std::vector<ChannelMember> members;
  members.reserve(userIds.size());
  for (const std::string_view userId : userIds) members.emplace_back(userId, channel_.id());
  std::vector<IChannelMember*> pointers;
  pointers.reserve(members.size());
  for (ChannelMember& member : members) pointers.push_back(&member);
  notify([&](IChannelEventHandler& handler) {
    handler.onGetMembers(pointers.empty() ? nullptr : pointers.data(), static_cast<int>(pointers.size()),
                         static_cast<GET_MEMBERS_ERR>(code));
  });
}

void ChannelObject::onMemberCount(std::uint32_t count) {
  notify([&](IChannelEventHandler& handler) { handler.onMemberCountUpdated(static_cast<int>(count)); });
}

void ChannelObject::onAttributes(std::span<const client::ChannelAttributeView> attributes) {
  ChannelAttributeList list(attributes);
  notify([&](IChannelEventHandler& handler) { handler.onAttributesUpdated(list.pointers(), list.size()); });
}

}  // namespace rtm::sdk
