#include "binding/events/sdk_records.hpp"
#include "binding/events/service_events.hpp"

namespace rtm::binding {

using namespace agora::rtm;  // NOLINT(google-build-using-namespace): the drop-in names are long and unmistakable

void ServiceEvents::onHistoryQueryResult(long long requestId, const client::HistoryMessage* messages, int messageCount,
                                         unsigned total, client::HISTORY_ERR_CODE errorCode) {
  push(EventKind::HistoryResult, [&](Record& record) {
    record.code(errorCode).number(requestId).code(static_cast<int>(total)).code(messageCount);
    for (int i = 0; i < messageCount; ++i) {
      const client::HistoryMessage& message = messages[i];
      record.text(orEmpty(message.source)).text(orEmpty(message.destination)).code(message.channel ? 1 : 0);
      record.number(message.serverReceivedTs).text(message.text);
    }
  });
}

}  // namespace rtm::binding
