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
  pushLocal(EventKind::LocalCallReceived, invitation, [](Record&) {});
}

void InvitationEvents::onLocalCanceled(const Local& invitation) {
  pushLocal(EventKind::LocalCallCanceled, invitation, [](Record&) {});
}

void InvitationEvents::onLocalFailure(const Local& invitation, client::LocalInvitationError error) {
  pushLocal(EventKind::LocalCallFailure, invitation,
            [&](Record& record) { records::writeLocalCallFailure(record, numberOf(error)); });
}

void InvitationEvents::onLocalAccepted(const Local& invitation) {
  pushLocal(EventKind::LocalCallAccepted, invitation,
            [&](Record& record) { records::writeLocalCallAccepted(record, invitation->response()); });
}

void InvitationEvents::onLocalRefused(const Local& invitation) {
  pushLocal(EventKind::LocalCallRefused, invitation,
            [&](Record& record) { records::writeLocalCallRefused(record, invitation->response()); });
}

void InvitationEvents::onRemoteReceived(const Remote& invitation) {
  sink_.pushFrom(EventKind::RemoteCallReceived, invitation->callerId(), [&](Record& record) {
    records::writeRemoteCallReceived(record, invitationNumber(invitation), invitation->content(),
                                     invitation->channelId());
  });
}

void InvitationEvents::onRemoteAccepted(const Remote& invitation) {
  sink_.push(EventKind::RemoteCallAccepted,
             [&](Record& record) { records::writeRemoteCallAccepted(record, invitationNumber(invitation)); });
}

void InvitationEvents::onRemoteRefused(const Remote& invitation) {
  sink_.push(EventKind::RemoteCallRefused,
             [&](Record& record) { records::writeRemoteCallRefused(record, invitationNumber(invitation)); });
}

void InvitationEvents::onRemoteCanceled(const Remote& invitation) {
  sink_.push(EventKind::RemoteCallCanceled,
             [&](Record& record) { records::writeRemoteCallCanceled(record, invitationNumber(invitation)); });
}

void InvitationEvents::onRemoteFailure(const Remote& invitation, client::RemoteInvitationError error) {
  sink_.push(EventKind::RemoteCallFailure, [&](Record& record) {
    records::writeRemoteCallFailure(record, invitationNumber(invitation), numberOf(error));
  });
}

}  // namespace rtm::binding
