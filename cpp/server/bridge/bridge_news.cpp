// News of the shared state, as calls of the sink.

#include <algorithm>
#include <memory>
#include <utility>

#include "server/bridge/bridge_client.hpp"
#include "server/bridge/bridge_records.hpp"
#include "server/engine/rules/member_events.hpp"

namespace rtm::server {

void BridgeClient::toSession(std::uint64_t sessionId, MoveFunction<bool(EngineSink&)> tell) {
  if (sink_ == nullptr || tell(*sink_)) return;
  const std::optional<std::uint32_t> elsewhere = routes_.redirect(sessionId);
  if (routes_.expected(sessionId)) {
    routes_.wait(sessionId,
                 [this, sessionId, later = std::move(tell)]() mutable { toSession(sessionId, std::move(later)); });
  } else if (elsewhere) {
    BridgeClient* client = engine_.clients_[*elsewhere].get();
    client->host_->post(
        [client, sessionId, later = std::move(tell)]() mutable { client->toSession(sessionId, std::move(later)); });
  }
}

void BridgeClient::onNews(NewsKind kind, RecordReader& in) {
  switch (kind) {
    case NewsKind::SendResults: {
      const std::uint64_t sessionId = in.number();
      const std::uint64_t first = in.number();
      const std::uint64_t count = in.number();
      const std::uint32_t code = in.word();
      if (!in.complete()) return;
      return toSession(sessionId, [sessionId, first, count, code](EngineSink& sink) {
        return sink.onSendResults(sessionId, first, count, code);
      });
    }
    case NewsKind::PeerMessage:
      return onPeerMessage(in);
    case NewsKind::ChannelMessage:
      return onChannelMessage(in);
    case NewsKind::MemberEvent:
      return onMemberEvent(in);
    case NewsKind::MemberCount: {
      const ScopedName channel = readName(in);
      const std::uint32_t count = in.word();
      if (in.complete()) noteCount(channel, count);
      return;
    }
    case NewsKind::ChannelAttributes:
      return onAttributes(in);
    case NewsKind::Presence: {
      const ScopedName user = readName(in);
      const auto state = static_cast<wire::PresenceState>(in.byte());
      if (in.complete()) sink_->onPresence(user, state);
      return;
    }
    case NewsKind::Kicked: {
      const std::uint64_t sessionId = in.number();
      std::string channelId = in.ownText();
      if (!in.complete()) return;
      return toSession(sessionId, [sessionId, channel = std::move(channelId)](EngineSink& sink) {
        return sink.onKick(sessionId, channel);
      });
    }
    case NewsKind::EndSession: {
      const std::uint64_t sessionId = in.number();
      const std::uint8_t reason = in.byte();
      if (!in.complete() || reason > static_cast<std::uint8_t>(SessionEnd::GraceOver)) return;
      return toSession(sessionId, [sessionId, reason](EngineSink& sink) {
        return sink.onSessionEnd(sessionId, static_cast<SessionEnd>(reason));
      });
    }
    case NewsKind::DropSession: {
      const std::uint64_t sessionId = in.number();
      if (!in.complete()) return;
      return toSession(sessionId, [this, sessionId](EngineSink& sink) {
        if (sink.surrender(sessionId) == nullptr) return false;
        --engine_.sessions_;
        return true;
      });
    }
    case NewsKind::Suspend: {
      const std::uint32_t retryAfterMs = in.word();
      if (in.complete()) sink_->onSuspend(retryAfterMs);
      return;
    }
    case NewsKind::Resume:
      return sink_->onResume();
  }
}

void BridgeClient::onPeerMessage(RecordReader& in) {
  const std::uint64_t sessionId = in.number();
  wire::PeerMessage message;
  message.offset = in.number();
  message.senderId = in.text();
  message.serverTimeMs = wire::Fixed64{in.number()};
  in.number();  // capabilities: the engine has compared them
  message.flags = in.flag() ? static_cast<std::uint32_t>(wire::SendFlag::Offline) : 0;
  message.content = in.bytes();
  // A session that is not here gets the message when it resumes: the engine keeps it.
  if (in.complete()) sink_->onPeerMessage(sessionId, SharedFrame::encode(message).bytes());
}

void BridgeClient::spread(ChannelFrame::Kind kind, const ScopedName& channel, SharedFrame frame) {
  ChannelFrame out;
  out.kind = kind;
  out.channel = channel;
  out.frame = std::move(frame);
  sink_->onChannelFrame(out);
}

void BridgeClient::onChannelMessage(RecordReader& in) {
  ChannelFrame out;
  out.channel = readName(in);
  out.excludedSession = in.number();
  wire::ChannelMessage message = readChannelMessage(in, out.channel.name);
  out.requiredCapabilities = in.number();
  message.content = in.bytes();
  if (!in.complete()) return;
  out.frame = SharedFrame::encode(message);
  sink_->onChannelFrame(out);
}

void BridgeClient::onMemberEvent(RecordReader& in) {
  const ScopedName channel = readName(in);
  std::vector<std::string_view> joined;
  std::vector<std::string_view> left;
  in.list([&joined](RecordReader& item) { joined.push_back(item.text()); });
  in.list([&left](RecordReader& item) { left.push_back(item.text()); });
  const std::uint32_t count = in.word();
  if (!in.complete()) return;
  forEachMemberEvent(channel.name, joined, left, [this, &channel](const wire::MemberEvent& event) {
    ChannelFrame out;
    out.kind = ChannelFrame::Kind::MemberEvent;
    out.channel = channel;
    out.frame = SharedFrame::encode(event);
    out.namesReceivers = !event.joined.empty();
    sink_->onChannelFrame(out);
  });
  noteCount(channel, count);
}

void BridgeClient::onAttributes(RecordReader& in) {
  const ScopedName channel = readName(in);
  const std::vector<StoredAttribute> entries = readAttributes(in);
  if (in.complete()) spread(ChannelFrame::Kind::Attributes, channel, attributesFrame(channel.name, entries));
}

void BridgeClient::noteCount(const ScopedName& channel, std::uint32_t count) {
  auto found = counts_.find(channel);
  if (found == counts_.end()) found = counts_.emplace(ScopedKey(channel), Count{}).first;
  found->second.members = count;
  found->second.changedAt = host_->now();
  found->second.throttle.changed();
  countsDue_ = true;
  host_->requestTurnEnd();
}

void BridgeClient::flushCounts() {
  const std::uint64_t now = host_->now();
  for (auto at = counts_.begin(); at != counts_.end();) {
    Count& count = at->second;
    const bool small = engine_.noticeLimit_ == 0 || count.members <= engine_.noticeLimit_;
    if (count.throttle.take(now, small)) {
      const wire::MemberCount notice{.channelId = at->first.name, .count = count.members};
      ChannelFrame out;
      out.kind = ChannelFrame::Kind::MemberCount;
      out.channel = at->first.view();
      out.frame = SharedFrame::encode(notice);
      out.memberCount = count.members;
      sink_->onChannelFrame(out);
    }
    const bool quiet = !count.throttle.pending() && now - count.changedAt > 2 * CountThrottle::kLargeIntervalMs;
    at = quiet ? counts_.erase(at) : std::next(at);
  }
}

void BridgeClient::onTurnEnd() {
  if (std::exchange(countsDue_, false) && sink_ != nullptr) flushCounts();
}

void BridgeClient::onTick() {
  routes_.expire(host_->now());
  if (!counts_.empty()) flushCounts();
}

}  // namespace rtm::server
