#pragma once

#include "binding/events/event_sink.hpp"
#include "client/api/channel_events.hpp"

namespace rtm::binding {

/// Writes the events of a channel into the mailbox. Called with the client locked (Dispatch::Direct): copies and
/// returns.
class ChannelEvents final : public client::ChannelEvents {
 public:
  explicit ChannelEvents(const EventSink& sink) : sink_(sink) {}

  void onJoinSuccess() override;
  void onJoinFailure(client::JoinCode code) override;
  void onLeave(client::LeaveCode code) override;
  void onSendResult(long long messageId, client::ChannelMessageCode code) override;
  void onSendUnsent(long long messageId, client::ChannelMessageCode code) override;
  void onMessage(std::string_view senderId, const client::MessageView& message) override;
  void onMemberJoined(std::string_view userId) override;
  void onMemberLeft(std::string_view userId) override;
  void onMembers(std::span<const std::string_view> userIds, client::MembersCode code) override;
  void onMemberCount(std::uint32_t count) override;
  void onAttributes(std::span<const client::ChannelAttributeView> attributes) override;

 private:
  const EventSink sink_;
};

}  // namespace rtm::binding
