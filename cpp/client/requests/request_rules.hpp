#pragma once

#include <cstdint>

#include "client/config.hpp"

namespace rtm::client {

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

/// What ends a request that gets no answer, or that is given up (docs/spec/enums.md, docs/spec/limits.md §8). `lost` is
/// for a logout, or the release of what the request belongs to. `timeout` null: waits for its answer as long as the
/// session lives.
struct RequestRule {
  std::uint64_t Timing::*timeout;
  int timedOut;
  int lost;
};
const RequestRule& ruleOf(RequestKind kind);

/// True for requests that the client makes by itself, so that a session is as its user left it (docs/spec/connection.md
/// §3). Nobody waits for them, so they have no timeout: a link that breaks again must not end with a channel or an
/// attribute less, or more.
bool isOwn(RequestKind kind);

}  // namespace rtm::client
