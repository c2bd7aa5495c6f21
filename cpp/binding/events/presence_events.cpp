#include "binding/code_number.hpp"
#include "binding/events/event_records.hpp"
#include "binding/events/service_events.hpp"

namespace rtm::binding {
namespace {

/// A function that writes the state with that index.
auto stateWriter(std::span<const client::PeerStatus> states) {
  return [states](Record& record, std::size_t index) {
    records::writePeerState(record, states[index].userId, numberOf(states[index].state));
  };
}

}  // namespace

void ServiceEvents::onPresenceQueryResult(client::RequestId request, std::span<const client::PeerStatus> states,
                                          client::PresenceQueryCode code) {
  sink_.push(EventKind::QueryPeers, [&](Record& record) {
    records::writeQueryPeers(record, numberOf(code), request, states.size(), stateWriter(states));
  });
}

void ServiceEvents::onSubscriptionList(client::RequestId request, std::span<const std::string_view> userIds,
                                       client::SubscriptionListCode code) {
  sink_.push(EventKind::PeersBySubscription, [&](Record& record) {
    records::writePeersBySubscription(record, numberOf(code), request, userIds.size(),
                                      [&](Record& to, std::size_t index) { to.text(userIds[index]); });
  });
}

void ServiceEvents::onPeersChanged(std::span<const client::PeerStatus> states) {
  sink_.push(EventKind::PeersChanged,
             [&](Record& record) { records::writePeersChanged(record, states.size(), stateWriter(states)); });
}

void ServiceEvents::onMemberCounts(client::RequestId request, std::span<const client::MemberCount> counts,
                                   client::MemberCountCode code) {
  sink_.push(EventKind::MemberCounts, [&](Record& record) {
    records::writeMemberCounts(record, numberOf(code), request, counts.size(), [&](Record& to, std::size_t index) {
      records::writeChannelCount(to, counts[index].channelId, counts[index].members);
    });
  });
}

}  // namespace rtm::binding
