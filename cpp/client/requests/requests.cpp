#include "client/requests/requests.hpp"

#include "IAgoraRtmService.h"
#include "client/extensions.hpp"

namespace rtm::client {

using namespace agora::rtm;  // NOLINT(google-build-using-namespace): the drop-in names are long and unmistakable

const RequestRule& ruleOf(RequestKind kind) {
  static constexpr RequestRule kJoin{&Timing::request, JOIN_CHANNEL_TIMEOUT, JOIN_CHANNEL_ERR_FAILURE};
  static constexpr RequestRule kLeave{&Timing::request, LEAVE_CHANNEL_ERR_FAILURE, LEAVE_CHANNEL_ERR_FAILURE};
  static constexpr RequestRule kMembers{&Timing::request, GET_MEMBERS_ERR_TIMEOUT, GET_MEMBERS_ERR_FAILURE};
  static constexpr RequestRule kRenew{&Timing::request, RENEW_TOKEN_ERR_FAILURE, RENEW_TOKEN_ERR_FAILURE};
  static constexpr RequestRule kCounts{&Timing::request, GET_CHANNEL_MEMBER_COUNT_ERR_TIMEOUT,
                                       GET_CHANNEL_MEMBER_COUNT_ERR_FAILURE};
  static constexpr RequestRule kPresence{&Timing::presence, QUERY_PEERS_ONLINE_STATUS_ERR_TIMEOUT,
                                         QUERY_PEERS_ONLINE_STATUS_ERR_FAILURE};
  static constexpr RequestRule kSubscribe{&Timing::presence, PEER_SUBSCRIPTION_STATUS_ERR_TIMEOUT,
                                          PEER_SUBSCRIPTION_STATUS_ERR_FAILURE};
  static constexpr RequestRule kAttributes{&Timing::request, ATTRIBUTE_OPERATION_ERR_TIMEOUT,
                                           ATTRIBUTE_OPERATION_ERR_FAILURE};
  static constexpr RequestRule kHistory{&Timing::presence, HISTORY_ERR_TIMEOUT, HISTORY_ERR_FAILURE};
  static_assert(static_cast<int>(UPLOAD_MEDIA_ERR_TIMEOUT) == static_cast<int>(DOWNLOAD_MEDIA_ERR_TIMEOUT) &&
                static_cast<int>(UPLOAD_MEDIA_ERR_INTERRUPTED) == static_cast<int>(DOWNLOAD_MEDIA_ERR_INTERRUPTED));
  static constexpr RequestRule kTicket{&Timing::mediaIdle, UPLOAD_MEDIA_ERR_TIMEOUT, UPLOAD_MEDIA_ERR_INTERRUPTED};
  static constexpr RequestRule kOwn{nullptr, JOIN_CHANNEL_ERR_FAILURE, JOIN_CHANNEL_ERR_FAILURE};
  if (isOwn(kind)) return kOwn;
  switch (kind) {
    case RequestKind::History:
      return kHistory;
    case RequestKind::Join:
      return kJoin;
    case RequestKind::Leave:
      return kLeave;
    case RequestKind::GetMembers:
      return kMembers;
    case RequestKind::RenewToken:
      return kRenew;
    case RequestKind::MemberCounts:
      return kCounts;
    case RequestKind::PresenceQuery:
      return kPresence;
    case RequestKind::Subscribe:
    case RequestKind::Unsubscribe:
      return kSubscribe;
    case RequestKind::UploadTicket:
    case RequestKind::DownloadTicket:
      return kTicket;
    default:
      return kAttributes;
  }
}

bool isOwn(RequestKind kind) {
  return kind == RequestKind::Rejoin || kind == RequestKind::QuietLeave || kind == RequestKind::Resubscribe ||
         kind == RequestKind::RestoreUserAttributes;
}

}  // namespace rtm::client
