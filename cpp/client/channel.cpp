#include "client/channel.hpp"

#include <utility>

#include "client/service.hpp"

namespace rtm::client {

using namespace agora::rtm;  // NOLINT(google-build-using-namespace): the drop-in names are long and unmistakable

Channel::Channel(std::weak_ptr<Service> service, std::string id, std::uint32_t number,
                 IChannelEventHandler* eventHandler)
    : handler(eventHandler), service_(std::move(service)), id_(std::move(id)), number_(number) {}

Channel::~Channel() = default;

int Channel::join() {
  const std::shared_ptr<Service> service = service_.lock();
  return service != nullptr ? service->joinChannel(*this) : JOIN_CHANNEL_ERR_NOT_INITIALIZED;
}

int Channel::leave() {
  const std::shared_ptr<Service> service = service_.lock();
  return service != nullptr ? service->leaveChannel(*this) : LEAVE_CHANNEL_ERR_NOT_INITIALIZED;
}

int Channel::sendMessage(const IMessage* message) {
  return sendMessage(message, SendMessageOptions());
}

int Channel::sendMessage(const IMessage* message, const SendMessageOptions& options) {
  const std::shared_ptr<Service> service = service_.lock();
  return service != nullptr ? service->sendToChannel(*this, message, options) : CHANNEL_MESSAGE_ERR_NOT_INITIALIZED;
}

int Channel::getMembers() {
  const std::shared_ptr<Service> service = service_.lock();
  return service != nullptr ? service->getChannelMembers(*this) : GET_MEMBERS_ERR_NOT_INITIALIZED;
}

void Channel::release() {
  const std::shared_ptr<Channel> keep = std::move(self);  // the object outlives this call and any event under way
  if (keep == nullptr) return;
  if (const std::shared_ptr<Service> service = service_.lock()) service->releaseChannel(*this);
}

}  // namespace rtm::client
