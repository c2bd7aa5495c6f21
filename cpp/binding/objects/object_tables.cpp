// Call managers and invitations of a port: made, and given back in the order that the core needs.

#include "binding/environment/native_environment.hpp"

namespace rtm::binding {

std::uint32_t Port::createCallManager(std::uint32_t owner) {
  ServiceObject* service = services_.find(owner);
  if (service == nullptr) {
    return 0;
  }
  if (service->callManager != 0) {
    return service->callManager;  // the core has one per service, too
  }
  const std::uint32_t handle = newHandle();
  auto object = std::make_unique<CallManagerObject>(service->throttle, handle, owner);
  object->manager = service->service.getRtmCallManager(&object->events);
  if (object->manager == nullptr) {
    return 0;
  }
  service->callManager = handle;
  callManagers_.add(handle, std::move(object));
  return handle;
}

void Port::releaseCallManager(std::uint32_t handle) {
  const std::unique_ptr<CallManagerObject> object = callManagers_.remove(handle);
  if (object == nullptr) {
    return;
  }
  if (ServiceObject* service = services_.find(object->owner)) {
    service->callManager = 0;
  }
  endCallManager(*object);
}

void Port::endCallManager(CallManagerObject& object) {
  for (const std::uint32_t each : object.invitations) {
    if (const std::unique_ptr<InvitationObject> invitation = invitations_.remove(each)) {
      invitation->invitation->release();
    }
  }
  object.manager->release();  // no handler runs any more after return, and the manager is gone
}

std::uint32_t Port::createInvitation(std::uint32_t owner, const char* calleeId) {
  CallManagerObject* manager = callManagers_.find(owner);
  if (manager == nullptr) {
    return 0;
  }
  agora::rtm::ILocalCallInvitation* invitation = manager->manager->createLocalCallInvitation(calleeId);
  if (invitation == nullptr) {
    return 0;
  }
  const std::uint32_t handle = newHandle();
  manager->events.add(invitation, handle);
  manager->invitations.insert(handle);
  invitations_.add(handle, std::make_unique<InvitationObject>(InvitationObject{owner, manager->manager, invitation}));
  return handle;
}

void Port::releaseInvitation(std::uint32_t handle) {
  const std::unique_ptr<InvitationObject> object = invitations_.remove(handle);
  if (object == nullptr) {
    return;
  }
  CallManagerObject* manager = callManagers_.find(object->owner);  // lives: its end takes its invitations along
  manager->invitations.erase(handle);
  manager->events.remove(object->invitation);
  object->invitation->release();
}

}  // namespace rtm::binding
