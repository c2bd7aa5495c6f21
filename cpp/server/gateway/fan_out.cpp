// One frame for the members of a channel that are on this loop.

#include <algorithm>

#include "server/gateway/gateway.hpp"

namespace rtm::server {
namespace {

/// With more than this waiting for a client, notices about members are left out for it: its messages come first.
constexpr std::size_t kSoftQueueBytes = 1024 * 1024;
/// Channel frames that wait for the answer to a resume. A replay of 20 channels with 32 messages of 32 KB.
constexpr std::size_t kHeldBytes = 24 * 1024 * 1024;

/// A MEMBER_EVENT that names some of its receivers, decoded once for all of them.
class NamedEvent {
 public:
  explicit NamedEvent(ByteView frame) {
    wire::decode(frame.subspan(wire::kFrameHeaderSize), event_);
    std::sort(event_.joined.begin(), event_.joined.end());
  }

  /// The frame without `userId` among those who joined; empty if nothing is left, nothing if the name is not there.
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

void Gateway::onChannelFrame(const ChannelFrame& frame) {
  std::vector<Hub::Entry>* members = hub_.find(frame.channel);
  if (members == nullptr) return;
  const ByteView shared = frame.frame.bytes();
  std::optional<NamedEvent> event;
  if (frame.namesReceivers) event.emplace(shared);
  for (Hub::Entry& member : *members) {
    Session& session = *member.session;
    if (session.state->sessionId == frame.excludedSession) continue;
    if ((frame.requiredCapabilities & ~session.capabilities) != 0) continue;
    if (frame.kind == ChannelFrame::Kind::MemberCount) {
      if (member.toldCount == frame.memberCount) continue;
      member.toldCount = frame.memberCount;
    }
    const std::optional<Bytes> own = event ? event->without(session.state->userId) : std::nullopt;
    sendToMember(session, own ? ByteView(*own) : shared, frame.kind);
  }
}

void Gateway::sendToMember(Session& session, ByteView frame, ChannelFrame::Kind kind) {
  if (frame.empty()) return;
  if (!session.live) {  // resuming: it must follow RESUME_RESULT
    if (session.held.size() > kHeldBytes) session.peer->markOverrun();
    session.held.insert(session.held.end(), frame.begin(), frame.end());
    return;
  }
  const bool ofMembers = kind == ChannelFrame::Kind::MemberEvent || kind == ChannelFrame::Kind::MemberCount;
  if (ofMembers && session.peer->queuedBytes() > kSoftQueueBytes) return;
  session.peer->sendFrames(frame);
  if (kind != ChannelFrame::Kind::Message) return;
  stats_.messagesOut.add();
  stats_.channelMessagesOut.add();
}

}  // namespace rtm::server
