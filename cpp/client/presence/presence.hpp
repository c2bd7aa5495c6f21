#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "client/api/presence_values.hpp"
#include "client/requests/pending_request.hpp"
#include "wire/messages.hpp"

namespace rtm::client {

struct ClientCommon;

/// Presence of other users: questions and subscriptions (docs/spec/semantics.md §6). Every call that returns Ok has its
/// result event. Lock: the client lock, taken by the calls of the user and held by the client when it calls the rest.
class Presence final : private RequestOwner {
 public:
  explicit Presence(ClientCommon& common) : common_(common) {}

  PresenceQueryCode query(std::span<const std::string_view> userIds, RequestId& id);
  /// Subscriptions live as long as the login. Repeating one, or its end, is no error.
  SubscriptionCode subscribe(std::span<const std::string_view> userIds, RequestId& id);
  SubscriptionCode unsubscribe(std::span<const std::string_view> userIds, RequestId& id);
  SubscriptionListCode listSubscriptions(RequestId& id);

  // From the client.

  void take(const wire::PresenceStates& states);
  bool take(const wire::PresenceEvent& event);  ///< false: malformed
  /// A new session: the server knows of no subscription.
  void restore();
  /// A resumed one. `lost`: the server has none of them.
  void onResumed(bool lost);
  void onSessionOver();

 private:
  static constexpr std::uint32_t kNeverReported = 0xffffffff;
  static constexpr std::uint32_t kReportAgain = 0xfffffffe;  ///< subscribed to once more

  void onRequestEnded(PendingRequest& request, int code) override;
  void onSubscribeEnded(const PendingRequest& request, SubscriptionCode code);
  void subscribeAll();
  template <typename Request>
  void repeat(const std::vector<std::string>& users);

  ClientCommon& common_;
  std::map<std::string, std::uint32_t, std::less<>> subscriptions_;  ///< user → state last reported
  std::set<std::string, std::less<>> unsettled_;  ///< users whose (un)subscription got no answer; a resume asks again
};

}  // namespace rtm::client
