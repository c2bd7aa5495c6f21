#pragma once

#include "binding/events/event_sink.hpp"
#include "client/invitations/invitation_events.hpp"

namespace rtm::binding {

/// Writes the events of a client's invitations into the mailbox. Called with the client locked (Dispatch::Direct):
/// copies and returns. Events of a caller's invitation go to its handle, which is its tag; events of a callee's
/// invitation go to the handle of this object and carry the number of the invitation.
class InvitationEvents final : public client::InvitationEvents {
 public:
  explicit InvitationEvents(const EventSink& sink) : sink_(sink) {}

  void onLocalReceivedByPeer(const Local& invitation) override;
  void onLocalCanceled(const Local& invitation) override;
  void onLocalFailure(const Local& invitation, client::LocalInvitationError error) override;
  void onLocalAccepted(const Local& invitation) override;
  void onLocalRefused(const Local& invitation) override;
  void onRemoteReceived(const Remote& invitation) override;
  void onRemoteAccepted(const Remote& invitation) override;
  void onRemoteRefused(const Remote& invitation) override;
  void onRemoteCanceled(const Remote& invitation) override;
  void onRemoteFailure(const Remote& invitation, client::RemoteInvitationError error) override;

 private:
  template <typename Fill>
  void pushLocal(EventKind kind, const Local& invitation, Fill&& fill) const;

  const EventSink sink_;
};

}  // namespace rtm::binding
