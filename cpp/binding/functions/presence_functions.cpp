// Functions that ask who is online, and how many members channels have.

#include "binding/functions/request.hpp"

namespace rtm::binding {

using namespace agora::rtm;  // NOLINT(google-build-using-namespace): the drop-in names are long and unmistakable

namespace {

/// (service, option)
napi_value queryPeersBySubscription(Arguments& arguments) {
  const std::uint32_t handle = arguments.word(0);
  const auto option = static_cast<PEER_SUBSCRIPTION_OPTION>(arguments.integer(1));
  return request(arguments, handle, [&](IRtmService& service, long long& id) {
    return service.queryPeersBySubscriptionOption(option, id);
  });
}

}  // namespace

bool addPresenceFunctions(FunctionTable& table) {
  using S = IRtmService;
  return table.add({function<withList<&S::queryPeersOnlineStatus>>("queryPeersOnlineStatus"),
                    function<withList<&S::subscribePeersOnlineStatus>>("subscribePeersOnlineStatus"),
                    function<withList<&S::unsubscribePeersOnlineStatus>>("unsubscribePeersOnlineStatus"),
                    function<queryPeersBySubscription>("queryPeersBySubscriptionOption"),
                    function<withList<&S::getChannelMemberCount>>("getChannelMemberCount")});
}

}  // namespace rtm::binding
