#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <utility>

#include "IAgoraRtmCallManager.h"
#include "binding/events/throttle.hpp"

namespace rtm::binding {

/// Puts the reports of a service's invitations into the mailbox, and knows the invitations by number. A caller's
/// invitation has a handle, which JavaScript asked for. A callee's invitation arrives unasked, so it gets a number of
/// this object.
///
/// Handlers run on the I/O thread, or on the JavaScript thread within a call, always under the service's lock. Lock
/// order: the service's lock → mutex_. Nothing is called under mutex_.
class InvitationEvents final : public agora::rtm::IRtmCallEventHandler {
 public:
  InvitationEvents(Throttle& throttle, std::uint32_t id) : throttle_(throttle), id_(id) {}

  // JavaScript thread.
  void add(const agora::rtm::ILocalCallInvitation* invitation, std::uint32_t handle);
  /// To be called before the invitation is released, because its address may then be used again.
  void remove(const agora::rtm::ILocalCallInvitation* invitation);
  /// Holds the callee's invitation of that number; null after its end.
  std::shared_ptr<agora::rtm::IRemoteCallInvitation> remote(std::uint32_t number) const;

  void onLocalInvitationReceivedByPeer(agora::rtm::ILocalCallInvitation* invitation) override;
  void onLocalInvitationCanceled(agora::rtm::ILocalCallInvitation* invitation) override;
  void onLocalInvitationFailure(agora::rtm::ILocalCallInvitation* invitation,
                                agora::rtm::LOCAL_INVITATION_ERR_CODE errorCode) override;
  void onLocalInvitationAccepted(agora::rtm::ILocalCallInvitation* invitation, const char* response) override;
  void onLocalInvitationRefused(agora::rtm::ILocalCallInvitation* invitation, const char* response) override;
  void onRemoteInvitationRefused(agora::rtm::IRemoteCallInvitation* invitation) override;
  void onRemoteInvitationAccepted(agora::rtm::IRemoteCallInvitation* invitation) override;
  void onRemoteInvitationReceived(agora::rtm::IRemoteCallInvitation* invitation) override;
  void onRemoteInvitationFailure(agora::rtm::IRemoteCallInvitation* invitation,
                                 agora::rtm::REMOTE_INVITATION_ERR_CODE errorCode) override;
  void onRemoteInvitationCanceled(agora::rtm::IRemoteCallInvitation* invitation) override;

 private:
  template <typename Fill>
  void pushLocal(EventKind kind, const agora::rtm::ILocalCallInvitation* invitation, Fill&& fill);
  /// For the events that end a callee's invitation: the object forgets it, since no call can change it any more.
  template <typename Fill>
  void pushRemoteEnd(EventKind kind, const agora::rtm::IRemoteCallInvitation* invitation, Fill&& fill);

  Throttle& throttle_;
  const std::uint32_t id_;
  mutable std::mutex mutex_;
  std::unordered_map<const agora::rtm::ILocalCallInvitation*, std::uint32_t> locals_;
  std::unordered_map<const agora::rtm::IRemoteCallInvitation*, std::uint32_t> remoteNumbers_;
  std::unordered_map<std::uint32_t, std::shared_ptr<agora::rtm::IRemoteCallInvitation>> remotes_;
  std::uint32_t lastRemote_ = 0;
};

}  // namespace rtm::binding
