#pragma once

#include "binding/events/event_sink.hpp"
#include "client/api/events.hpp"

namespace rtm::binding {

/// Writes the events of a client into the mailbox. Called with the client locked (Dispatch::Direct): copies and
/// returns. Each subject has a file of its own.
class ServiceEvents final : public client::ClientEvents {
 public:
  explicit ServiceEvents(const EventSink& sink) : sink_(sink) {}

  // session_events.cpp
  void onConnectionState(client::ConnectionState state, client::ConnectionReason reason) override;
  void onEstablished(const client::Established& established) override;
  void onLoginSuccess() override;
  void onLoginFailure(client::LoginCode code) override;
  void onLogout(client::LogoutCode code) override;
  void onRenewTokenResult(std::string_view token, client::RenewTokenCode code) override;
  void onTokenExpired() override;
  void onTokenWillExpire() override;

  // peer_message_events.cpp
  void onPeerSendResult(long long messageId, client::PeerMessageCode code) override;
  void onPeerMessage(std::string_view senderId, const client::MessageView& message) override;

  // presence_events.cpp
  void onPresenceQueryResult(client::RequestId request, std::span<const client::PeerStatus> states,
                             client::PresenceQueryCode code) override;
  void onSubscriptionResult(client::RequestId request, client::SubscriptionCode code) override;
  void onSubscriptionList(client::RequestId request, std::span<const std::string_view> userIds,
                          client::SubscriptionListCode code) override;
  void onPeersChanged(std::span<const client::PeerStatus> states) override;
  void onMemberCounts(client::RequestId request, std::span<const client::MemberCount> counts,
                      client::MemberCountCode code) override;

  // attribute_events.cpp
  void onUserAttributesWritten(client::RequestId request, client::AttributeWrite write,
                               client::AttributeCode code) override;
  void onUserAttributes(client::RequestId request, std::string_view userId,
                        std::span<const client::AttributeView> attributes, client::AttributeCode code) override;
  void onChannelAttributesWritten(client::RequestId request, client::AttributeWrite write,
                                  client::AttributeCode code) override;
  void onChannelAttributes(client::RequestId request, std::span<const client::ChannelAttributeView> attributes,
                           client::AttributeCode code) override;

  // history_events.cpp
  void onHistoryResult(client::RequestId request, std::span<const client::HistoryMessage> messages, unsigned total,
                       client::HistoryCode code) override;

  // media_events.cpp
  void onMediaProgress(client::RequestId request, client::MediaDirection direction, std::uint64_t total,
                       std::uint64_t moved) override;
  void onUploaded(client::RequestId request, const client::UploadedMedia& media, client::UploadCode code) override;
  void onDownloadedToFile(client::RequestId request, client::DownloadCode code) override;
  void onDownloadedToMemory(client::RequestId request, ByteView memory, client::DownloadCode code) override;
  void onMediaCancelled(client::RequestId request, client::CancelMediaCode code) override;

 private:
  const EventSink sink_;
};

}  // namespace rtm::binding
