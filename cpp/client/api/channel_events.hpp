#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "client/api/attribute_values.hpp"
#include "client/api/channel_codes.hpp"
#include "client/api/message.hpp"
#include "client/api/request_id.hpp"

namespace rtm::client {

/// Events of one channel. Views live until the event returns.
class ChannelEvents {
 public:
  virtual void onJoinSuccess() {}
  virtual void onJoinFailure(JoinCode) {}
  /// The end of a membership: asked for, or Kicked.
  virtual void onLeave(LeaveCode) {}
  virtual void onSendResult(long long /*messageId*/, ChannelMessageCode) {}
  /// The end of a send that never left this client. Receivers that make no difference get it as onSendResult.
  virtual void onSendUnsent(long long messageId, ChannelMessageCode code) { onSendResult(messageId, code); }
  virtual void onMessage(std::string_view /*senderId*/, const MessageView&) {}
  virtual void onMemberJoined(std::string_view /*userId*/) {}
  virtual void onMemberLeft(std::string_view /*userId*/) {}
  /// After an error: no members.
  virtual void onMembers(std::span<const std::string_view> /*userIds*/, MembersCode) {}
  virtual void onMemberCount(std::uint32_t) {}
  /// All attributes of the channel, after a change whose writer wanted the members to hear of it.
  virtual void onAttributes(std::span<const ChannelAttributeView>) {}

 protected:
  ~ChannelEvents() = default;
};

struct MemberCount {
  std::string_view channelId;
  std::uint32_t members = 0;
};

}  // namespace rtm::client
