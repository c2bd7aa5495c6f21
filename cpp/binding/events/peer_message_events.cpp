#include "binding/events/sdk_records.hpp"
#include "binding/events/service_events.hpp"

namespace rtm::binding {

using namespace agora::rtm;  // NOLINT(google-build-using-namespace): the drop-in names are long and unmistakable

void ServiceEvents::onSendMessageResult(long long messageId, PEER_MESSAGE_ERR_CODE errorCode) {
  push(EventKind::PeerSendResult, [&](Record& record) { record.code(errorCode).number(messageId); });
}

void ServiceEvents::onMessageReceivedFromPeer(const char* peerId, const IMessage* message) {
  const auto fill = [&](Record& record) { writeMessage(record, *message); };
  if (throttle_.mailbox().pushFrom(EventKind::PeerMessage, id_, peerId, fill)) {
    throttle_.stop();
  }
}

void ServiceEvents::onImageMessageReceivedFromPeer(const char* peerId, const IImageMessage* message) {
  const auto fill = [&](Record& record) { writeImageMessage(record, *message); };
  if (throttle_.mailbox().pushFrom(EventKind::PeerMessage, id_, peerId, fill)) {
    throttle_.stop();
  }
}

void ServiceEvents::onFileMessageReceivedFromPeer(const char* peerId, const IFileMessage* message) {
  const auto fill = [&](Record& record) { writeFileMessage(record, *message); };
  if (throttle_.mailbox().pushFrom(EventKind::PeerMessage, id_, peerId, fill)) {
    throttle_.stop();
  }
}

}  // namespace rtm::binding
