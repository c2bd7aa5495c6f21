#include "client/requests/request_rules.hpp"

#include "client/api/attribute_codes.hpp"
#include "client/api/channel_codes.hpp"
#include "client/api/history_codes.hpp"
#include "client/api/media_codes.hpp"
#include "client/api/presence_codes.hpp"
#include "client/api/session_codes.hpp"

namespace rtm::client {

namespace {

template <typename Code>
constexpr RequestRule rule(std::uint64_t Timing::*timeout, Code timedOut, Code lost) {
  return {timeout, static_cast<int>(timedOut), static_cast<int>(lost)};
}

}  // namespace

const RequestRule& ruleOf(RequestKind kind) {
  static constexpr RequestRule kJoin = rule(&Timing::request, JoinCode::Timeout, JoinCode::Failure);
  static constexpr RequestRule kLeave = rule(&Timing::request, LeaveCode::Failure, LeaveCode::Failure);
  static constexpr RequestRule kMembers = rule(&Timing::request, MembersCode::Timeout, MembersCode::Failure);
  static constexpr RequestRule kRenew = rule(&Timing::request, RenewTokenCode::Failure, RenewTokenCode::Failure);
  static constexpr RequestRule kCounts = rule(&Timing::request, MemberCountCode::Timeout, MemberCountCode::Failure);
  static constexpr RequestRule kPresence =
      rule(&Timing::presence, PresenceQueryCode::Timeout, PresenceQueryCode::Failure);
  static constexpr RequestRule kSubscribe =
      rule(&Timing::presence, SubscriptionCode::Timeout, SubscriptionCode::Failure);
  static constexpr RequestRule kAttributes = rule(&Timing::request, AttributeCode::Timeout, AttributeCode::Failure);
  static constexpr RequestRule kHistory = rule(&Timing::presence, HistoryCode::Timeout, HistoryCode::Failure);
  static_assert(static_cast<int>(UploadCode::Timeout) == static_cast<int>(DownloadCode::Timeout) &&
                static_cast<int>(UploadCode::Interrupted) == static_cast<int>(DownloadCode::Interrupted));
  static constexpr RequestRule kTicket = rule(&Timing::mediaIdle, UploadCode::Timeout, UploadCode::Interrupted);
  static constexpr RequestRule kOwn = rule(nullptr, JoinCode::Failure, JoinCode::Failure);
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
