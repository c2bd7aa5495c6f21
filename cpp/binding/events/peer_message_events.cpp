#include "binding/code_number.hpp"
#include "binding/events/event_records.hpp"
#include "binding/events/message_record.hpp"
#include "binding/events/service_events.hpp"

namespace rtm::binding {

void ServiceEvents::onPeerSendResult(long long messageId, client::PeerMessageCode code) {
  sink_.push(EventKind::PeerSendResult,
             [&](Record& record) { records::writePeerSendResult(record, numberOf(code), messageId); });
}

void ServiceEvents::onPeerSendUnsent(long long messageId, client::PeerMessageCode code) {
  sink_.push(EventKind::PeerSendUnsent,
             [&](Record& record) { records::writePeerSendUnsent(record, numberOf(code), messageId); });
}

void ServiceEvents::onPeerMessage(std::string_view senderId, const client::MessageView& message) {
  sink_.pushFrom(EventKind::PeerMessage, senderId, [&](Record& record) { writeMessage(record, message); });
}

}  // namespace rtm::binding
