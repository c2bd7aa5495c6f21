#include "binding/events/sdk_records.hpp"
#include "binding/events/service_events.hpp"

namespace rtm::binding {

using namespace agora::rtm;  // NOLINT(google-build-using-namespace): the drop-in names are long and unmistakable

namespace {

void writeStates(Record& record, const PeerOnlineStatus* states, int count) {
  record.code(count);
  for (int i = 0; i < count; ++i) {
    record.text(orEmpty(states[i].peerId)).code(states[i].onlineState);
  }
}

}  // namespace

void ServiceEvents::onQueryPeersOnlineStatusResult(long long requestId, const PeerOnlineStatus* peersStatus,
                                                   int peerCount, QUERY_PEERS_ONLINE_STATUS_ERR errorCode) {
  push(EventKind::QueryPeers, [&](Record& record) {
    record.code(errorCode).number(requestId);
    writeStates(record, peersStatus, peerCount);
  });
}

void ServiceEvents::onSubscriptionRequestResult(long long requestId, PEER_SUBSCRIPTION_STATUS_ERR errorCode) {
  pushResult(EventKind::Subscription, requestId, errorCode);
}

void ServiceEvents::onQueryPeersBySubscriptionOptionResult(long long requestId, const char* peerIds[], int peerCount,
                                                           QUERY_PEERS_BY_SUBSCRIPTION_OPTION_ERR errorCode) {
  push(EventKind::PeersBySubscription, [&](Record& record) {
    record.code(errorCode).number(requestId).code(peerCount);
    for (int i = 0; i < peerCount; ++i) {
      record.text(orEmpty(peerIds[i]));
    }
  });
}

void ServiceEvents::onPeersOnlineStatusChanged(const PeerOnlineStatus peersStatus[], int peerCount) {
  push(EventKind::PeersChanged, [&](Record& record) { writeStates(record, peersStatus, peerCount); });
}

void ServiceEvents::onGetChannelMemberCountResult(long long requestId, const ChannelMemberCount* channelMemberCounts,
                                                  int channelCount, GET_CHANNEL_MEMBER_COUNT_ERR_CODE errorCode) {
  push(EventKind::MemberCounts, [&](Record& record) {
    record.code(errorCode).number(requestId).code(channelCount);
    for (int i = 0; i < channelCount; ++i) {
      record.text(orEmpty(channelMemberCounts[i].channelId)).code(channelMemberCounts[i].count);
    }
  });
}

}  // namespace rtm::binding
