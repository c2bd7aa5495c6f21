#pragma once

#include <cstdint>

#include "client/api/attribute_codes.hpp"
#include "client/api/channel_codes.hpp"
#include "client/api/media_codes.hpp"
#include "client/api/own_codes.hpp"
#include "client/api/presence_codes.hpp"
#include "client/api/session_codes.hpp"
#include "client/config.hpp"
#include "wire/kinds.hpp"

namespace rtm::client {

/// A new kind has a rule in ruleOf() below; the compiler warns while it has none.
enum class RequestKind : std::uint8_t {
  Join,
  Rejoin,  ///< after a lost session
  Leave,
  QuietLeave,  ///< of a membership that no user knows of any more
  GetMembers,
  RenewToken,
  MemberCounts,
  PresenceQuery,
  Subscribe,
  Resubscribe,  ///< after a lost session
  Unsubscribe,
  SetUserAttributes,
  MergeUserAttributes,
  DeleteUserAttributes,
  ClearUserAttributes,
  RestoreUserAttributes,  ///< after a lost session
  GetUserAttributes,
  SetChannelAttributes,
  MergeChannelAttributes,
  DeleteChannelAttributes,
  ClearChannelAttributes,
  GetChannelAttributes,
  History,
  UploadTicket,
  DownloadTicket,
};

/// What ends a request that gets no answer, or that is given up (docs/spec/enums.md, docs/spec/limits.md §8).
struct RequestRule {
  std::uint64_t Timing::*timeout;  ///< null: waits for its answer as long as the session lives
  int timedOut;
  int lost;  ///< for a logout, or the release of what the request belongs to

  template <typename Code>
  static constexpr RequestRule of(std::uint64_t Timing::*timeout, Code timedOut, Code lost) {
    return {timeout, static_cast<int>(timedOut), static_cast<int>(lost)};
  }
};

constexpr RequestRule ruleOf(RequestKind kind) {
  using enum RequestKind;
  switch (kind) {
    case Join:
      return RequestRule::of(&Timing::request, JoinCode::Timeout, JoinCode::Failure);
    case Leave:
      return RequestRule::of(&Timing::request, LeaveCode::Failure, LeaveCode::Failure);
    case GetMembers:
      return RequestRule::of(&Timing::request, MembersCode::Timeout, MembersCode::Failure);
    case RenewToken:
      return RequestRule::of(&Timing::request, RenewTokenCode::Failure, RenewTokenCode::Failure);
    case MemberCounts:
      return RequestRule::of(&Timing::request, MemberCountCode::Timeout, MemberCountCode::Failure);
    case PresenceQuery:
      return RequestRule::of(&Timing::presence, PresenceQueryCode::Timeout, PresenceQueryCode::Failure);
    case Subscribe:
    case Unsubscribe:
      return RequestRule::of(&Timing::presence, SubscriptionCode::Timeout, SubscriptionCode::Failure);
    case SetUserAttributes:
    case MergeUserAttributes:
    case DeleteUserAttributes:
    case ClearUserAttributes:
    case GetUserAttributes:
    case SetChannelAttributes:
    case MergeChannelAttributes:
    case DeleteChannelAttributes:
    case ClearChannelAttributes:
    case GetChannelAttributes:
      return RequestRule::of(&Timing::request, AttributeCode::Timeout, AttributeCode::Failure);
    case History:
      return RequestRule::of(&Timing::presence, HistoryCode::Timeout, HistoryCode::Failure);
    case UploadTicket:
      return RequestRule::of(&Timing::mediaIdle, UploadCode::Timeout, UploadCode::Interrupted);
    case DownloadTicket:
      return RequestRule::of(&Timing::mediaIdle, DownloadCode::Timeout, DownloadCode::Interrupted);
    // Requests that the client makes by itself, so that a session is as its user left it (docs/spec/connection.md §3).
    // Nobody waits for them, so they have no timeout: a link that breaks again must not end with a channel or an
    // attribute less, or more.
    case Rejoin:
    case QuietLeave:
    case Resubscribe:
    case RestoreUserAttributes:
      break;
  }
  return RequestRule::of(nullptr, JoinCode::Failure, JoinCode::Failure);
}

/// The kind of frame that answers a request. Another kind with its number is no answer to it.
constexpr wire::FrameKind answerOf(RequestKind kind) {
  using enum RequestKind;
  switch (kind) {
    case Join:
    case Rejoin:
      return wire::FrameKind::JoinResult;
    case GetMembers:
      return wire::FrameKind::Members;
    case MemberCounts:
      return wire::FrameKind::MemberCounts;
    case PresenceQuery:
      return wire::FrameKind::PresenceStates;
    case GetUserAttributes:
      return wire::FrameKind::UserAttributes;
    case GetChannelAttributes:
      return wire::FrameKind::ChannelAttributes;
    case History:
      return wire::FrameKind::HistoryResult;
    case UploadTicket:
    case DownloadTicket:
      return wire::FrameKind::MediaTicket;
    case Leave:
    case QuietLeave:
    case RenewToken:
    case Subscribe:
    case Resubscribe:
    case Unsubscribe:
    case SetUserAttributes:
    case MergeUserAttributes:
    case DeleteUserAttributes:
    case ClearUserAttributes:
    case RestoreUserAttributes:
    case SetChannelAttributes:
    case MergeChannelAttributes:
    case DeleteChannelAttributes:
    case ClearChannelAttributes:
      break;
  }
  return wire::FrameKind::Result;
}

/// Whether the client makes the request by itself.
constexpr bool isOwn(RequestKind kind) {
  return ruleOf(kind).timeout == nullptr;
}

}  // namespace rtm::client
