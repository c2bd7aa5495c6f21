#include "binding/code_number.hpp"
#include "binding/events/event_records.hpp"
#include "binding/events/service_events.hpp"

namespace rtm::binding {

void ServiceEvents::onHistoryResult(client::RequestId request, std::span<const client::HistoryMessage> messages,
                                    unsigned total, client::HistoryCode code) {
  const auto writeEntry = [&](Record& record, std::size_t index) {
    const client::HistoryMessage& each = messages[index];
    records::writeHistoryEntry(record, each.source, each.destination, each.channel, each.serverReceivedMs, each.text);
  };
  sink_.push(EventKind::HistoryResult, [&](Record& record) {
    records::writeHistoryResult(record, numberOf(code), request, total, messages.size(), writeEntry);
  });
}

}  // namespace rtm::binding
