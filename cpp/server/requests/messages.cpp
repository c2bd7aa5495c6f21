#include <algorithm>

#include "base/identifiers.hpp"
#include "server/model/codes.hpp"
#include "server/model/content_fields.hpp"
#include "server/model/store_constants.hpp"
#include "server/requests/content_check.hpp"
#include "server/requests/denials.hpp"
#include "server/requests/handlers.hpp"
#include "server/requests/invitations.hpp"

namespace rtm::server {
namespace {

/// Counts a send. False: nothing more to do, because it is a repeat that has its result or will get it. Numbers may be
/// left out: a send that the client gave up during an outage never comes.
bool countSend(Gateway& gateway, ClientConnection& connection, Session& session, std::uint64_t seq) {
  SessionState& state = *session.state;
  if (seq > state.acceptedSeq) {
    state.acceptedSeq = seq;
    ++state.unanswered;
    gateway.stats().messagesIn.add();
    return true;
  }
  if (seq == 0) {
    connection.refuse(wire::ByeCode::Malformed, "a send without a number");
  } else if (const auto code = state.results.find(seq)) {
    gateway.answers().repeat(session, seq, 1, *code);
  }
  return false;
}

/// The flags that apply to this content: a signal of an invitation is never stored, and the history keeps only texts.
std::uint32_t flagsFor(const ContentCheck& check, std::uint32_t flags) {
  if (check.invitation) return 0;
  const auto history = check.text ? static_cast<std::uint32_t>(wire::SendFlag::History) : 0;
  return flags & (static_cast<std::uint32_t>(wire::SendFlag::Offline) | history);
}

/// Only members can publish: the engine refuses everybody else.
bool mayPublish(Gateway& gateway, SessionState& state, std::string_view channelId) {
  const Permissions& permissions = gateway.permissions();
  if (!permissions.rulesPublish(state.app)) return true;
  const auto membership = state.channels.find(channelId);
  return membership == state.channels.end() ||
         permissions.mayPublish(state.asker(), channelId, membership->second.publish);
}

/// Writes behind the content when it expires. `room` holds its bytes.
template <typename Op>
void stampExpiry(Op& op, wire::Fixed64 expiresInMs, Bytes& room) {
  room.assign(op.content.begin(), op.content.end());
  addFields(room, {.expiresAtMs = op.serverTimeMs + std::min(expiresInMs.value, kLongestLifeMs)});
  op.content = room;
  op.flags |= kExpiresFlag;
}

/// Answers to an invitation, and its end, are always allowed.
bool maySend(Gateway& gateway, SessionState& state, const ContentCheck& check, std::string_view peerId) {
  if (check.invitation && !check.invites) return true;
  return gateway.permissions().maySend(state.asker(), check.invites ? Action::Invite : Action::Send, peerId);
}

}  // namespace

void onPeerSend(Gateway& gateway, ClientConnection& connection, const wire::PeerSend& send) {
  Session& session = *connection.session();
  SessionState& state = *session.state;
  if (!countSend(gateway, connection, session, send.seq)) return;
  const auto answer = [&](std::uint32_t code) { gateway.answers().answer(session, send.seq, 1, code); };
  const ContentCheck check = checkContent(send.content, gateway.context().options.limits);
  if (check.verdict == ContentCheck::Verdict::Malformed) {
    return connection.refuse(wire::ByeCode::Malformed, "a message whose content does not decode");
  }
  if (!state.quotas.take(wire::RateGroup::Send, gateway.now())) return answer(code::peer::kTooOften);
  if (!isValidUserId(send.peerId)) return answer(code::peer::kInvalidUserId);
  if (check.verdict == ContentCheck::Verdict::Invalid) return answer(code::peer::kInvalidMessage);
  // The caller's client tries again each second, and gives up as if the callee's SDK had not answered.
  if (check.invites && !state.quotas.takeInvite(send.peerId, gateway.now())) return answer(code::peer::kTooOften);
  if (!maySend(gateway, state, check, send.peerId)) {
    noteDenied(gateway, connection, check.invites ? Action::Invite : Action::Send, send.peerId);
    return answer(code::peer::kFailure);
  }
  if (check.invitation && !countInvitation(gateway, state, check, send.seq, send.peerId)) {
    return answer(code::peer::kTooOften);
  }
  PeerSendOp op{.app = state.app,
                .sender = {gateway.index(), state.sessionId},
                .seq = send.seq,
                .senderId = state.userId,
                .receiverId = send.peerId,
                .flags = flagsFor(check, send.flags),
                .serverTimeMs = gateway.wallClockMs(),
                .requiredCapabilities = check.requiredCapabilities,
                .content = send.content};
  if (send.expiresInMs.value == 0) return gateway.engine().sendToPeer(op);
  Bytes room;
  stampExpiry(op, send.expiresInMs, room);
  gateway.engine().sendToPeer(op);
}

void onChannelSend(Gateway& gateway, ClientConnection& connection, const wire::ChannelSend& send) {
  Session& session = *connection.session();
  SessionState& state = *session.state;
  if (!countSend(gateway, connection, session, send.seq)) return;
  gateway.stats().channelMessagesIn.add();
  const auto answer = [&](std::uint32_t code) { gateway.answers().answer(session, send.seq, 1, code); };
  const ContentCheck check = checkContent(send.content, gateway.context().options.limits);
  if (check.verdict == ContentCheck::Verdict::Malformed) {
    return connection.refuse(wire::ByeCode::Malformed, "a message whose content does not decode");
  }
  if (!state.quotas.take(wire::RateGroup::Send, gateway.now())) return answer(code::channel::kTooOften);
  if (check.verdict == ContentCheck::Verdict::Invalid || check.invitation)
    return answer(code::channel::kInvalidMessage);
  if (!isValidChannelId(send.channelId)) return answer(code::channel::kFailure);
  if (!mayPublish(gateway, state, send.channelId)) {
    noteDenied(gateway, connection, Action::Publish, send.channelId);
    return answer(code::channel::kFailure);
  }
  PublishOp op{.app = state.app,
               .sender = {gateway.index(), state.sessionId},
               .fence = state.fence,
               .seq = send.seq,
               .senderId = state.userId,
               .channelId = send.channelId,
               .flags = flagsFor(check, send.flags),
               .serverTimeMs = gateway.wallClockMs(),
               .requiredCapabilities = check.requiredCapabilities,
               .content = send.content};
  if (send.expiresInMs.value == 0) return gateway.engine().publish(op);
  Bytes room;
  stampExpiry(op, send.expiresInMs, room);
  gateway.engine().publish(op);
}

void onInboxAck(Gateway& gateway, ClientConnection& connection, const wire::InboxAck& ack) {
  const SessionState& state = *connection.session()->state;
  AcknowledgeOp op{.app = state.app, .userId = state.userId, .fence = state.fence};
  op.refused = true;
  for (const std::uint64_t offset : ack.refused) {
    if (offset > ack.offset) continue;
    op.offset = offset;
    gateway.engine().acknowledge(op);
  }
  op.refused = false;
  op.offset = ack.offset;
  gateway.engine().acknowledge(op);
}

}  // namespace rtm::server
