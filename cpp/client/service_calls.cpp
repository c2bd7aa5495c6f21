// What the call manager needs of its service.

#include "client/service.hpp"

namespace rtm::client {

using namespace agora::rtm;  // NOLINT(google-build-using-namespace): the drop-in names are long and unmistakable

IRtmCallManager* Service::getRtmCallManager(IRtmCallEventHandler* eventHandler) {
  if (!initialized_ || eventHandler == nullptr) return nullptr;
  std::shared_ptr<CallManager> manager;
  {
    const std::lock_guard lock(mutex_);
    if (released_) return nullptr;
    manager = calls_;
    if (manager == nullptr) {
      calls_ = std::make_shared<CallManager>(
          std::shared_ptr<CallManager::Service>(shared_from_this(), static_cast<CallManager::Service*>(this)),
          delivery_, eventHandler);
      calls_->self = calls_;
      return calls_.get();
    }
  }
  manager->replaceHandler(eventHandler);
  return manager.get();
}

bool Service::sendSignal(const std::string& peerId, const wire::CallSignal& signal, std::uint64_t token) {
  wire::Content content{.messageId = static_cast<std::uint64_t>(nextMessageId()), .type = wire::ContentType::Call};
  content.call = signal;
  Bytes encoded(wire::encodedSize(content));
  wire::encode(content, encoded.data());
  bool queued = false;
  {
    const std::lock_guard lock(outboxMutex_);
    queued = outbox_.appendSend(wire::PeerSend{.peerId = peerId, .content = encoded}, OutboxKind::CallSignal, token, 0,
                                steadyMs() + peerTimeoutMs_);
  }
  if (queued) scheduleFlush();
  return queued;
}

void Service::watchCalls() {
  withSession([](Connection& session) { session.watchDeadlines(); });
}

}  // namespace rtm::client
