#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "IAgoraRtmService.h"
#include "binding/environment/mailbox.hpp"
#include "client/extensions.hpp"
#include "client/factory.hpp"

namespace rtm::binding {

/// A C string of the SDK as text; null is empty.
inline std::string_view orEmpty(const char* text) {
  return text != nullptr ? std::string_view(text) : std::string_view();
}

/// Writes a list of channel attributes.
void writeAttributes(Record& record, const agora::rtm::IRtmChannelAttribute* const attributes[], int count);

/// Writes a file or image message.
void writeFileMessage(Record& record, const agora::rtm::IFileMessage& message);
void writeImageMessage(Record& record, const agora::rtm::IImageMessage& message);

/// Stops taking messages for one service while the mailbox is too full, and lets it go on. Shared by the handlers of
/// the service and of its channels.
///
/// Lock order: the service's lock (held by the core around every handler) → mutex_. The core's pause and resume take no
/// lock of the service.
class Throttle {
 public:
  Throttle(std::shared_ptr<Mailbox> mailbox, agora::rtm::IRtmService& service, std::uint32_t id)
      : mailbox_(std::move(mailbox)), service_(service), id_(id) {}
  Mailbox& mailbox() const { return *mailbox_; }

  /// Called by a handler after a push that said that the mailbox is too full.
  void stop();
  /// JavaScript thread: the mailbox has emptied.
  void goOn();

 private:
  const std::shared_ptr<Mailbox> mailbox_;
  agora::rtm::IRtmService& service_;
  const std::uint32_t id_;
  std::mutex mutex_;
  bool stopped_ = false;
};

/// Puts what a service reports into the mailbox. Called on the I/O thread (Dispatch::Direct): copies and returns.
class ServiceEvents final : public agora::rtm::IRtmServiceEventHandler,
                            public client::IHistoryEventHandler,
                            public client::LinkObserver {
 public:
  ServiceEvents(Throttle& throttle, std::uint32_t id) : throttle_(throttle), id_(id) {}

  void onLoginSuccess() override;
  void onLoginFailure(agora::rtm::LOGIN_ERR_CODE errorCode) override;
  void onRenewTokenResult(const char* token, agora::rtm::RENEW_TOKEN_ERR_CODE errorCode) override;
  void onTokenExpired() override;
  void onTokenPrivilegeWillExpire() override;
  void onLogout(agora::rtm::LOGOUT_ERR_CODE errorCode) override;
  void onConnectionStateChanged(agora::rtm::CONNECTION_STATE state,
                                agora::rtm::CONNECTION_CHANGE_REASON reason) override;
  void onSendMessageResult(long long messageId, agora::rtm::PEER_MESSAGE_ERR_CODE errorCode) override;
  void onMessageReceivedFromPeer(const char* peerId, const agora::rtm::IMessage* message) override;
  void onImageMessageReceivedFromPeer(const char* peerId, const agora::rtm::IImageMessage* message) override;
  void onFileMessageReceivedFromPeer(const char* peerId, const agora::rtm::IFileMessage* message) override;
  void onEstablished(const Established& established) override;

  // Results of requests (request_events.cpp).
  void onMediaUploadingProgress(long long requestId, const agora::rtm::MediaOperationProgress& progress) override;
  void onMediaDownloadingProgress(long long requestId, const agora::rtm::MediaOperationProgress& progress) override;
  void onFileMediaUploadResult(long long requestId, agora::rtm::IFileMessage* fileMessage,
                               agora::rtm::UPLOAD_MEDIA_ERR_CODE code) override;
  void onImageMediaUploadResult(long long requestId, agora::rtm::IImageMessage* imageMessage,
                                agora::rtm::UPLOAD_MEDIA_ERR_CODE code) override;
  void onMediaDownloadToFileResult(long long requestId, agora::rtm::DOWNLOAD_MEDIA_ERR_CODE code) override;
  void onMediaDownloadToMemoryResult(long long requestId, const char* memory, long long length,
                                     agora::rtm::DOWNLOAD_MEDIA_ERR_CODE code) override;
  void onMediaCancelResult(long long requestId, agora::rtm::CANCEL_MEDIA_ERR_CODE code) override;
  void onQueryPeersOnlineStatusResult(long long requestId, const agora::rtm::PeerOnlineStatus* peersStatus,
                                      int peerCount, agora::rtm::QUERY_PEERS_ONLINE_STATUS_ERR errorCode) override;
  void onSubscriptionRequestResult(long long requestId, agora::rtm::PEER_SUBSCRIPTION_STATUS_ERR errorCode) override;
  void onQueryPeersBySubscriptionOptionResult(long long requestId, const char* peerIds[], int peerCount,
                                              agora::rtm::QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR errorCode) override;
  void onPeersOnlineStatusChanged(const agora::rtm::PeerOnlineStatus peersStatus[], int peerCount) override;
  void onSetLocalUserAttributesResult(long long requestId, agora::rtm::ATTRIBUTE_OPERATION_ERR errorCode) override;
  void onAddOrUpdateLocalUserAttributesResult(long long requestId,
                                              agora::rtm::ATTRIBUTE_OPERATION_ERR errorCode) override;
  void onDeleteLocalUserAttributesResult(long long requestId, agora::rtm::ATTRIBUTE_OPERATION_ERR errorCode) override;
  void onClearLocalUserAttributesResult(long long requestId, agora::rtm::ATTRIBUTE_OPERATION_ERR errorCode) override;
  void onGetUserAttributesResult(long long requestId, const char* userId, const agora::rtm::RtmAttribute* attributes,
                                 int numberOfAttributes, agora::rtm::ATTRIBUTE_OPERATION_ERR errorCode) override;
  void onSetChannelAttributesResult(long long requestId, agora::rtm::ATTRIBUTE_OPERATION_ERR errorCode) override;
  void onAddOrUpdateChannelAttributesResult(long long requestId,
                                            agora::rtm::ATTRIBUTE_OPERATION_ERR errorCode) override;
  void onDeleteChannelAttributesResult(long long requestId, agora::rtm::ATTRIBUTE_OPERATION_ERR errorCode) override;
  void onClearChannelAttributesResult(long long requestId, agora::rtm::ATTRIBUTE_OPERATION_ERR errorCode) override;
  void onGetChannelAttributesResult(long long requestId, const agora::rtm::IRtmChannelAttribute* attributes[],
                                    int numberOfAttributes, agora::rtm::ATTRIBUTE_OPERATION_ERR errorCode) override;
  void onGetChannelMemberCountResult(long long requestId, const agora::rtm::ChannelMemberCount* channelMemberCounts,
                                     int channelCount,
                                     agora::rtm::GET_CHANNEL_MEMBER_COUNT_ERR_CODE errorCode) override;
  void onHistoryQueryResult(long long requestId, const client::HistoryMessage* messages, int messageCount,
                            unsigned total, client::HISTORY_ERR_CODE errorCode) override;

 private:
  template <typename Fill>
  void push(EventKind kind, Fill&& fill) {
    if (throttle_.mailbox().push(kind, id_, std::forward<Fill>(fill))) {
      throttle_.stop();
    }
  }
  void push(EventKind kind) {
    push(kind, [](Record&) {});
  }
  /// The outcome of a request that has nothing else to tell.
  void pushResult(EventKind kind, long long requestId, int code) {
    push(kind, [&](Record& record) { record.code(code).number(requestId); });
  }

  Throttle& throttle_;
  const std::uint32_t id_;
};

/// Puts what a channel reports into the mailbox, likewise.
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
