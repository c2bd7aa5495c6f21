// The one list of what the 1.5.0 surface has and this library does not do yet. Each entry answers with the failure that
// its own error enum documents for "other failure" (null for factories), so that a program sees an honest refusal; none
// pretends. docs/not-yet.md says the same to users. An entry leaves this file when its feature arrives.

#include "client/service.hpp"

namespace rtm::client {

using namespace agora::rtm;  // NOLINT(google-build-using-namespace): the drop-in names are long and unmistakable

#define RTM_NOT_YET(call, answer)                             \
  int Service::call {                                         \
    return initialized_ ? (loggedIn_ ? (answer) : 102) : 101; \
  }

// Media.
RTM_NOT_YET(downloadMediaToMemory(const char*, long long&), DOWNLOAD_MEDIA_ERR_FAILURE)
RTM_NOT_YET(downloadMediaToFile(const char*, const char*, long long&), DOWNLOAD_MEDIA_ERR_FAILURE)
RTM_NOT_YET(cancelMediaDownload(long long), CANCEL_MEDIA_ERR_NOT_EXIST)
RTM_NOT_YET(cancelMediaUpload(long long), CANCEL_MEDIA_ERR_NOT_EXIST)
RTM_NOT_YET(createFileMessageByUploading(const char*, long long&), UPLOAD_MEDIA_ERR_FAILURE)
RTM_NOT_YET(createImageMessageByUploading(const char*, long long&), UPLOAD_MEDIA_ERR_FAILURE)
IFileMessage* Service::createFileMessageByMediaId(const char*) {
  return nullptr;
}
IImageMessage* Service::createImageMessageByMediaId(const char*) {
  return nullptr;
}

// Call invitations.
IRtmCallManager* Service::getRtmCallManager(IRtmCallEventHandler*) {
  return nullptr;
}

// Presence.
RTM_NOT_YET(queryPeersOnlineStatus(const char*[], int, long long&), QUERY_PEERS_ONLINE_STATUS_ERR_FAILURE)
RTM_NOT_YET(subscribePeersOnlineStatus(const char*[], int, long long&), PEER_SUBSCRIPTION_STATUS_ERR_FAILURE)
RTM_NOT_YET(unsubscribePeersOnlineStatus(const char*[], int, long long&), PEER_SUBSCRIPTION_STATUS_ERR_FAILURE)
RTM_NOT_YET(queryPeersBySubscriptionOption(PEER_SUBSCRIPTION_OPTION, long long&),
            QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR_FAILURE)

// Attributes.
IRtmChannelAttribute* Service::createChannelAttribute() {
  return nullptr;
}
RTM_NOT_YET(setLocalUserAttributes(const RtmAttribute*, int, long long&), ATTRIBUTE_OPERATION_ERR_FAILURE)
RTM_NOT_YET(addOrUpdateLocalUserAttributes(const RtmAttribute*, int, long long&), ATTRIBUTE_OPERATION_ERR_FAILURE)
RTM_NOT_YET(deleteLocalUserAttributesByKeys(const char*[], int, long long&), ATTRIBUTE_OPERATION_ERR_FAILURE)
RTM_NOT_YET(clearLocalUserAttributes(long long&), ATTRIBUTE_OPERATION_ERR_FAILURE)
RTM_NOT_YET(getUserAttributes(const char*, long long&), ATTRIBUTE_OPERATION_ERR_FAILURE)
RTM_NOT_YET(getUserAttributesByKeys(const char*, const char*[], int, long long&), ATTRIBUTE_OPERATION_ERR_FAILURE)
RTM_NOT_YET(setChannelAttributes(const char*, const IRtmChannelAttribute*[], int, const ChannelAttributeOptions&,
                                 long long&),
            ATTRIBUTE_OPERATION_ERR_FAILURE)
RTM_NOT_YET(addOrUpdateChannelAttributes(const char*, const IRtmChannelAttribute*[], int,
                                         const ChannelAttributeOptions&, long long&),
            ATTRIBUTE_OPERATION_ERR_FAILURE)
RTM_NOT_YET(deleteChannelAttributesByKeys(const char*, const char*[], int, const ChannelAttributeOptions&, long long&),
            ATTRIBUTE_OPERATION_ERR_FAILURE)
RTM_NOT_YET(clearChannelAttributes(const char*, const ChannelAttributeOptions&, long long&),
            ATTRIBUTE_OPERATION_ERR_FAILURE)
RTM_NOT_YET(getChannelAttributes(const char*, long long&), ATTRIBUTE_OPERATION_ERR_FAILURE)
RTM_NOT_YET(getChannelAttributesByKeys(const char*, const char*[], int, long long&), ATTRIBUTE_OPERATION_ERR_FAILURE)

// Counts.
RTM_NOT_YET(getChannelMemberCount(const char*[], int, long long&), GET_CHANNEL_MEMBER_COUNT_ERR_FAILURE)

#undef RTM_NOT_YET

}  // namespace rtm::client
