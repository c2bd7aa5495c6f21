#include "client/messages/messages.hpp"

#include "base/identifiers.hpp"
#include "client/client_common.hpp"
#include "client/invitations/invitations.hpp"
#include "client/messages/content.hpp"
#include "client/session/login_session.hpp"
#include "client/throttle.hpp"
#include "client/why_no_id.hpp"

namespace rtm::client {

PeerMessageCode Messages::send(std::string_view peerId, const MessageView& message, SendOptions options) {
  if (const auto code = common_.access.check<PeerMessageCode>(); code != PeerMessageCode::Ok) return code;
  if (!isValidUserId(peerId)) {
    common_.log.error("sendMessageToPeer: peer id: " + whyNoId(peerId));
    return PeerMessageCode::InvalidUserId;
  }
  const OutgoingContent out = toContent(message, common_.queue.messageBytes());
  if (out.problem != ContentProblem::None) {
    common_.log.error("sendMessageToPeer: " + describe(out, common_.queue.messageBytes()));
    return PeerMessageCode::InvalidMessage;
  }
  const bool taken = common_.queue.send(wire::PeerSend{.peerId = peerId,
                                                       .flags = flagsOf(options),
                                                       .content = encodeContent(out.content),
                                                       .expiresInMs = options.expiresInMs},
                                        OutboxKind::PeerMessage, out.content.messageId, 0);
  return taken ? PeerMessageCode::Ok : PeerMessageCode::TooOften;
}

Messages::Taken Messages::take(const wire::PeerMessage& message, const LoginSession& session) {
  wire::Content content;
  if (!wire::decode(message.content, content)) return Taken::Malformed;
  if (content.type == wire::ContentType::Invitation) {
    if (!content.invitation || invitations_.onSignal(message.senderId, *content.invitation)) return Taken::Yes;
    return Taken::Refused;
  }
  // Any other type is of a newer SDK: acknowledged, so that it does not block the inbox, and invisible
  // (docs/spec/semantics.md §10).
  const bool offline = (message.flags & static_cast<std::uint32_t>(wire::SendFlag::Offline)) != 0;
  if (offline && (session.inbox().hadEarlier(content.earlierEpoch, content.earlierOffset) ||
                  !storedSeen_.note(session.userId(), message.senderId, content.messageId, message.serverTimeMs,
                                    content.storedAs))) {
    return Taken::Yes;
  }
  const MessageView view = toView(content, message.serverTimeMs, offline);
  if (view.type == MessageType::Undefined) return Taken::Yes;
  ClientEvents& events = common_.events;
  if (common_.delivery->direct()) {
    common_.delivery->run([&] { events.onPeerMessage(message.senderId, view); });
    return Taken::Yes;
  }
  common_.delivery->run([&events, sender = std::string(message.senderId), owned = OwnedMessage(view)] {
    events.onPeerMessage(sender, owned.view());
  });
  throttle_.onEvent();
  return Taken::Yes;
}

bool Messages::withdraw(long long messageId) {
  const std::lock_guard lock(common_.lock);
  const auto ended = common_.queue.withdraw(OutboxKind::PeerMessage, static_cast<std::uint64_t>(messageId));
  if (ended) onSendEnded(*ended, PeerMessageCode::SentTimeout);
  return ended.has_value();
}

void Messages::onSendEnded(const OutboxEnd& ended, PeerMessageCode code) {
  common_.delivery->run([&events = common_.events, id = static_cast<long long>(ended.id), code, sent = ended.sent] {
    if (sent) {
      events.onPeerSendResult(id, code);
    } else {
      events.onPeerSendUnsent(id, code);
    }
  });
}

}  // namespace rtm::client
