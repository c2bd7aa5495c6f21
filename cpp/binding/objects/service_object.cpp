#include "binding/objects/service_object.hpp"

namespace rtm::binding {

std::unique_ptr<ServiceObject> ServiceObject::create(std::shared_ptr<Mailbox> mailbox, std::uint32_t handle) {
  std::unique_ptr<ServiceObject> made(new ServiceObject(std::move(mailbox), handle));
  return made->client != nullptr ? std::move(made) : nullptr;
}

ServiceObject::ServiceObject(std::shared_ptr<Mailbox> mailbox, std::uint32_t handle)
    : throttle(std::move(mailbox), *this, handle),
      events(EventSink(throttle, handle)),
      client(client::Client::create(client::Dispatch::Direct, events)) {}

}  // namespace rtm::binding
