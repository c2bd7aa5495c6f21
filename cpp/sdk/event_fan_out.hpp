#pragma once

#include <algorithm>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "IAgoraRtmService.h"
#include "client/api/events.hpp"
#include "sdk/extensions.hpp"
#include "sdk/handed_over.hpp"

namespace rtm::sdk {

/// Brings the events of a client to the handlers of its service, as C strings and objects.
///
/// Lock: mutex_, held while handlers run. The client's delivery lock comes before it. A running event keeps the object
/// alive: a handler may release the service that owns it.
class EventFanOut final : public client::ClientEvents, public std::enable_shared_from_this<EventFanOut> {
 public:
  void add(agora::rtm::IRtmServiceEventHandler* handler);
  /// No event reaches the handler after return; waits for one that is running, unless called from it.
  void remove(agora::rtm::IRtmServiceEventHandler* handler);
  /// As remove(), of all handlers.
  void close();
  void setHistoryHandler(IHistoryEventHandler* handler);

  void onConnectionState(client::ConnectionState state, client::ConnectionReason reason) override;
  void onLoginSuccess() override;
  void onLoginFailure(client::LoginCode code) override;
  void onLogout(client::LogoutCode code) override;
  void onRenewTokenResult(std::string_view token, client::RenewTokenCode code) override;
  void onTokenExpired() override;
  void onTokenWillExpire() override;
  void onPeerSendResult(long long messageId, client::PeerMessageCode code) override;
  void onPeerMessage(std::string_view senderId, const client::MessageView& message) override;

  // Results of requests, and what comes of subscriptions (event_fan_out_results.cpp).
  void onMemberCounts(client::RequestId id, std::span<const client::MemberCount> counts,
                      client::MemberCountCode code) override;
  void onPresenceQueryResult(client::RequestId id, std::span<const client::PeerStatus> peers,
                             client::PresenceQueryCode code) override;
  void onSubscriptionResult(client::RequestId id, client::SubscriptionCode code) override;
  void onSubscriptionList(client::RequestId id, std::span<const std::string_view> userIds,
                          client::SubscriptionListCode code) override;
  void onPeersChanged(std::span<const client::PeerStatus> peers) override;
  void onUserAttributesWritten(client::RequestId id, client::AttributeWrite how, client::AttributeCode code) override;
  void onUserAttributes(client::RequestId id, std::string_view userId, std::span<const client::AttributeView> entries,
                        client::AttributeCode code) override;
  void onChannelAttributesWritten(client::RequestId id, client::AttributeWrite how,
                                  client::AttributeCode code) override;
  void onChannelAttributes(client::RequestId id, std::span<const client::ChannelAttributeView> entries,
                           client::AttributeCode code) override;
  void onHistoryResult(client::RequestId id, std::span<const client::HistoryMessage> messages, unsigned total,
                       client::HistoryCode code) override;
  void onMediaProgress(client::RequestId id, client::MediaDirection direction, std::uint64_t total,
                       std::uint64_t moved) override;
  void onUploaded(client::RequestId id, const client::UploadedMedia& media, client::UploadCode code) override;
  void onDownloadedToFile(client::RequestId id, client::DownloadCode code) override;
  void onDownloadedToMemory(client::RequestId id, ByteView bytes, client::DownloadCode code) override;
  void onMediaCancelled(client::RequestId id, client::CancelMediaCode code) override;

 private:
  /// Calls `call(handler)` for each handler, in the order of registration.
  template <typename Call>
  void forEach(Call&& call) {
    const std::shared_ptr<EventFanOut> keep = shared_from_this();
    const std::lock_guard lock(mutex_);
    if (handlers_.size() == 1) {
      call(*handlers_.front());
      return;
    }
    const std::vector<agora::rtm::IRtmServiceEventHandler*> snapshot = handlers_;  // a handler may remove handlers
    for (agora::rtm::IRtmServiceEventHandler* handler : snapshot) {
      if (std::find(handlers_.begin(), handlers_.end(), handler) != handlers_.end()) call(*handler);
    }
  }

  std::recursive_mutex mutex_;  // recursive: handlers add and remove handlers
  std::vector<agora::rtm::IRtmServiceEventHandler*> handlers_;
  IHistoryEventHandler* history_ = nullptr;
  const std::shared_ptr<HandedOver> handedOver_ = std::make_shared<HandedOver>();
};

}  // namespace rtm::sdk
