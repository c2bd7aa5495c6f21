// Sending, results of sends, and peer messages received.

#include <algorithm>

#include "base/identifiers.hpp"
#include "client/channel.hpp"
#include "client/message.hpp"
#include "client/service.hpp"

namespace rtm::client {

using namespace agora::rtm;  // NOLINT(google-build-using-namespace): the drop-in names are long and unmistakable

namespace {

/// The encoded content of the message that this thread is sending; reused, so that a send allocates nothing.
ByteView encodeContent(const wire::Content& content) {
  thread_local Bytes scratch;
  const std::size_t size = wire::encodedSize(content);
  if (scratch.size() < size) scratch.resize(size);  // never smaller: growing again would clear it again
  wire::encode(content, scratch.data());
  return ByteView(scratch).first(size);
}

std::uint32_t flagsOf(const SendMessageOptions& options) {
  return (options.enableOfflineMessaging ? static_cast<std::uint32_t>(wire::SendFlag::Offline) : 0) |
         (options.enableHistoricalMessaging ? static_cast<std::uint32_t>(wire::SendFlag::History) : 0);
}

}  // namespace

int Service::sendMessageToPeer(const char* peerId, const IMessage* message) {
  return sendMessageToPeer(peerId, message, SendMessageOptions());
}

int Service::sendMessageToPeer(const char* peerId, const IMessage* message, const SendMessageOptions& options) {
  if (!initialized_) return PEER_MESSAGE_ERR_NOT_INITIALIZED;
  if (!loggedIn_) return PEER_MESSAGE_ERR_USER_NOT_LOGGED_IN;
  if (peerId == nullptr || !isValidUserId(peerId)) return PEER_MESSAGE_ERR_INVALID_USERID;
  if (message == nullptr) return PEER_MESSAGE_ERR_INVALID_MESSAGE;
  const OutgoingContent out = toContent(*message, messageBytes_);
  if (out.problem != ContentProblem::None) return PEER_MESSAGE_ERR_INVALID_MESSAGE;
  const ByteView content = encodeContent(out.content);
  {
    const std::lock_guard lock(outboxMutex_);
    const std::uint64_t now = coarseMs();
    if (!rates_[static_cast<std::size_t>(wire::RateGroup::Send)].accept(now) ||
        !outbox_.appendSend(wire::PeerSend{.peerId = peerId, .flags = flagsOf(options), .content = content},
                            OutboxKind::PeerMessage, out.content.messageId, 0, now + peerTimeoutMs_)) {
      return PEER_MESSAGE_ERR_TOO_OFTEN;
    }
    if (gather(content.size()) || writeHere()) return PEER_MESSAGE_ERR_OK;
  }
  scheduleFlush();
  return PEER_MESSAGE_ERR_OK;
}

int Service::sendToChannel(Channel& channel, const IMessage* message, const SendMessageOptions& options) {
  if (!initialized_) return CHANNEL_MESSAGE_ERR_NOT_INITIALIZED;
  if (!loggedIn_) return CHANNEL_MESSAGE_ERR_USER_NOT_LOGGED_IN;
  if (message == nullptr) return CHANNEL_MESSAGE_ERR_INVALID_MESSAGE;
  const OutgoingContent out = toContent(*message, messageBytes_);
  if (out.problem != ContentProblem::None) return CHANNEL_MESSAGE_ERR_INVALID_MESSAGE;
  const ByteView content = encodeContent(out.content);
  {
    const std::lock_guard lock(outboxMutex_);
    const std::uint64_t now = coarseMs();
    if (!rates_[static_cast<std::size_t>(wire::RateGroup::Send)].accept(now) ||
        !outbox_.appendSend(wire::ChannelSend{.channelId = channel.id(), .flags = flagsOf(options), .content = content},
                            OutboxKind::ChannelMessage, out.content.messageId, channel.number(),
                            now + channelTimeoutMs_)) {
      return CHANNEL_MESSAGE_ERR_TOO_OFTEN;
    }
    if (gather(content.size()) || writeHere()) return CHANNEL_MESSAGE_ERR_OK;
  }
  scheduleFlush();
  return CHANNEL_MESSAGE_ERR_OK;
}

bool Service::gather(std::size_t contentBytes) {
  if (!gathering_) return false;
  gathered_ += contentBytes;
  if (gathered_ < kGatherBytes) return true;
  gathered_ = 0;
  return false;
}

void Service::scheduleFlush() {
  // One post for all calls until the I/O thread gets to it: this is what makes many sends one write.
  if (flushPosted_.exchange(true)) return;
  withSession([this](Connection&) {
    const std::lock_guard lock(mutex_);
    flushPosted_ = false;  // before looking: what is appended from here on posts anew
    flush();
    openGate();
  });
}

void Service::flushSends(bool alone) {
  if (alone) {
    const std::lock_guard lock(outboxMutex_);
    if (writeHere()) return;
  }
  scheduleFlush();
}

bool Service::writeHere() {
  // With more than a few messages on their way this is a stream, which the I/O thread writes in larger pieces.
  constexpr std::size_t kMaxUnanswered = 4;
  if (gate_ == nullptr || outbox_.entries() > kMaxUnanswered) return false;
  if (!outbox_.flush([this](ByteView frames) { return gate_->tryWrite(frames); })) return false;
  gathered_ = 0;
  return deadlinesWatched_;
}

void Service::flush() {
  if (session_ == nullptr) return;
  const std::lock_guard lock(outboxMutex_);
  session_->watchDeadlines();
  deadlinesWatched_ = true;
  net::Link* link = established_ ? session_->link() : nullptr;
  if (link == nullptr) return;
  gathered_ = 0;
  outbox_.flush([link](ByteView frames) { return link->sendEncoded(frames); });
}

void Service::openGate() {
  net::Link* link = established_ && session_ != nullptr ? session_->link() : nullptr;
  if (link == nullptr) return;
  const std::lock_guard lock(outboxMutex_);
  if (gate_ == nullptr && !outbox_.empty()) gate_ = link->writeGate();
}

void Service::closeGate() {
  const std::lock_guard lock(outboxMutex_);
  gate_.reset();
}

void Service::onDrained(std::uint64_t attempt) {
  const std::lock_guard lock(mutex_);
  if (attempt == attempt_ && !released_) flush();
}

bool Service::onDeadlineTick(std::uint64_t nowMs) {
  const std::lock_guard lock(mutex_);
  if (released_) return false;
  std::vector<OutboxEnd> ended;
  bool waiting = false;
  {
    const std::lock_guard outboxLock(outboxMutex_);
    outbox_.expire(nowMs, [&](const OutboxEnd& end) { ended.push_back(end); });
    waiting = !outbox_.empty();
    deadlinesWatched_ = waiting;
  }
  endEntries(ended, EndedBy::Timeout);
  const bool ringing = calls_ != nullptr && calls_->tick(nowMs);
  const bool moving = media_.tick();
  return ringing || moving || waiting;
}

void Service::endEntries(const std::vector<OutboxEnd>& ended, EndedBy how) {
  for (const OutboxEnd& end : ended) {
    if (end.kind == OutboxKind::Request) {
      const auto found = pending_.find(end.id);
      if (found == pending_.end()) continue;
      PendingRequest pending = std::move(found->second);
      pending_.erase(found);
      const RequestRule& rule = ruleOf(pending.kind);
      concludeRequest(pending, how == EndedBy::Timeout ? rule.timedOut : rule.lost);
      continue;
    }
    static_assert(static_cast<int>(PEER_MESSAGE_ERR_FAILURE) == static_cast<int>(CHANNEL_MESSAGE_ERR_FAILURE) &&
                  static_cast<int>(PEER_MESSAGE_ERR_SENT_TIMEOUT) ==
                      static_cast<int>(CHANNEL_MESSAGE_ERR_SENT_TIMEOUT));
    reportSend(end, how == EndedBy::Timeout ? PEER_MESSAGE_ERR_SENT_TIMEOUT : PEER_MESSAGE_ERR_FAILURE);
  }
}

bool Service::handleSendResults(const wire::SendResults& results) {
  // More results than anybody could have sends: not to be worked through under a lock.
  constexpr std::uint64_t kMaxResults = 1'000'000;
  std::uint64_t total = 0;
  for (std::size_t i = 1; i < results.ranges.size(); i += 3) {
    total = std::min(total + std::min(results.ranges[i], kMaxResults + 1), kMaxResults + 1);
  }
  if (results.ranges.size() % 3 != 0 || total > kMaxResults) return malformed(wire::FrameKind::SendResults);
  std::vector<std::pair<OutboxEnd, std::uint32_t>>& ended = endedSends_;  // reused: a busy session allocates nothing
  ended.clear();
  {
    const std::lock_guard lock(outboxMutex_);
    for (std::size_t i = 0; i < results.ranges.size(); i += 3) {
      const std::uint64_t first = results.ranges[i];
      const std::uint64_t count = results.ranges[i + 1];
      const auto code = static_cast<std::uint32_t>(results.ranges[i + 2]);
      for (std::uint64_t n = 0; n < count; ++n) {
        if (const std::optional<OutboxEnd> end = outbox_.finishSend(first + n)) ended.emplace_back(*end, code);
      }
    }
  }
  for (const auto& [end, code] : ended) reportSend(end, code);
  return true;
}

void Service::reportSend(const OutboxEnd& ended, std::uint32_t code) {
  const auto messageId = static_cast<long long>(ended.id);
  if (ended.kind == OutboxKind::PeerMessage) {
    notify([messageId, code](IRtmServiceEventHandler& handler) {
      handler.onSendMessageResult(messageId, static_cast<PEER_MESSAGE_ERR_CODE>(code));
    });
    return;
  }
  if (ended.kind == OutboxKind::CallSignal) {
    if (calls_ != nullptr) calls_->onSignalResult(ended.id, code);
    return;
  }
  const auto found = channelsByNumber_.find(ended.channel);
  const std::shared_ptr<Channel> channel = found != channelsByNumber_.end() ? found->second.lock() : nullptr;
  if (channel == nullptr) return;
  delivery_->run([channel, messageId, code] {
    if (channel->handler == nullptr) return;
    channel->handler->onSendMessageResult(messageId, static_cast<CHANNEL_MESSAGE_ERR_CODE>(code));
  });
}

bool Service::handlePeerMessage(const wire::PeerMessage& message) {
  if (message.offset <= inboxOffset_) return true;  // seen before the link changed
  wire::Content content;
  if (!wire::decode(message.content, content)) return malformed(wire::FrameKind::PeerMessage);
  inboxOffset_ = message.offset;
  ackDue_ = true;
  const bool offline = (message.flags & static_cast<std::uint32_t>(wire::SendFlag::Offline)) != 0;
  if (content.type == wire::ContentType::Text || content.type == wire::ContentType::Raw) {
    if (delivery_->direct()) {
      const ReceivedMessage received(toView(content, message.serverTimeMs, offline));
      scratchId_.assign(message.senderId);
      delivery_->run([&] {
        delivery_->forEachHandler([&](IRtmServiceEventHandler& handler) {
          handler.onMessageReceivedFromPeer(scratchId_.c_str(), &received);
        });
      });
      return true;
    }
    notify([sender = std::string(message.senderId),
            received = TextMessage(toData(content, message.serverTimeMs, offline))](IRtmServiceEventHandler& handler) {
      handler.onMessageReceivedFromPeer(sender.c_str(), &received);
    });
    throttleDelivery();
    return true;
  }
  if (content.type == wire::ContentType::Call) {
    if (calls_ != nullptr && content.call) calls_->onSignal(message.senderId, *content.call);
    return true;
  }
  MessageData data = toData(content, message.serverTimeMs, offline);
  const std::string sender(message.senderId);
  if (content.type == wire::ContentType::File) {
    notify([sender, received = FileMessage(std::move(data))](IRtmServiceEventHandler& handler) {
      handler.onFileMessageReceivedFromPeer(sender.c_str(), &received);
    });
  } else if (content.type == wire::ContentType::Image) {
    notify([sender, received = ImageMessage(std::move(data))](IRtmServiceEventHandler& handler) {
      handler.onImageMessageReceivedFromPeer(sender.c_str(), &received);
    });
  }
  // Any other type is of a newer SDK: acknowledged, so that it does not block the inbox, and invisible (semantics §10).
  return true;
}

void Service::throttleDelivery() {
  // Handlers on the strand are behind: stop reading, so that the queue of events stays bounded and nothing is dropped.
  constexpr std::size_t kHighWater = 100'000;
  if (throttled_ || delivery_->waiting() < kHighWater) return;
  throttled_ = true;
  pauseDelivery();
  delivery_->run([self = shared_from_this()] {
    // Runs when all that waited before it is done.
    {
      const std::lock_guard lock(self->mutex_);
      self->throttled_ = false;
    }
    self->resumeDelivery();
  });
}

}  // namespace rtm::client
