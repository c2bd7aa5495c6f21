#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "client/api/request_id.hpp"
#include "client/requests/request_rules.hpp"

namespace rtm::client {

class Channel;
struct PendingRequest;

/// A feature that asks the server something.
class RequestOwner {
 public:
  /// A request has ended with `code`: refused, timed out, given up, or answered without more to say. With the client
  /// lock; the request has left the table. An answer with content goes to the feature by its own frame instead.
  virtual void onRequestEnded(PendingRequest& request, int code) = 0;

 protected:
  ~RequestOwner() = default;
};

/// A request that waits for its answer.
struct PendingRequest {
  RequestOwner* owner = nullptr;
  RequestKind kind{};
  bool unsent = false;  ///< ended before it left, so that it has no effect
  RequestId id = 0;
  std::shared_ptr<Channel> channel = {};  ///< of channel requests
  RequestId mediaTask = 0;                ///< of a ticket; 0: the task has the id of the request
  std::string text = {};                  ///< RenewToken: the token; GetUserAttributes: the user
  std::vector<std::string> names = {};    ///< user ids, channel ids or keys that were asked for
  std::vector<std::pair<std::string, std::string>> entries = {};  ///< attributes that were written
};

}  // namespace rtm::client
