// News of the shared state, as calls of the sink.

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "server/bridge/bridge_client.hpp"
#include "server/bridge/bridge_records.hpp"
#include "server/engine/rules/member_events.hpp"
#include "server/model/channel_frames.hpp"

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

/// Reads news and calls `tell` with them. News that are not whole are dropped.
template <typename News, typename Tell>
void BridgeClient::with(RecordReader& in, Tell&& tell) {
  News news;
  read(in, news);
  if (in.complete()) tell(news);
}

void BridgeClient::onNews(NewsKind kind, RecordReader& in) {
  switch (kind) {
    case NewsKind::SendResults:
      return with<SendResultsNews>(in, [this](const SendResultsNews& news) {
        toSession(news.sessionId, [news](EngineSink& sink) {
          return sink.onSendResults(news.sessionId, news.firstSeq, news.count, news.code);
        });
      });
    case NewsKind::PeerMessage:
      return with<PeerMessageNews>(in, [this](const PeerMessageNews& news) { onPeerMessage(news); });
    case NewsKind::ChannelMessage:
      return with<ChannelMessageNews>(in, [this](const ChannelMessageNews& news) { onChannelMessage(news); });
    case NewsKind::MemberEvent:
      return with<MemberEventNews>(in, [this](const MemberEventNews& news) { onMemberEvent(news); });
    case NewsKind::MemberCount:
      return with<MemberCountNews>(in, [this](const MemberCountNews& news) { noteCount(news.channel, news.count); });
    case NewsKind::ChannelAttributes:
      return with<ChannelAttributesNews>(in, [this](const ChannelAttributesNews& news) {
        spread(ChannelFrame::Kind::Attributes, news.channel, attributesFrame(news.channel.name, news.entries));
      });
    case NewsKind::Presence:
      return with<PresenceNews>(in, [this](const PresenceNews& news) { sink_->onPresence(news.user, news.state); });
    case NewsKind::Kicked:
      return with<KickedNews>(in, [this](const KickedNews& news) {
        toSession(news.sessionId, [sessionId = news.sessionId, channel = std::string(news.channelId)](
                                      EngineSink& sink) { return sink.onKick(sessionId, channel); });
      });
    case NewsKind::EndSession:
      return with<EndSessionNews>(in, [this](const EndSessionNews& news) {
        if (news.reason > SessionEnd::GraceOver) return;
        toSession(news.sessionId, [news](EngineSink& sink) { return sink.onSessionEnd(news.sessionId, news.reason); });
      });
    case NewsKind::DropSession:
      return with<DropSessionNews>(in, [this](const DropSessionNews& news) {
        toSession(news.sessionId, [this, sessionId = news.sessionId](EngineSink& sink) {
          if (sink.surrender(sessionId) == nullptr) return false;
          --engine_.sessions_;
          return true;
        });
      });
    case NewsKind::Suspend:
      return with<SuspendNews>(in, [this](const SuspendNews& news) { sink_->onSuspend(news.retryAfterMs); });
    case NewsKind::Resume:
      return sink_->onResume();
  }
}

void BridgeClient::onPeerMessage(const PeerMessageNews& news) {
  wire::PeerMessage message;
  message.offset = news.offset;
  message.senderId = news.senderId;
  message.serverTimeMs = wire::Fixed64{news.serverTimeMs};
  message.flags = news.cached ? static_cast<std::uint32_t>(wire::SendFlag::Offline) : 0;
  message.content = news.content;
  // A session that is not here gets the message when it resumes: the engine keeps it, and has compared capabilities.
  sink_->onPeerMessage(news.sessionId, SharedFrame::encode(message).bytes());
}

void BridgeClient::spread(ChannelFrame::Kind kind, const ScopedName& channel, SharedFrame frame) {
  ChannelFrame out;
  out.kind = kind;
  out.channel = channel;
  out.frame = std::move(frame);
  sink_->onChannelFrame(out);
}

void BridgeClient::onChannelMessage(const ChannelMessageNews& news) {
  ChannelFrame out;
  out.channel = news.channel;
  out.excludedSession = news.exceptSessionId;
  out.requiredCapabilities = news.requiredCapabilities;
  out.frame = messageFrame(news.channel.name, news);
  sink_->onChannelFrame(out);
}

void BridgeClient::onMemberEvent(const MemberEventNews& news) {
  forEachMemberEvent(news.channel.name, news.joined, news.left, [this, &news](const wire::MemberEvent& event) {
    ChannelFrame out;
    out.kind = ChannelFrame::Kind::MemberEvent;
    out.channel = news.channel;
    out.frame = SharedFrame::encode(event);
    out.namesReceivers = !event.joined.empty();
    sink_->onChannelFrame(out);
  });
  noteCount(news.channel, news.count);
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
