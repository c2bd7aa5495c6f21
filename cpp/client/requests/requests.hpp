#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "client/config.hpp"
#include "wire/messages.hpp"

namespace rtm::client {

class Channel;

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

/// What ends a request that gets no answer, or that is given up (spec enums; limits §8). `lost` is for a logout or a
/// release of what it belongs to. `timeout` null: waits for its answer as long as the session lives.
struct RequestRule {
  std::uint64_t Timing::*timeout;
  int timedOut;
  int lost;
};
const RequestRule& ruleOf(RequestKind kind);

/// True for what the SDK does by itself, so that a session is as its user left it (spec connection §3). Nobody waits
/// for it, so it has no timeout: a link that breaks again must not end with a channel or an attribute less, or more.
bool isOwn(RequestKind kind);

/// A request that waits for its answer.
struct PendingRequest {
  RequestKind kind{};
  long long id = 0;
  std::shared_ptr<Channel> channel;                          ///< of channel requests
  long long mediaTask = 0;                                   ///< of a ticket; 0: the task has the id of the request
  std::string text;                                          ///< RenewToken: the token; GetUserAttributes: the user
  std::vector<std::string> names;                            ///< user ids, channel ids or keys that were asked for
  std::vector<std::pair<std::string, std::string>> entries;  ///< attributes that were written
};

}  // namespace rtm::client
