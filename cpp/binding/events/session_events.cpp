#include "binding/events/event_records.hpp"
#include "binding/events/service_events.hpp"

namespace rtm::binding {

void ServiceEvents::onEstablished(const client::Established& established) {
  sink_.push(EventKind::LinkEstablished, [&](Record& record) {
    records::writeLinkEstablished(record, static_cast<std::uint32_t>(established.how), established.complete,
                                  static_cast<long long>(established.tookMs), established.server,
                                  established.peerMissed, established.channelsMissed.size(),
                                  [&](Record& to, std::size_t index) { to.text(established.channelsMissed[index]); });
  });
}

}  // namespace rtm::binding
