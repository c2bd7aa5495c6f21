#pragma once

#include <cstdint>
#include <utility>

#include "IAgoraRtmService.h"
#include "binding/environment/mailbox.hpp"
#include "binding/events/throttle.hpp"

namespace rtm::binding {

/// Puts the reports of a channel into the mailbox. Called on the I/O thread (Dispatch::Direct): copies and returns.
class ChannelEvents final : public agora::rtm::IChannelEventHandler {
 public:
  ChannelEvents(Throttle& throttle, std::uint32_t id) : throttle_(throttle), id_(id) {}

  void onJoinSuccess() override;
  void onJoinFailure(agora::rtm::JOIN_CHANNEL_ERR errorCode) override;
  void onLeave(agora::rtm::LEAVE_CHANNEL_ERR errorCode) override;
  void onMessageReceived(const char* userId, const agora::rtm::IMessage* message) override;
  void onImageMessageReceived(const char* userId, const agora::rtm::IImageMessage* message) override;
  void onFileMessageReceived(const char* userId, const agora::rtm::IFileMessage* message) override;
  void onSendMessageResult(long long messageId, agora::rtm::CHANNEL_MESSAGE_ERR_CODE state) override;
  void onMemberJoined(agora::rtm::IChannelMember* member) override;
  void onMemberLeft(agora::rtm::IChannelMember* member) override;
  void onGetMembers(agora::rtm::IChannelMember** members, int userCount,
                    agora::rtm::GET_MEMBERS_ERR errorCode) override;
  void onAttributesUpdated(const agora::rtm::IRtmChannelAttribute* attributes[], int numberOfAttributes) override;
  void onMemberCountUpdated(int memberCount) override;

 private:
  template <typename Fill>
  void push(EventKind kind, Fill&& fill) {
    if (throttle_.mailbox().push(kind, id_, std::forward<Fill>(fill))) {
      throttle_.stop();
    }
  }

  Throttle& throttle_;
  const std::uint32_t id_;
};

}  // namespace rtm::binding
