#include "binding/events/invitation_events.hpp"

#include "binding/code_number.hpp"
#include "binding/events/event_records.hpp"

namespace rtm::binding {
namespace {

std::uint32_t invitationNumber(const InvitationEvents::Remote& invitation) {
  return static_cast<std::uint32_t>(invitation->number());
}

}  // namespace

template <typename Fill>
void InvitationEvents::pushLocal(EventKind kind, const Local& invitation, Fill&& fill) const {
  sink_.pushAs(static_cast<std::uint32_t>(invitation->tag()), kind, std::forward<Fill>(fill));
}

void InvitationEvents::onLocalReceivedByPeer(const Local& invitation) {
  pushLocal(EventKind::LocalInvitationReceived, invitation, [](Record&) {});
}

void InvitationEvents::onLocalCanceled(const Local& invitation) {
  pushLocal(EventKind::LocalInvitationCanceled, invitation, [](Record&) {});
}

void InvitationEvents::onLocalFailure(const Local& invitation, client::LocalInvitationError error) {
  pushLocal(EventKind::LocalInvitationFailure, invitation,
            [&](Record& record) { records::writeLocalInvitationFailure(record, numberOf(error)); });
}

void InvitationEvents::onLocalAccepted(const Local& invitation) {
  pushLocal(EventKind::LocalInvitationAccepted, invitation,
            [&](Record& record) { records::writeLocalInvitationAccepted(record, invitation->response()); });
}

void InvitationEvents::onLocalRefused(const Local& invitation) {
  pushLocal(EventKind::LocalInvitationRefused, invitation,
            [&](Record& record) { records::writeLocalInvitationRefused(record, invitation->response()); });
}

void InvitationEvents::onRemoteReceived(const Remote& invitation) {
  sink_.pushFrom(EventKind::RemoteInvitationReceived, invitation->callerId(), [&](Record& record) {
    records::writeRemoteInvitationReceived(record, invitationNumber(invitation), invitation->content(),
                                           invitation->channelId());
  });
}

void InvitationEvents::onRemoteAccepted(const Remote& invitation) {
  sink_.push(EventKind::RemoteInvitationAccepted,
             [&](Record& record) { records::writeRemoteInvitationAccepted(record, invitationNumber(invitation)); });
}

void InvitationEvents::onRemoteRefused(const Remote& invitation) {
  sink_.push(EventKind::RemoteInvitationRefused,
             [&](Record& record) { records::writeRemoteInvitationRefused(record, invitationNumber(invitation)); });
}

void InvitationEvents::onRemoteCanceled(const Remote& invitation) {
  sink_.push(EventKind::RemoteInvitationCanceled,
             [&](Record& record) { records::writeRemoteInvitationCanceled(record, invitationNumber(invitation)); });
}

void InvitationEvents::onRemoteFailure(const Remote& invitation, client::RemoteInvitationError error) {
  sink_.push(EventKind::RemoteInvitationFailure, [&](Record& record) {
    records::writeRemoteInvitationFailure(record, invitationNumber(invitation), numberOf(error));
  });
}

}  // namespace rtm::binding
