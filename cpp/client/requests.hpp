#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "client/config.hpp"
#include "wire/messages.hpp"

namespace rtm::client {

class Channel;

enum class RequestKind : std::uint8_t {
  Join,
  Rejoin,  ///< after a lost session; nobody waits for its outcome
  Leave,
  GetMembers,
  RenewToken,
};

/// What ends a request that gets no answer, or that is given up (spec enums; limits §8). `lost` is for a logout or a
/// release of what it belongs to.
struct RequestRule {
  std::uint64_t Timing::*timeout;
  int timedOut;
  int lost;
};
const RequestRule& ruleOf(RequestKind kind);

/// A request that waits for its answer.
struct PendingRequest {
  RequestKind kind{};
  std::shared_ptr<Channel> channel;  ///< of channel requests
  std::string text;                  ///< RenewToken: the token
};

}  // namespace rtm::client
