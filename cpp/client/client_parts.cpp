#include "client/client_parts.hpp"

#include <algorithm>

namespace rtm::client {

ClientParts::ClientParts(Process& theProcess, std::shared_ptr<Delivery> delivery, ClientEvents& events)
    : process(theProcess),
      session(theProcess.loop(), common, *this),
      common(std::move(delivery), events, session, session),
      throttle(common, *this),
      invitations(common),
      messages(common, invitations, throttle),
      channels(common, throttle),
      presence(common),
      attributes(common),
      history(common),
      media(theProcess.loop(), common, session) {}

ClientParts::Verdict ClientParts::onSessionFrame(wire::FrameKind kind, ByteView body) {
  const auto handle = [&](auto frame, auto&& take) {
    if (!wire::decode(body, frame)) return Verdict::Malformed;
    if constexpr (std::is_same_v<decltype(take(frame)), bool>) {
      return take(frame) ? Verdict::Taken : Verdict::Malformed;
    } else {
      take(frame);
      return Verdict::Taken;
    }
  };
  const auto byChannels = [this](const auto& frame) { return channels.take(frame); };
  const auto byPresence = [this](const auto& frame) { return presence.take(frame); };
  const auto byAttributes = [this](const auto& frame) { return attributes.take(frame); };
  switch (kind) {
    case wire::FrameKind::SendResults:
      return handle(wire::SendResults{}, [this](const auto& frame) { return takeResults(frame); });
    case wire::FrameKind::PeerMessage:
      return handle(wire::PeerMessage{}, [this](const auto& frame) { return takeMessage(frame); });
    case wire::FrameKind::ChannelMessage:
      return handle(wire::ChannelMessage{}, byChannels);
    case wire::FrameKind::JoinResult:
      return handle(wire::JoinResult{}, byChannels);
    case wire::FrameKind::Members:
      return handle(wire::Members{}, byChannels);
    case wire::FrameKind::MemberEvent:
      return handle(wire::MemberEvent{}, byChannels);
    case wire::FrameKind::MemberCount:
      return handle(wire::MemberCount{}, byChannels);
    case wire::FrameKind::MemberCounts:
      return handle(wire::MemberCounts{}, byChannels);
    case wire::FrameKind::ChannelKicked:
      return handle(wire::ChannelKicked{}, byChannels);
    case wire::FrameKind::ChannelAttributesEvent:
      return handle(wire::ChannelAttributesEvent{}, byChannels);
    case wire::FrameKind::PresenceStates:
      return handle(wire::PresenceStates{}, byPresence);
    case wire::FrameKind::PresenceEvent:
      return handle(wire::PresenceEvent{}, byPresence);
    case wire::FrameKind::UserAttributes:
      return handle(wire::UserAttributes{}, byAttributes);
    case wire::FrameKind::ChannelAttributes:
      return handle(wire::ChannelAttributes{}, byAttributes);
    case wire::FrameKind::HistoryResult:
      return handle(wire::HistoryResult{}, [this](const auto& frame) { return history.take(frame); });
    case wire::FrameKind::MediaTicket:
      return handle(wire::MediaTicket{}, [this](const auto& frame) { return media.take(frame); });
    default:
      return Verdict::Unknown;
  }
}

bool ClientParts::takeMessage(const wire::PeerMessage& message) {
  if (!session.session().isNew(message.offset)) return true;
  if (!messages.take(message)) return false;
  session.session().take(message.offset);
  return true;
}

bool ClientParts::takeResults(const wire::SendResults& results) {
  // More results than any client could have sends: not to be worked through under a lock.
  constexpr std::uint64_t kMaxResults = 1'000'000;
  std::uint64_t total = 0;
  for (std::size_t i = 1; i < results.ranges.size(); i += 3) {
    total = std::min(total + std::min(results.ranges[i], kMaxResults + 1), kMaxResults + 1);
  }
  if (results.ranges.size() % 3 != 0 || total > kMaxResults) return false;
  endedSends_.clear();
  common.queue.finishSends(results, endedSends_);
  for (const auto& [ended, code] : endedSends_) endSend(ended, code);
  return true;
}

/// A message that was sent has its result.
void ClientParts::endSend(const OutboxEnd& ended, std::uint32_t code) {
  switch (ended.kind) {
    case OutboxKind::PeerMessage:
      return messages.onSendEnded(ended.id, static_cast<PeerMessageCode>(code));
    case OutboxKind::ChannelMessage:
      return channels.onSendEnded(ended, static_cast<ChannelMessageCode>(code));
    case OutboxKind::CallSignal:
      return invitations.onSignalEnded(ended.id, code);
    case OutboxKind::Request:
      return;  // has an answer of its own
  }
}

void ClientParts::onLimits(const wire::Limits& limits) {
  common.limits = Limits::of(limits);
  common.queue.adopt(limits);
}

void ClientParts::onResumed(const wire::ResumeResult& result) {
  channels.onResumed(result);
  presence.onResumed(result.subscriptionsLost);
  media.onSession(MediaInput::SessionBack);
}

void ClientParts::onRestore() {
  common.requests.dropOwn();
  const std::vector<OutboxEnd> repeated = common.queue.startNewSession([this] {
    // First of all, so that the server meets no message for a channel before its join, and no attribute that was
    // written meanwhile before the older ones.
    channels.rejoin();
    attributes.restore();
  });
  media.onSession(MediaInput::SessionNew);
  presence.restore();
  for (const OutboxEnd& ended : repeated) endSend(ended, static_cast<std::uint32_t>(PeerMessageCode::SentTimeout));
}

// The outcomes that a timeout and a loss have in common for all kinds of messages.
static_assert(static_cast<int>(PeerMessageCode::Failure) == static_cast<int>(ChannelMessageCode::Failure) &&
              static_cast<int>(PeerMessageCode::SentTimeout) == static_cast<int>(ChannelMessageCode::SentTimeout));

void ClientParts::onSessionOver(bool pendingFails) {
  invitations.onLoggedOut();
  media.interruptAll();
  presence.onSessionOver();
  attributes.onSessionOver();
  channels.onSessionOver();
  if (!pendingFails) return;
  for (const OutboxEnd& ended : common.queue.clear()) {
    if (ended.kind == OutboxKind::Request) {
      common.requests.onLoss(ended.id);
    } else {
      endSend(ended, static_cast<std::uint32_t>(PeerMessageCode::Failure));
    }
  }
}

bool ClientParts::onTick(std::uint64_t nowMs) {
  std::vector<OutboxEnd> expired;
  const bool waiting = common.queue.expire(nowMs, expired);
  for (const OutboxEnd& ended : expired) {
    if (ended.kind == OutboxKind::Request) {
      common.requests.onTimeout(ended.id);
    } else {
      endSend(ended, static_cast<std::uint32_t>(PeerMessageCode::SentTimeout));
    }
  }
  const bool ringing = invitations.tick(nowMs);
  const bool moving = media.tick();
  return ringing || moving || waiting;
}

}  // namespace rtm::client
