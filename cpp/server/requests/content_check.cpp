#include "server/requests/content_check.hpp"

#include <algorithm>

#include "base/identifiers.hpp"
#include "wire/frame.hpp"
#include "wire/protocol.hpp"

namespace rtm::server {
namespace {

/// Bytes that a relayed message adds to its content: ids, numbers and headers. A content must leave this much room in a
/// frame.
constexpr std::size_t kEnvelopeBytes = 256;
/// Most bytes of numbers, ids and headers inside a Content, and of fields of later versions that only receivers know.
constexpr std::size_t kContentOverhead = 2048;

constexpr std::uint64_t bit(wire::Capability capability) {
  return static_cast<std::uint64_t>(capability);
}

bool fits(const wire::Content& content, std::uint32_t messageBytes) {
  if (messageBytes == 0) return true;
  std::size_t size = content.text.size() + content.raw.size();
  if (content.media) size += content.media->fileName.size() + content.media->thumbnail.size();
  return size <= messageBytes;
}

bool validInvitation(const wire::InvitationSignal& call, const wire::InvitationLimits& limits) {
  return call.content.size() <= limits.contentBytes && call.response.size() <= limits.responseBytes &&
         (call.channelId.empty() || isValidChannelId(call.channelId));
}

}  // namespace

ContentCheck checkContent(ByteView bytes, const Limits& limits) {
  wire::Content content;
  if (!wire::decode(bytes, content)) return {};
  ContentCheck check{.verdict = ContentCheck::Verdict::Invalid, .requiredCapabilities = 0};
  if (bytes.size() > wire::kMaxFrameBody - kEnvelopeBytes || !fits(content, limits.messageBytes)) return check;
  std::size_t most = limits.messageBytes;
  // The texts of an invitation have limits of their own.
  if (content.type == wire::ContentType::Invitation) {
    most = std::max(most, std::size_t{limits.invitations.contentBytes} + limits.invitations.responseBytes);
  }
  if (limits.messageBytes != 0 && bytes.size() > most + kContentOverhead) return check;
  switch (content.type) {
    case wire::ContentType::Text:
    case wire::ContentType::Raw:
      break;
    case wire::ContentType::File:
    case wire::ContentType::Image:
      if (!content.media || content.media->mediaId.empty() || content.media->mediaId.size() > wire::kMaxMediaIdBytes)
        return check;
      check.requiredCapabilities = bit(wire::Capability::MediaMessages);
      break;
    case wire::ContentType::Invitation:
      if (!content.invitation || !validInvitation(*content.invitation, limits.invitations)) return check;
      check.requiredCapabilities = bit(wire::Capability::Invitations);
      check.invitation = true;
      check.invites = content.invitation->action == wire::InvitationAction::Invite;
      check.action = content.invitation->action;
      check.invitationId = content.invitation->invitationId;
      break;
    default:
      return check;
  }
  check.text = content.type == wire::ContentType::Text;
  check.verdict = ContentCheck::Verdict::Fine;
  return check;
}

}  // namespace rtm::server
