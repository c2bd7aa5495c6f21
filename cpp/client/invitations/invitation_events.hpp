#pragma once

#include "client/invitations/invitation.hpp"

namespace rtm::client {

/// Events of invitations. The state of the invitation has changed already. A holder that wants to keep an invitation
/// copies the pointer.
class InvitationEvents {
 public:
  using Local = std::shared_ptr<LocalInvitation>;
  using Remote = std::shared_ptr<const RemoteInvitation>;

  virtual void onLocalReceivedByPeer(const Local&) {}
  virtual void onLocalCanceled(const Local&) {}
  virtual void onLocalFailure(const Local&, LocalInvitationError) {}
  virtual void onLocalAccepted(const Local&) {}  ///< response() holds the callee's text, as in the next
  virtual void onLocalRefused(const Local&) {}
  virtual void onRemoteReceived(const Remote&) {}
  virtual void onRemoteAccepted(const Remote&) {}
  virtual void onRemoteRefused(const Remote&) {}
  virtual void onRemoteCanceled(const Remote&) {}
  virtual void onRemoteFailure(const Remote&, RemoteInvitationError) {}

 protected:
  ~InvitationEvents() = default;
};

}  // namespace rtm::client
