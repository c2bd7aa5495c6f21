#pragma once

#include <atomic>
#include <memory>
#include <mutex>

#include "IAgoraRtmService.h"
#include "base/process_life.hpp"
#include "client/client.hpp"
#include "sdk/call_manager.hpp"
#include "sdk/event_fan_out.hpp"
#include "sdk/service_extensions.hpp"

namespace rtm::sdk {

/// IRtmService, one to one over a client: C strings become views, numbers become codes, events become callbacks. Files:
/// rtm_service.cpp (life, settings, messages, objects), rtm_service_requests.cpp (presence, attributes, media).
/// ServiceExtensions has what SDK 1.5.0 does not have.
///
/// Locks: only for the objects that it hands out. Everything else is the client's.
class RtmService final : public agora::rtm::IRtmService,
                         public ServiceExtensions,
                         public std::enable_shared_from_this<RtmService> {
 public:
  /// The service keeps itself alive until release(). Null if the process has no I/O thread.
  static agora::rtm::IRtmService* create(client::Dispatch dispatch);
  RtmService() = default;
  ~RtmService() override = default;
  RtmService(const RtmService&) = delete;
  RtmService& operator=(const RtmService&) = delete;

  client::Client& core() override { return *client_; }
  EventFanOut& events() override { return *events_; }

  // IRtmService, in vtable order.
  int initialize(const char* appId, agora::rtm::IRtmServiceEventHandler* eventHandler) override;
  void addEventHandler(agora::rtm::IRtmServiceEventHandler* eventHandler) override;
  void removeEventHandler(agora::rtm::IRtmServiceEventHandler* eventHandler) override;
  void release(bool sync) override;
  int login(const char* token, const char* userId) override;
  int logout() override;
  int renewToken(const char* token) override;
  int sendMessageToPeer(const char* peerId, const agora::rtm::IMessage* message) override;
  int downloadMediaToMemory(const char* mediaId, long long& requestId) override;
  int downloadMediaToFile(const char* mediaId, const char* filePath, long long& requestId) override;
  int cancelMediaDownload(long long requestId) override;
  int cancelMediaUpload(long long requestId) override;
  int sendMessageToPeer(const char* peerId, const agora::rtm::IMessage* message,
                        const agora::rtm::SendMessageOptions& options) override;
  agora::rtm::IChannel* createChannel(const char* channelId, agora::rtm::IChannelEventHandler* eventHandler) override;
  agora::rtm::IRtmCallManager* getRtmCallManager(agora::rtm::IRtmCallEventHandler* eventHandler) override;
  agora::rtm::IMessage* createMessage() override;
  agora::rtm::IMessage* createMessage(const char* message) override;
  agora::rtm::IMessage* createMessage(const uint8_t* rawData, int length) override;
  agora::rtm::IMessage* createMessage(const uint8_t* rawData, int length, const char* description) override;
  agora::rtm::IFileMessage* createFileMessageByMediaId(const char* mediaId) override;
  agora::rtm::IImageMessage* createImageMessageByMediaId(const char* mediaId) override;
  int createFileMessageByUploading(const char* filePath, long long& requestId) override;
  int createImageMessageByUploading(const char* filePath, long long& requestId) override;
  agora::rtm::IRtmChannelAttribute* createChannelAttribute() override;
  int setParameters(const char* parameters) override;
  int queryPeersOnlineStatus(const char* peerIds[], int peerCount, long long& requestId) override;
  int subscribePeersOnlineStatus(const char* peerIds[], int peerCount, long long& requestId) override;
  int unsubscribePeersOnlineStatus(const char* peerIds[], int peerCount, long long& requestId) override;
  int queryPeersBySubscriptionOption(agora::rtm::PEER_SUBSCRIPTION_OPTION option, long long& requestId) override;
  int setLocalUserAttributes(const agora::rtm::RtmAttribute* attributes, int numberOfAttributes,
                             long long& requestId) override;
  int addOrUpdateLocalUserAttributes(const agora::rtm::RtmAttribute* attributes, int numberOfAttributes,
                                     long long& requestId) override;
  int deleteLocalUserAttributesByKeys(const char* attributeKeys[], int numberOfKeys, long long& requestId) override;
  int clearLocalUserAttributes(long long& requestId) override;
  int getUserAttributes(const char* userId, long long& requestId) override;
  int getUserAttributesByKeys(const char* userId, const char* attributeKeys[], int numberOfKeys,
                              long long& requestId) override;
  int setChannelAttributes(const char* channelId, const agora::rtm::IRtmChannelAttribute* attributes[],
                           int numberOfAttributes, const agora::rtm::ChannelAttributeOptions& options,
                           long long& requestId) override;
  int addOrUpdateChannelAttributes(const char* channelId, const agora::rtm::IRtmChannelAttribute* attributes[],
                                   int numberOfAttributes, const agora::rtm::ChannelAttributeOptions& options,
                                   long long& requestId) override;
  int deleteChannelAttributesByKeys(const char* channelId, const char* attributeKeys[], int numberOfKeys,
                                    const agora::rtm::ChannelAttributeOptions& options, long long& requestId) override;
  int clearChannelAttributes(const char* channelId, const agora::rtm::ChannelAttributeOptions& options,
                             long long& requestId) override;
  int getChannelAttributes(const char* channelId, long long& requestId) override;
  int getChannelAttributesByKeys(const char* channelId, const char* attributeKeys[], int numberOfKeys,
                                 long long& requestId) override;
  int getChannelMemberCount(const char* channelIds[], int channelCount, long long& requestId) override;
  int setLogFile(const char* logfile) override;
  int setLogFilter(agora::rtm::LOG_FILTER_TYPE filter) override;
  int setLogFileSize(int fileSizeInKBytes) override;

 private:
  const std::shared_ptr<EventFanOut> events_ = std::make_shared<EventFanOut>();
  std::shared_ptr<client::Client> client_;  ///< made with the service
  std::shared_ptr<RtmService> self_;        ///< until release()
  std::atomic<bool> released_{false};
  LifeMutex<std::mutex> objectMutex_;   ///< comes before the client lock; not held while a handler may run
  std::shared_ptr<CallManager> calls_;  ///< from the first getRtmCallManager on; under objectMutex_
};

}  // namespace rtm::sdk
