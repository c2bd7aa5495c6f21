#include "server/gateway/channel_fan_out.hpp"

#include <algorithm>
#include <optional>

#include "server/connection/client_connection.hpp"
#include "wire/messages.hpp"

namespace rtm::server {
namespace {

/// With more than this waiting for a client, it gets no notices about members: its messages come first.
constexpr std::size_t kSoftQueueBytes = 1024 * 1024;

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
    if (frame.kind == ChannelFrame::Kind::MemberCount) {
      if (member.toldCount == frame.memberCount) continue;
      member.toldCount = frame.memberCount;
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
  const bool ofMembers = kind == ChannelFrame::Kind::MemberEvent || kind == ChannelFrame::Kind::MemberCount;
  if (ofMembers && session.connection->queuedBytes() > kSoftQueueBytes) return;
  session.connection->sendFrames(frame);
  if (kind != ChannelFrame::Kind::Message) return;
  stats_.messagesOut.add();
  stats_.channelMessagesOut.add();
}

}  // namespace rtm::server
