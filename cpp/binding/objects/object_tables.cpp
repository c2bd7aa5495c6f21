#include "binding/objects/object_tables.hpp"

#include "client/channels/channels.hpp"
#include "client/process_settings.hpp"

namespace rtm::binding {

std::uint32_t ObjectTables::newHandle() {
  do {
    ++lastHandle_;  // starts again after four thousand million objects, and passes over handles that are in use
  } while (lastHandle_ == 0 || services_.find(lastHandle_) != nullptr || channels_.find(lastHandle_) != nullptr ||
           servers_.find(lastHandle_) != nullptr || serviceInvitations_.find(lastHandle_) != nullptr ||
           outgoingInvitations_.find(lastHandle_) != nullptr);
  return lastHandle_;
}

std::uint32_t ObjectTables::createService() {
  const std::uint32_t handle = newHandle();
  std::unique_ptr<ServiceObject> object = ServiceObject::create(mailbox_, handle);
  if (object == nullptr) {
    return 0;
  }
  object->client->gatherSends();  // JavaScript says when its turn is over
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
  object->client->release(sync);  // no event comes after return, in either mode
  mailbox_->forget(handle);
}

std::uint32_t ObjectTables::createChannel(std::uint32_t owner, std::string_view channelId) {
  ServiceObject* service = services_.find(owner);
  if (service == nullptr) {
    return 0;
  }
  const std::uint32_t handle = newHandle();
  auto object = std::make_unique<ChannelObject>(*service, handle, owner);
  object->channel = service->client->channels().open(channelId, &object->events);
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
    return service->invitations;  // the client, too, has one receiver of these events
  }
  const std::uint32_t handle = newHandle();
  auto object = std::make_unique<ServiceInvitations>(*service, handle, owner);
  if (!service->client->invitations().open(object->events)) {
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
    outgoingInvitations_.remove(each);
  }
  invitations.client->invitations().close();  // no event comes after return
}

std::uint32_t ObjectTables::createInvitation(std::uint32_t owner, std::string_view calleeId) {
  ServiceInvitations* all = serviceInvitations_.find(owner);
  if (all == nullptr) {
    return 0;
  }
  const std::uint32_t handle = newHandle();
  std::shared_ptr<client::LocalInvitation> invitation = all->client->invitations().create(calleeId, handle);
  if (invitation == nullptr) {
    return 0;
  }
  all->outgoing.insert(handle);
  outgoingInvitations_.add(
      handle, std::make_unique<OutgoingInvitation>(OutgoingInvitation{owner, all->client, std::move(invitation)}));
  return handle;
}

void ObjectTables::releaseInvitation(std::uint32_t handle) {
  const std::unique_ptr<OutgoingInvitation> object = outgoingInvitations_.remove(handle);
  if (object == nullptr) {
    return;
  }
  serviceInvitations_.find(object->owner)->outgoing.erase(handle);  // the owner lives: its end ends its invitations
  object->client->invitations().release(*object->invitation);
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
    service->client->release(false);
  }
  client::awaitGoodbyes();  // also of services that JavaScript released a moment ago
  services_.clear();
  servers_.clear();
}

}  // namespace rtm::binding
