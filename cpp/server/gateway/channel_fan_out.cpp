#include "server/gateway/channel_fan_out.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "server/connection/client_connection.hpp"
#include "server/gateway/owed_notices.hpp"
#include "server/gateway/session_table.hpp"
#include "server/model/channel_frames.hpp"
#include "wire/messages.hpp"

namespace rtm::server {
namespace {

/// With more than this waiting for a client, it gets no notices of attributes and members: its messages come first.
constexpr std::size_t kSoftQueueBytes = 1024 * 1024;
/// With less than this, it gets what was left out.
constexpr std::size_t kShortQueueBytes = 256 * 1024;

/// A MEMBER_EVENT that names some of its receivers, decoded once for all receivers.
class NamedEvent {
 public:
  explicit NamedEvent(ByteView frame) {
    wire::decode(frame.subspan(wire::kFrameHeaderSize), event_);
    std::sort(event_.joined.begin(), event_.joined.end());
  }

  /// The frame without `userId` among the users who joined; empty if no name is left. Nothing if `userId` has not
  /// joined.
  std::optional<Bytes> without(std::string_view userId) const {
    const auto own = std::lower_bound(event_.joined.begin(), event_.joined.end(), userId);
    if (own == event_.joined.end() || *own != userId) return std::nullopt;
    wire::MemberEvent others = event_;
    others.joined.erase(others.joined.begin() + (own - event_.joined.begin()));
    Bytes frame;
    if (!others.joined.empty() || !others.left.empty()) wire::appendFrame(frame, others);
    return frame;
  }

 private:
  wire::MemberEvent event_;
};

}  // namespace

void ChannelFanOut::list(Session& session, std::string_view channelId, std::uint32_t memberCount) {
  const auto found = session.state->channels.find(channelId);
  if (found == session.state->channels.end() || session.connection == nullptr) return;
  members_.add(session.state->channel(channelId), session, found->second, memberCount);
  // Of the session's previous link; the present count is part of the answer to the join.
  found->second.owesCount = false;
  if (found->second.toldLate) found->second.owesAttributes = true;
  if (found->second.owesAttributes) remember(session);
}

void ChannelFanOut::forget(Session& session, std::string_view channelId) {
  const auto found = session.state->channels.find(channelId);
  if (found == session.state->channels.end()) return;
  members_.remove(session.state->channel(channelId), found->second);
  session.state->channels.erase(found);
}

void ChannelFanOut::unlistAll(Session& session) {
  for (auto& [channelId, membership] : session.state->channels) {
    members_.remove(session.state->channel(channelId), membership);
  }
}

void ChannelFanOut::deliver(const ChannelFrame& frame) {
  std::vector<ChannelMembers::Entry>* members = members_.find(frame.channel);
  if (members == nullptr) return;
  const ByteView shared = frame.frame.bytes();
  std::optional<NamedEvent> event;
  if (frame.namesReceivers) event.emplace(shared);
  for (ChannelMembers::Entry& member : *members) {
    Session& session = *member.session;
    if (session.state->sessionId == frame.excludedSession) continue;
    if ((frame.requiredCapabilities & ~session.capabilities) != 0) continue;
    if (frame.kind == ChannelFrame::Kind::MemberCount && member.toldCount == frame.memberCount) continue;
    const bool canWait = frame.kind != ChannelFrame::Kind::Message && session.live;
    if (canWait && session.connection->queuedBytes() > kSoftQueueBytes) {
      leaveOut(session, *member.membership, frame.kind);
      continue;
    }
    if (frame.kind == ChannelFrame::Kind::MemberCount) member.toldCount = frame.memberCount;
    if (frame.kind == ChannelFrame::Kind::Attributes) {
      member.membership->owesAttributes = false;
      member.membership->asksAttributes = false;
      member.membership->toldLate = false;
    }
    const std::optional<Bytes> own = event ? event->without(session.state->userId) : std::nullopt;
    sendTo(session, own ? ByteView(*own) : shared, frame.kind);
  }
}

void ChannelFanOut::sendTo(Session& session, ByteView frame, ChannelFrame::Kind kind) {
  if (frame.empty()) return;
  if (!session.live) {  // resuming: the frame must follow RESUME_RESULT
    if (session.held.size() > Session::kHeldBytes) session.connection->markOverrun();
    session.held.insert(session.held.end(), frame.begin(), frame.end());
    return;
  }
  session.connection->sendFrames(frame);
  if (kind != ChannelFrame::Kind::Message) return;
  stats_.messagesOut.add();
  stats_.channelMessagesOut.add();
}

// ---- what was left out --------------------------------------------------------------------------------------------

void ChannelFanOut::leaveOut(Session& session, Membership& membership, ChannelFrame::Kind kind) {
  if (kind == ChannelFrame::Kind::MemberEvent) return;  // a count follows, and a list of members tells who is there
  (kind == ChannelFrame::Kind::Attributes ? membership.owesAttributes : membership.owesCount) = true;
  remember(session);
}

void ChannelFanOut::remember(Session& session) {
  if (!std::exchange(session.behind, true)) behind_.push_back(session.state->sessionId);
}

void ChannelFanOut::catchUp(EngineClient& engine, SessionTable& sessions) {
  if (behind_.empty()) return;
  OwedNotices owed;
  for (const std::uint64_t sessionId : std::exchange(behind_, {})) {
    Session* session = sessions.find(sessionId);
    if (session == nullptr) continue;
    session->behind = false;
    if (session->connection == nullptr) continue;  // list() looks again when there is a link
    if (!session->live || session->connection->queuedBytes() >= kShortQueueBytes) {
      remember(*session);
      continue;
    }
    for (auto& [channelId, membership] : session->state->channels) {
      const ScopedName channel = session->state->channel(channelId);
      if (std::exchange(membership.owesAttributes, false)) {
        membership.asksAttributes = true;
        owed.addAttributes(channel, sessionId);
      }
      if (std::exchange(membership.owesCount, false)) owed.addCount(channel, sessionId);
    }
  }
  // The engine may answer at once, and an answer may list a session again.
  for (const auto& [channel, members] : owed.all()) {
    if (!members.attributes.empty()) askAttributes(engine, sessions, channel.view(), members.attributes);
    if (!members.counts.empty()) askCount(engine, sessions, channel.view(), members.counts);
  }
}

void ChannelFanOut::askAttributes(EngineClient& engine, SessionTable& sessions, const ScopedName& channel,
                                  const std::vector<std::uint64_t>& members) {
  engine.channelAttributes(
      channel, {}, [this, &sessions, members, name = std::string(channel.name)](const AttributesOutcome& outcome) {
        const SharedFrame frame = outcome.failed ? SharedFrame() : attributesFrame(name, outcome.entries);
        for (const std::uint64_t sessionId : members) {
          Session* member = sessions.find(sessionId);
          if (member != nullptr) tellAttributes(*member, name, outcome, frame.bytes());
        }
      });
}

void ChannelFanOut::tellAttributes(Session& member, std::string_view channelId, const AttributesOutcome& outcome,
                                   ByteView frame) {
  const auto found = member.state->channels.find(channelId);
  // A notice that came meanwhile may be newer than this answer.
  if (found == member.state->channels.end() || !std::exchange(found->second.asksAttributes, false)) return;
  if (!outcome.failed && member.live) {
    found->second.toldLate = true;
    return sendTo(member, frame, ChannelFrame::Kind::Attributes);
  }
  found->second.owesAttributes = true;
  remember(member);
}

void ChannelFanOut::askCount(EngineClient& engine, SessionTable& sessions, const ScopedName& channel,
                             const std::vector<std::uint64_t>& members) {
  engine.memberCount(channel,
                     [this, &sessions, members, name = std::string(channel.name)](std::optional<std::uint32_t> count) {
                       for (const std::uint64_t sessionId : members) {
                         Session* member = sessions.find(sessionId);
                         if (member != nullptr) tellCount(*member, name, count);
                       }
                     });
}

void ChannelFanOut::tellCount(Session& member, std::string_view channelId, std::optional<std::uint32_t> count) {
  const auto found = member.state->channels.find(channelId);
  if (found == member.state->channels.end() || found->second.listPosition == Membership::kUnlisted) return;
  if (!count) {
    found->second.owesCount = true;
    return remember(member);
  }
  std::uint32_t& told = (*members_.find(member.state->channel(channelId)))[found->second.listPosition].toldCount;
  if (std::exchange(told, *count) == *count) return;
  const SharedFrame frame = SharedFrame::encode(wire::MemberCount{.channelId = channelId, .count = *count});
  sendTo(member, frame.bytes(), ChannelFrame::Kind::MemberCount);
}

}  // namespace rtm::server
