#include "client/requests.hpp"

#include "IAgoraRtmService.h"

namespace rtm::client {

using namespace agora::rtm;  // NOLINT(google-build-using-namespace): the drop-in names are long and unmistakable

const RequestRule& ruleOf(RequestKind kind) {
  static constexpr RequestRule kJoin{&Timing::request, JOIN_CHANNEL_TIMEOUT, JOIN_CHANNEL_ERR_FAILURE};
  static constexpr RequestRule kLeave{&Timing::request, LEAVE_CHANNEL_ERR_FAILURE, LEAVE_CHANNEL_ERR_FAILURE};
  static constexpr RequestRule kMembers{&Timing::request, GET_MEMBERS_ERR_TIMEOUT, GET_MEMBERS_ERR_FAILURE};
  static constexpr RequestRule kRenew{&Timing::request, RENEW_TOKEN_ERR_FAILURE, RENEW_TOKEN_ERR_FAILURE};
  switch (kind) {
    case RequestKind::Join:
    case RequestKind::Rejoin:
      return kJoin;
    case RequestKind::Leave:
      return kLeave;
    case RequestKind::GetMembers:
      return kMembers;
    case RequestKind::RenewToken:
      return kRenew;
  }
  return kJoin;
}

}  // namespace rtm::client
