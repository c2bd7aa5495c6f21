#include "binding/events/invitation_events.hpp"

#include "binding/events/sdk_records.hpp"

#include "client/factory.hpp"

namespace rtm::binding {

using namespace agora::rtm;  // NOLINT(google-build-using-namespace): the drop-in names are long and unmistakable

void InvitationEvents::add(const ILocalCallInvitation* invitation, std::uint32_t handle) {
  const std::lock_guard lock(mutex_);
  locals_[invitation] = handle;
}

void InvitationEvents::remove(const ILocalCallInvitation* invitation) {
  const std::lock_guard lock(mutex_);
  locals_.erase(invitation);
}

std::shared_ptr<IRemoteCallInvitation> InvitationEvents::remote(std::uint32_t number) const {
  const std::lock_guard lock(mutex_);
  const auto found = remotes_.find(number);
  return found != remotes_.end() ? found->second : nullptr;
}

template <typename Fill>
void InvitationEvents::pushLocal(EventKind kind, const ILocalCallInvitation* invitation, Fill&& fill) {
  std::uint32_t handle = 0;
  {
    const std::lock_guard lock(mutex_);
    const auto found = locals_.find(invitation);
    if (found == locals_.end()) return;
    handle = found->second;
  }
  if (throttle_.mailbox().push(kind, handle, std::forward<Fill>(fill))) {
    throttle_.stop();
  }
}

template <typename Fill>
void InvitationEvents::pushRemoteEnd(EventKind kind, const IRemoteCallInvitation* invitation, Fill&& fill) {
  std::uint32_t number = 0;
  {
    const std::lock_guard lock(mutex_);
    const auto found = remoteNumbers_.find(invitation);
    if (found == remoteNumbers_.end()) return;
    number = found->second;
    remotes_.erase(number);
    remoteNumbers_.erase(found);
  }
  const bool pressed = throttle_.mailbox().push(kind, id_, [&](Record& record) {
    record.word(number);
    fill(record);
  });
  if (pressed) {
    throttle_.stop();
  }
}

void InvitationEvents::onLocalInvitationReceivedByPeer(ILocalCallInvitation* invitation) {
  pushLocal(EventKind::LocalCallReceived, invitation, [](Record&) {});
}

void InvitationEvents::onLocalInvitationCanceled(ILocalCallInvitation* invitation) {
  pushLocal(EventKind::LocalCallCanceled, invitation, [](Record&) {});
}

void InvitationEvents::onLocalInvitationFailure(ILocalCallInvitation* invitation, LOCAL_INVITATION_ERR_CODE errorCode) {
  pushLocal(EventKind::LocalCallFailure, invitation, [&](Record& record) { record.code(errorCode); });
}

void InvitationEvents::onLocalInvitationAccepted(ILocalCallInvitation* invitation, const char* response) {
  pushLocal(EventKind::LocalCallAccepted, invitation, [&](Record& record) { record.text(orEmpty(response)); });
}

void InvitationEvents::onLocalInvitationRefused(ILocalCallInvitation* invitation, const char* response) {
  pushLocal(EventKind::LocalCallRefused, invitation, [&](Record& record) { record.text(orEmpty(response)); });
}

void InvitationEvents::onRemoteInvitationReceived(IRemoteCallInvitation* invitation) {
  std::uint32_t number = 0;
  {
    const std::lock_guard lock(mutex_);
    number = ++lastRemote_;
    remoteNumbers_[invitation] = number;
    remotes_[number] = client::holdInvitation(*invitation);
  }
  const bool pressed = throttle_.mailbox().pushFrom(
      EventKind::RemoteCallReceived, id_, orEmpty(invitation->getCallerId()), [&](Record& record) {
        record.word(number).text(orEmpty(invitation->getContent())).text(orEmpty(invitation->getChannelId()));
      });
  if (pressed) {
    throttle_.stop();
  }
}

void InvitationEvents::onRemoteInvitationAccepted(IRemoteCallInvitation* invitation) {
  pushRemoteEnd(EventKind::RemoteCallAccepted, invitation, [](Record&) {});
}

void InvitationEvents::onRemoteInvitationRefused(IRemoteCallInvitation* invitation) {
  pushRemoteEnd(EventKind::RemoteCallRefused, invitation, [](Record&) {});
}

void InvitationEvents::onRemoteInvitationCanceled(IRemoteCallInvitation* invitation) {
  pushRemoteEnd(EventKind::RemoteCallCanceled, invitation, [](Record&) {});
}

void InvitationEvents::onRemoteInvitationFailure(IRemoteCallInvitation* invitation,
                                                 REMOTE_INVITATION_ERR_CODE errorCode) {
  pushRemoteEnd(EventKind::RemoteCallFailure, invitation, [&](Record& record) { record.code(errorCode); });
}

}  // namespace rtm::binding
