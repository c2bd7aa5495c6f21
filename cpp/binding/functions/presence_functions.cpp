// Functions that list subscriptions.

#include "binding/functions/function_table.hpp"
#include "binding/functions/request.hpp"
#include "client/presence/presence.hpp"

namespace rtm::binding {
namespace {

using client::Client;
using client::RequestId;
using client::SubscriptionListCode;

/// (service, option)
napi_value listSubscriptions(Arguments& arguments) {
  constexpr std::int32_t kOnlineStatus = 0;  // PEER_SUBSCRIPTION_OPTION_ONLINE_STATUS, the only option
  const std::uint32_t service = arguments.word(0);
  const bool known = arguments.integer(1) == kOnlineStatus;
  return request(arguments, service, [&](Client& client, RequestId& id) {
    if (known || !client.loggedIn()) {  // the list answers with the code of a client that is not logged in
      return client.presence().listSubscriptions(id);
    }
    return SubscriptionListCode::Failure;
  });
}

}  // namespace

bool addPresenceFunctions(FunctionTable& table) {
  return table.add({function<listSubscriptions>("queryPeersBySubscriptionOption")});
}

}  // namespace rtm::binding
