// Functions that ask who is online, and how many members channels have.

#include "binding/functions/function_table.hpp"
#include "binding/functions/request.hpp"
#include "client/channels/channels.hpp"
#include "client/presence/presence.hpp"

namespace rtm::binding {
namespace {

using client::Client;
using client::Presence;
using client::RequestId;
using client::SubscriptionListCode;

/// (service, [user id])
template <auto method>
napi_value withUserIds(Arguments& arguments) {
  const std::uint32_t service = arguments.word(0);
  const std::vector<std::string_view> userIds = arguments.strictTexts(1);
  return request(arguments, service,
                 [&](Client& client, RequestId& id) { return (client.presence().*method)(userIds, id); });
}

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

/// (service, [channel id])
napi_value queryMemberCounts(Arguments& arguments) {
  const std::uint32_t service = arguments.word(0);
  const std::vector<std::string_view> channelIds = arguments.strictTexts(1);
  return request(arguments, service,
                 [&](Client& client, RequestId& id) { return client.channels().queryMemberCounts(channelIds, id); });
}

}  // namespace

bool addPresenceFunctions(FunctionTable& table) {
  return table.add({function<withUserIds<&Presence::query>>("queryPeersOnlineStatus"),
                    function<withUserIds<&Presence::subscribe>>("subscribePeersOnlineStatus"),
                    function<withUserIds<&Presence::unsubscribe>>("unsubscribePeersOnlineStatus"),
                    function<listSubscriptions>("queryPeersBySubscriptionOption"),
                    function<queryMemberCounts>("getChannelMemberCount")});
}

}  // namespace rtm::binding
