#pragma once

#include <cstdint>
#include <utility>

#include "IAgoraRtmService.h"
#include "binding/environment/mailbox.hpp"
#include "binding/events/throttle.hpp"
#include "client/extensions.hpp"
#include "client/factory.hpp"

namespace rtm::binding {

/// Puts the reports of a service into the mailbox. Called on the I/O thread (Dispatch::Direct): copies and returns.
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
  /// The outcome of a request whose result is only a code.
  void pushResult(EventKind kind, long long requestId, int code) {
    push(kind, [&](Record& record) { record.code(code).number(requestId); });
  }

  Throttle& throttle_;
  const std::uint32_t id_;
};

}  // namespace rtm::binding
