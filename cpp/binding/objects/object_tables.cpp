#include "binding/objects/object_tables.hpp"

#include "client/extensions.hpp"
#include "client/factory.hpp"

namespace rtm::binding {

std::uint32_t ObjectTables::newHandle() {
  do {
    ++lastHandle_;  // starts again after four thousand million objects, and passes over those that still live
  } while (lastHandle_ == 0 || services_.find(lastHandle_) != nullptr || channels_.find(lastHandle_) != nullptr ||
           servers_.find(lastHandle_) != nullptr || serviceInvitations_.find(lastHandle_) != nullptr ||
           outgoingInvitations_.find(lastHandle_) != nullptr);
  return lastHandle_;
}

std::uint32_t ObjectTables::createService() {
  agora::rtm::IRtmService* service = client::createService(client::Dispatch::Direct);
  if (service == nullptr) {
    return 0;
  }
  client::gatherSends(*service);  // JavaScript says when its turn is over
  const std::uint32_t handle = newHandle();
  auto object = std::make_unique<ServiceObject>(*service, mailbox_, handle);
  client::observeLink(*service, &object->events);
  services_.add(handle, std::move(object));
  return handle;
}

void ObjectTables::releaseService(std::uint32_t handle, bool sync) {
  const std::unique_ptr<ServiceObject> object = services_.remove(handle);
  if (object == nullptr) {
    return;
  }
  for (const std::uint32_t channel : object->channels) {
    if (const std::unique_ptr<ChannelObject> owned = channels_.remove(channel)) {
      owned->channel->release();
    }
  }
  if (const std::unique_ptr<ServiceInvitations> invitations = serviceInvitations_.remove(object->invitations)) {
    end(*invitations);
  }
  object->service.release(sync);  // no handler runs after return, in either mode
  mailbox_->forget(handle);
}

std::uint32_t ObjectTables::createChannel(std::uint32_t owner, const char* channelId) {
  ServiceObject* service = services_.find(owner);
  if (service == nullptr) {
    return 0;
  }
  const std::uint32_t handle = newHandle();
  auto object = std::make_unique<ChannelObject>(service->throttle, handle, owner);
  object->channel = service->service.createChannel(channelId, &object->events);
  if (object->channel == nullptr) {
    return 0;
  }
  service->channels.insert(handle);
  channels_.add(handle, std::move(object));
  return handle;
}

void ObjectTables::releaseChannel(std::uint32_t handle) {
  if (const std::unique_ptr<ChannelObject> object = channels_.remove(handle)) {
    services_.find(object->owner)->channels.erase(handle);
    object->channel->release();
  }
}

std::uint32_t ObjectTables::openInvitations(std::uint32_t owner) {
  ServiceObject* service = services_.find(owner);
  if (service == nullptr) {
    return 0;
  }
  if (service->invitations != 0) {
    return service->invitations;  // the core, too, has one such object for each service
  }
  const std::uint32_t handle = newHandle();
  auto object = std::make_unique<ServiceInvitations>(service->throttle, handle, owner);
  object->manager = service->service.getRtmCallManager(&object->events);
  if (object->manager == nullptr) {
    return 0;
  }
  service->invitations = handle;
  serviceInvitations_.add(handle, std::move(object));
  return handle;
}

void ObjectTables::closeInvitations(std::uint32_t handle) {
  const std::unique_ptr<ServiceInvitations> object = serviceInvitations_.remove(handle);
  if (object == nullptr) {
    return;
  }
  if (ServiceObject* service = services_.find(object->owner)) {
    service->invitations = 0;
  }
  end(*object);
}

void ObjectTables::end(ServiceInvitations& invitations) {
  for (const std::uint32_t each : invitations.outgoing) {
    if (const std::unique_ptr<OutgoingInvitation> outgoing = outgoingInvitations_.remove(each)) {
      outgoing->invitation->release();
    }
  }
  invitations.manager->release();  // no handler runs after return, and the manager is gone
}

std::uint32_t ObjectTables::createInvitation(std::uint32_t owner, const char* calleeId) {
  ServiceInvitations* all = serviceInvitations_.find(owner);
  if (all == nullptr) {
    return 0;
  }
  agora::rtm::ILocalCallInvitation* invitation = all->manager->createLocalCallInvitation(calleeId);
  if (invitation == nullptr) {
    return 0;
  }
  const std::uint32_t handle = newHandle();
  all->events.add(invitation, handle);
  all->outgoing.insert(handle);
  outgoingInvitations_.add(handle,
                           std::make_unique<OutgoingInvitation>(OutgoingInvitation{owner, all->manager, invitation}));
  return handle;
}

void ObjectTables::releaseInvitation(std::uint32_t handle) {
  const std::unique_ptr<OutgoingInvitation> object = outgoingInvitations_.remove(handle);
  if (object == nullptr) {
    return;
  }
  ServiceInvitations* all = serviceInvitations_.find(object->owner);  // lives: its end ends its invitations
  all->outgoing.erase(handle);
  all->events.remove(object->invitation);
  object->invitation->release();
}

void ObjectTables::releaseAll() {
  for (const auto& [handle, channel] : channels_.all()) {
    channel->channel->release();
  }
  channels_.clear();
  for (const auto& [handle, invitations] : serviceInvitations_.all()) {
    end(*invitations);
  }
  serviceInvitations_.clear();
  for (const auto& [handle, service] : services_.all()) {
    service->service.release(false);
  }
  client::awaitGoodbyes();  // also of services that JavaScript released a moment ago
  services_.clear();
  servers_.clear();
}

}  // namespace rtm::binding
