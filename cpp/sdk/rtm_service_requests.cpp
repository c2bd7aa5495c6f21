// Requests: presence, attributes, member counts, media.

#include <algorithm>

#include "client/attributes/attributes.hpp"
#include "client/channels/channels.hpp"
#include "client/media/media.hpp"
#include "client/presence/presence.hpp"
#include "sdk/arguments.hpp"
#include "sdk/message.hpp"
#include "sdk/rtm_service.hpp"

namespace rtm::sdk {

using namespace agora::rtm;  // NOLINT(google-build-using-namespace): the drop-in names are long and unmistakable

namespace {

std::vector<client::AttributeView> toEntries(const RtmAttribute* attributes, int count) {
  std::vector<client::AttributeView> entries;
  if (attributes == nullptr) return entries;
  for (int i = 0; i < std::min(count, kMostEntries); ++i) {
    entries.push_back({orEmpty(attributes[i].key), orEmpty(attributes[i].value)});
  }
  return entries;
}

std::vector<client::AttributeView> toEntries(const IRtmChannelAttribute* const* attributes, int count) {
  std::vector<client::AttributeView> entries;
  if (attributes == nullptr) return entries;
  for (int i = 0; i < std::min(count, kMostEntries); ++i) {
    const IRtmChannelAttribute* attribute = attributes[i];
    entries.push_back(attribute != nullptr
                          ? client::AttributeView{orEmpty(attribute->getKey()), orEmpty(attribute->getValue())}
                          : client::AttributeView{});
  }
  return entries;
}

}  // namespace

int RtmService::queryPeersOnlineStatus(const char* peerIds[], int peerCount, long long& requestId) {
  return static_cast<int>(client_->presence().query(toViews(peerIds, peerCount), requestId));
}

int RtmService::subscribePeersOnlineStatus(const char* peerIds[], int peerCount, long long& requestId) {
  return static_cast<int>(client_->presence().subscribe(toViews(peerIds, peerCount), requestId));
}

int RtmService::unsubscribePeersOnlineStatus(const char* peerIds[], int peerCount, long long& requestId) {
  return static_cast<int>(client_->presence().unsubscribe(toViews(peerIds, peerCount), requestId));
}

int RtmService::queryPeersBySubscriptionOption(PEER_SUBSCRIPTION_OPTION option, long long& requestId) {
  if (client_->loggedIn() && option != PEER_SUBSCRIPTION_OPTION_ONLINE_STATUS) {
    return QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR_FAILURE;
  }
  return static_cast<int>(client_->presence().listSubscriptions(requestId));
}

int RtmService::setLocalUserAttributes(const RtmAttribute* attributes, int numberOfAttributes, long long& requestId) {
  return static_cast<int>(client_->attributes().setUser(toEntries(attributes, numberOfAttributes), requestId));
}

int RtmService::addOrUpdateLocalUserAttributes(const RtmAttribute* attributes, int numberOfAttributes,
                                               long long& requestId) {
  return static_cast<int>(client_->attributes().mergeUser(toEntries(attributes, numberOfAttributes), requestId));
}

int RtmService::deleteLocalUserAttributesByKeys(const char* attributeKeys[], int numberOfKeys, long long& requestId) {
  return static_cast<int>(client_->attributes().deleteUser(toViews(attributeKeys, numberOfKeys), requestId));
}

int RtmService::clearLocalUserAttributes(long long& requestId) {
  return static_cast<int>(client_->attributes().clearUser(requestId));
}

int RtmService::getUserAttributes(const char* userId, long long& requestId) {
  return static_cast<int>(client_->attributes().readUser(orEmpty(userId), requestId));
}

int RtmService::getUserAttributesByKeys(const char* userId, const char* attributeKeys[], int numberOfKeys,
                                        long long& requestId) {
  return static_cast<int>(
      client_->attributes().readUserKeys(orEmpty(userId), toViews(attributeKeys, numberOfKeys), requestId));
}

int RtmService::setChannelAttributes(const char* channelId, const IRtmChannelAttribute* attributes[],
                                     int numberOfAttributes, const ChannelAttributeOptions& options,
                                     long long& requestId) {
  return static_cast<int>(client_->attributes().setChannel(orEmpty(channelId),
                                                           toEntries(attributes, numberOfAttributes),
                                                           options.enableNotificationToChannelMembers, requestId));
}

int RtmService::addOrUpdateChannelAttributes(const char* channelId, const IRtmChannelAttribute* attributes[],
                                             int numberOfAttributes, const ChannelAttributeOptions& options,
                                             long long& requestId) {
  return static_cast<int>(client_->attributes().mergeChannel(orEmpty(channelId),
                                                             toEntries(attributes, numberOfAttributes),
                                                             options.enableNotificationToChannelMembers, requestId));
}

int RtmService::deleteChannelAttributesByKeys(const char* channelId, const char* attributeKeys[], int numberOfKeys,
                                              const ChannelAttributeOptions& options, long long& requestId) {
  return static_cast<int>(client_->attributes().deleteChannel(orEmpty(channelId), toViews(attributeKeys, numberOfKeys),
                                                              options.enableNotificationToChannelMembers, requestId));
}

int RtmService::clearChannelAttributes(const char* channelId, const ChannelAttributeOptions& options,
                                       long long& requestId) {
  return static_cast<int>(
      client_->attributes().clearChannel(orEmpty(channelId), options.enableNotificationToChannelMembers, requestId));
}

int RtmService::getChannelAttributes(const char* channelId, long long& requestId) {
  return static_cast<int>(client_->attributes().readChannel(orEmpty(channelId), requestId));
}

int RtmService::getChannelAttributesByKeys(const char* channelId, const char* attributeKeys[], int numberOfKeys,
                                           long long& requestId) {
  return static_cast<int>(
      client_->attributes().readChannelKeys(orEmpty(channelId), toViews(attributeKeys, numberOfKeys), requestId));
}

int RtmService::getChannelMemberCount(const char* channelIds[], int channelCount, long long& requestId) {
  return static_cast<int>(client_->channels().queryMemberCounts(toViews(channelIds, channelCount), requestId));
}

int RtmService::createFileMessageByUploading(const char* filePath, long long& requestId) {
  return static_cast<int>(client_->media().upload(orEmpty(filePath), false, requestId));
}

int RtmService::createImageMessageByUploading(const char* filePath, long long& requestId) {
  return static_cast<int>(client_->media().upload(orEmpty(filePath), true, requestId));
}

int RtmService::downloadMediaToMemory(const char* mediaId, long long& requestId) {
  return static_cast<int>(client_->media().downloadToMemory(orEmpty(mediaId), requestId));
}

int RtmService::downloadMediaToFile(const char* mediaId, const char* filePath, long long& requestId) {
  return static_cast<int>(client_->media().downloadToFile(orEmpty(mediaId), orEmpty(filePath), requestId));
}

int RtmService::cancelMediaDownload(long long requestId) {
  return static_cast<int>(client_->media().cancel(requestId, client::MediaDirection::Download));
}

int RtmService::cancelMediaUpload(long long requestId) {
  return static_cast<int>(client_->media().cancel(requestId, client::MediaDirection::Upload));
}

IFileMessage* RtmService::createFileMessageByMediaId(const char* mediaId) {
  const bool allowed = client_->initialized() && client_->loggedIn();
  if (!allowed || !client::Media::isMediaId(orEmpty(mediaId))) return nullptr;
  MessageData data{.messageId = client::nextMessageId(), .type = MESSAGE_TYPE_FILE};
  data.mediaId = mediaId;
  return new FileMessage(std::move(data));
}

IImageMessage* RtmService::createImageMessageByMediaId(const char* mediaId) {
  const bool allowed = client_->initialized() && client_->loggedIn();
  if (!allowed || !client::Media::isMediaId(orEmpty(mediaId))) return nullptr;
  MessageData data{.messageId = client::nextMessageId(), .type = MESSAGE_TYPE_IMAGE};
  data.mediaId = mediaId;
  return new ImageMessage(std::move(data));
}

}  // namespace rtm::sdk
