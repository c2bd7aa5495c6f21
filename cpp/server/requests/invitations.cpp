#include "server/requests/invitations.hpp"

#include "server/gateway/gateway.hpp"
#include "server/requests/content_check.hpp"
#include "server/session/session.hpp"

namespace rtm::server {

bool countInvitation(Gateway& gateway, SessionState& state, const ContentCheck& check, std::uint64_t seq,
                     std::string_view peerId) {
  if (gateway.engine().shared()) return true;
  PendingInvitations& pending = *gateway.context().known.invitations;
  switch (check.action) {
    case wire::InvitationAction::Invite:
      if (!pending.begin({state.app, peerId}, state.userId, check.invitationId, gateway.now())) {
        state.quotas.countRefused();
        return false;
      }
      state.quotas.sentInvites().add(seq, peerId, check.invitationId);
      return true;
    case wire::InvitationAction::Cancel:
      pending.end({state.app, peerId}, state.userId, check.invitationId);
      return true;
    case wire::InvitationAction::Accept:
    case wire::InvitationAction::Refuse:
      pending.end(state.user(), peerId, check.invitationId);
      return true;
    default:
      return true;
  }
}

}  // namespace rtm::server
