#include "client/client_parts.hpp"

#include <algorithm>
#include <array>
#include <type_traits>
#include <utility>

#include "wire/frame.hpp"

namespace rtm::client {

ClientParts::ClientParts(std::shared_ptr<Process> theProcess, std::shared_ptr<Delivery> delivery, ClientEvents& events)
    : process(std::move(theProcess)),
      session(process->loop(), common, *this),
      common(std::move(delivery), events, session, session),
      throttle(common, *this),
      invitations(common),
      messages(common, invitations, throttle),
      channels(common, throttle),
      presence(common),
      attributes(common),
      history(common),
      media(process->loop(), common, session) {}

namespace {

using Verdict = SessionKeeper::Owner::Verdict;

template <typename Part, typename Message>
concept Takes = requires(Part& part, const Message& message) {
  part.take(message);
};

/// The part that has a take() for this message, or nullptr.
template <typename Message>
auto takerOf(ClientParts& parts) {
  if constexpr (Takes<ClientParts, Message>) {
    return &parts;
  } else if constexpr (Takes<Channels, Message>) {
    return &parts.channels;
  } else if constexpr (Takes<Presence, Message>) {
    return &parts.presence;
  } else if constexpr (Takes<Attributes, Message>) {
    return &parts.attributes;
  } else if constexpr (Takes<History, Message>) {
    return &parts.history;
  } else if constexpr (Takes<Media, Message>) {
    return &parts.media;
  } else {
    return nullptr;
  }
}

template <typename Message>
constexpr bool kIsTaken = !std::is_null_pointer_v<decltype(takerOf<Message>(std::declval<ClientParts&>()))>;

template <typename Message>
Verdict bring(ClientParts& parts, ByteView body) {
  Message message;
  if (!wire::decode(body, message)) return Verdict::Malformed;
  if constexpr (requires { message.requestId; }) {
    if (!parts.common.requests.mayAnswer(message.requestId, wire::kKindOf<Message>)) return Verdict::Malformed;
  }
  auto* taker = takerOf<Message>(parts);
  if constexpr (std::is_same_v<decltype(taker->take(message)), bool>) {
    return taker->take(message) ? Verdict::Taken : Verdict::Malformed;
  } else {
    taker->take(message);
    return Verdict::Taken;
  }
}

using Bring = Verdict (*)(ClientParts&, ByteView);

template <typename Message>
constexpr Bring bringOf() {
  if constexpr (kIsTaken<Message>) return &bring<Message>;
  return nullptr;
}

template <typename... Message>
constexpr auto bringByKind(wire::MessageList<Message...>) {
  std::array<Bring, 256> byKind{};
  ((byKind[static_cast<std::size_t>(wire::kKindOf<Message>)] = bringOf<Message>()), ...);
  return byKind;
}

/// For each kind of frame: how its message reaches the part that has a take() for it; null if no part has.
constexpr auto kBringByKind = bringByKind(wire::FrameMessages{});

}  // namespace

ClientParts::Verdict ClientParts::onSessionFrame(wire::FrameKind kind, ByteView body) {
  const Bring bringBody = kBringByKind[static_cast<std::size_t>(kind)];
  return bringBody != nullptr ? bringBody(*this, body) : Verdict::Unknown;
}

bool ClientParts::take(const wire::PeerMessage& message) {
  if (!session.session().inbox().isNew(message.offset)) return true;
  const Messages::Taken taken = messages.take(message, session.session());
  if (taken == Messages::Taken::Malformed) return false;
  session.session().inbox().take(message.offset, taken == Messages::Taken::Refused);
  return true;
}

bool ClientParts::take(const wire::SendResults& results) {
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
      return messages.onSendEnded(ended, static_cast<PeerMessageCode>(code));
    case OutboxKind::ChannelMessage:
      return channels.onSendEnded(ended, static_cast<ChannelMessageCode>(code));
    case OutboxKind::InvitationSignal:
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
    // Nobody knows whether a sent request arrived, so its result is a timeout. The other requests have failed.
    if (ended.kind == OutboxKind::Request) {
      endRequest(ended, ended.sent);
    } else {
      endSend(ended, static_cast<std::uint32_t>(ended.sent ? PeerMessageCode::SentTimeout : PeerMessageCode::Failure));
    }
  }
}

void ClientParts::endRequest(const OutboxEnd& ended, bool timedOut, bool lateEffect) {
  if (!ended.sent && !(lateEffect && common.requests.outlivesTimeout(ended.id))) {
    common.requests.markUnsent(ended.id);
    common.delivery->run(
        [&events = common.events, id = static_cast<RequestId>(ended.id)] { events.onRequestUnsent(id); });
  }
  if (timedOut) {
    common.requests.onTimeout(ended.id);
  } else {
    common.requests.onLoss(ended.id);
  }
}

bool ClientParts::onTick(std::uint64_t nowMs) {
  std::vector<OutboxEnd> expired;
  const bool waiting = common.queue.expire(nowMs, expired);
  for (const OutboxEnd& ended : expired) {
    if (ended.kind == OutboxKind::Request) {
      endRequest(ended, true, true);
    } else {
      endSend(ended, static_cast<std::uint32_t>(PeerMessageCode::SentTimeout));
    }
  }
  const bool ringing = invitations.tick(nowMs);
  const bool moving = media.tick();
  return ringing || moving || waiting;
}

}  // namespace rtm::client
