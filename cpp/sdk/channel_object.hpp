#pragma once

#include <memory>
#include <string>

#include "IAgoraRtmService.h"
#include "client/channels/channel.hpp"
#include "client/runtime/handler_lock.hpp"

namespace rtm::sdk {

/// IChannel over a channel of the client core, to which it is attached: both live equally long.
class ChannelObject final : public agora::rtm::IChannel, public client::ChannelEvents {
 public:
  ChannelObject(const std::shared_ptr<client::Channel>& channel, agora::rtm::IChannelEventHandler* handler)
      : channel_(*channel), hold_(channel), handler_(handler) {}
  ~ChannelObject() override = default;

  int join() override;
  int leave() override;
  int sendMessage(const agora::rtm::IMessage* message) override;
  int sendMessage(const agora::rtm::IMessage* message, const agora::rtm::SendMessageOptions& options) override;
  const char* getId() const override { return channel_.id().c_str(); }
  int getMembers() override;
  void release() override;

  /// With options that the surface does not have.
  int sendMessage(const agora::rtm::IMessage* message, const client::SendOptions& options);
  /// No event reaches the former handler after return, unless this is called from one.
  void setHandler(agora::rtm::IChannelEventHandler* handler);

  // client::ChannelEvents.
  void onJoinSuccess() override;
  void onJoinFailure(client::JoinCode code) override;
  void onLeave(client::LeaveCode code) override;
  void onSendResult(long long messageId, client::ChannelMessageCode code) override;
  void onMessage(std::string_view senderId, const client::MessageView& message) override;
  void onMemberJoined(std::string_view userId) override;
  void onMemberLeft(std::string_view userId) override;
  void onMembers(std::span<const std::string_view> userIds, client::MembersCode code) override;
  void onMemberCount(std::uint32_t count) override;
  void onAttributes(std::span<const client::ChannelAttributeView> attributes) override;

 private:
  template <typename Call>
  void notify(Call&& call) {
    const client::HandlerLock::Hold hold(lock_);
    if (handler_ != nullptr) call(*handler_);
  }

  client::Channel& channel_;
  std::shared_ptr<client::Channel> hold_;  ///< the user's; ends with release()
  client::HandlerLock lock_;               ///< recursive: a handler sets handlers. Held while one runs
  agora::rtm::IChannelEventHandler* handler_;
};

/// A member as handlers see it; lives as long as its event.
class ChannelMember final : public agora::rtm::IChannelMember {
 public:
  ChannelMember(std::string_view userId, std::string channelId) : userId_(userId), channelId_(std::move(channelId)) {}
  ~ChannelMember() override = default;
  const char* getUserId() const override { return userId_.c_str(); }
  const char* getChannelId() const override { return channelId_.c_str(); }
  void release() override {}  // the SDK frees it after the callback

 private:
  std::string userId_;
  std::string channelId_;
};

}  // namespace rtm::sdk
