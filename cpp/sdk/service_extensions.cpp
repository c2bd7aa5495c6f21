#include "sdk/service_extensions.hpp"

#include <optional>
#include <string>
#include <vector>

#include "client/client_log.hpp"
#include "client/history/history.hpp"
#include "client/messages/messages.hpp"
#include "sdk/arguments.hpp"
#include "sdk/c_strings.hpp"
#include "sdk/channel_object.hpp"
#include "sdk/message.hpp"

namespace rtm::sdk {

void ExtensionEvents::closeExtensions() {
  const client::HandlerLock::Hold hold(lock_);
  history_ = nullptr;
  connection_ = nullptr;
}

// ---- ends of calls: the surface makes no difference ---------------------------------------------------------------

void ExtensionEvents::onPeerSendUnsent(long long messageId, client::PeerMessageCode code) {
  onPeerSendResult(messageId, code);
}

void ExtensionEvents::onRequestUnsent(client::RequestId /*request*/) {}

// ---- connection -------------------------------------------------------------------------------------------------

IConnection& connectionOf(agora::rtm::IRtmService& service) {
  return extensionsOf(service);
}

void ServiceExtensions::setConnectionHandler(IConnectionEventHandler* handler) {
  events().setConnectionHandler(handler);
}

void ExtensionEvents::setConnectionHandler(IConnectionEventHandler* handler) {
  const client::HandlerLock::Hold hold(lock_);
  connection_ = handler;
}

void ExtensionEvents::onEstablished(const client::Established& established) {
  if (established.how == client::Established::How::Login) return;
  const std::shared_ptr<ExtensionEvents> keep = shared_from_this();
  const client::HandlerLock::Hold hold(lock_);
  if (connection_ == nullptr) return;
  CStrings channels(established.channelsMissed);
  connection_->onReconnected({.resumed = established.how == client::Established::How::Resume,
                              .lostForMs = static_cast<long long>(established.tookMs),
                              .peerMissed = established.peerMissed,
                              .channelIds = channels.data(),
                              .channelCount = static_cast<int>(established.channelsMissed.size())});
}

// ---- messages that expire -----------------------------------------------------------------------------------------

IExpiry& expiryOf(agora::rtm::IRtmService& service) {
  return extensionsOf(service);
}

namespace {

/// The options, unless the time is none that a message may have.
std::optional<client::SendOptions> expiring(client::Client& core, const agora::rtm::SendMessageOptions& options,
                                            long long expiresInMs) {
  if (expiresInMs < 1 || expiresInMs > client::kLongestExpiryMs) {
    core.log().error("expiresInMs: expected 1 to " + std::to_string(client::kLongestExpiryMs) + ", got " +
                     std::to_string(expiresInMs) + "; the message is not sent");
    return std::nullopt;
  }
  client::SendOptions given = toOptions(options);
  given.expiresInMs = static_cast<std::uint32_t>(expiresInMs);
  return given;
}

}  // namespace

int ServiceExtensions::sendToPeer(const char* peerId, const agora::rtm::IMessage* message,
                                  const agora::rtm::SendMessageOptions& options, long long expiresInMs) {
  const auto given = expiring(core(), options, expiresInMs);
  if (!given) return agora::rtm::PEER_MESSAGE_ERR_INVALID_MESSAGE;
  return static_cast<int>(core().messages().send(orEmpty(peerId), viewOf(message), *given));
}

int ServiceExtensions::sendToChannel(agora::rtm::IChannel& channel, const agora::rtm::IMessage* message,
                                     const agora::rtm::SendMessageOptions& options, long long expiresInMs) {
  const auto given = expiring(core(), options, expiresInMs);
  if (!given) return agora::rtm::CHANNEL_MESSAGE_ERR_INVALID_MESSAGE;
  return static_cast<ChannelObject&>(channel).sendMessage(message, *given);
}

// ---- history ----------------------------------------------------------------------------------------------------

IHistory& historyOf(agora::rtm::IRtmService& service) {
  return extensionsOf(service);
}

void ServiceExtensions::setHistoryHandler(IHistoryEventHandler* handler) {
  events().setHistoryHandler(handler);
}

int ServiceExtensions::queryHistory(const HistoryQuery& query, long long& requestId) {
  return static_cast<int>(core().history().query({.source = orEmpty(query.source),
                                                  .destination = orEmpty(query.destination),
                                                  .startMs = query.startMs,
                                                  .endMs = query.endMs,
                                                  .offset = query.offset,
                                                  .limit = query.limit,
                                                  .descending = query.descending,
                                                  .countOnly = query.countOnly},
                                                 requestId));
}

void ExtensionEvents::setHistoryHandler(IHistoryEventHandler* handler) {
  const client::HandlerLock::Hold hold(lock_);
  history_ = handler;
}

void ExtensionEvents::onHistoryResult(client::RequestId id, std::span<const client::HistoryMessage> messages,
                                      unsigned total, client::HistoryCode code) {
  const std::shared_ptr<ExtensionEvents> keep = shared_from_this();
  const client::HandlerLock::Hold hold(lock_);
  if (history_ == nullptr) return;
  const CStrings sources = idsOf(messages, &client::HistoryMessage::source);
  const CStrings destinations = idsOf(messages, &client::HistoryMessage::destination);
  std::vector<HistoryMessage> list(messages.size());
  for (std::size_t i = 0; i < messages.size(); ++i) {
    list[i] = {sources.at(i), destinations.at(i), messages[i].channel, messages[i].serverReceivedMs, messages[i].text};
  }
  history_->onHistoryQueryResult(id, list.data(), static_cast<int>(list.size()), total,
                                 static_cast<HISTORY_ERR_CODE>(code));
}

}  // namespace rtm::sdk
