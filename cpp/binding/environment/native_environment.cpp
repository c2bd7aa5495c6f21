#include "binding/environment/native_environment.hpp"

#include "binding/environment/process_end.hpp"
#include "client/factory.hpp"

namespace rtm::binding {
namespace {

constexpr std::size_t kFirstWords = 4096;
constexpr std::size_t kFirstNumbers = 1024;

}  // namespace

Port::Port(napi_env env)
    : env_(env),
      doorbell_(std::make_shared<Doorbell>()),
      mailbox_(std::make_shared<Mailbox>([doorbell = doorbell_] { doorbell->ringSoon(); },
                                         [doorbell = doorbell_] { doorbell->hurry(); })) {}

Port::~Port() = default;

std::unique_ptr<Port> Port::open(napi_env env, napi_value pump, napi_value columns) {
  std::unique_ptr<Port> port(new Port(env));
  return port->attach(pump, columns) ? std::move(port) : nullptr;
}

bool Port::attach(napi_value pump, napi_value columns) {
  const auto numbers = [&](const char* name, std::size_t least) -> double* {
    napi_value array = nullptr;
    napi_typedarray_type type = napi_int8_array;
    std::size_t length = 0;
    void* data = nullptr;
    const bool found = napi_get_named_property(env_, columns, name, &array) == napi_ok &&
                       napi_get_typedarray_info(env_, array, &type, &length, &data, nullptr, nullptr) == napi_ok &&
                       type == napi_float64_array && length >= least;
    return found ? static_cast<double*>(data) : nullptr;
  };
  if (napi_create_reference(env_, columns, 1, &columns_) != napi_ok || !growColumns(kFirstWords, kFirstNumbers) ||
      (out_ = numbers("out", 1)) == nullptr || (arguments_ = numbers("arguments", kArguments)) == nullptr) {
    return false;
  }
  // First the function, then the hook: hooks run in reverse order, and ours must find the function alive.
  if (!doorbell_->open(env_, pump)) {
    return false;
  }
  napi_add_env_cleanup_hook(env_, &Port::cleanUp, this);
  atProcessEnd::add(this);
  return true;
}

std::uint32_t Port::newHandle() {
  do {
    ++lastHandle_;  // after four thousand million objects it begins again, past those that still live
  } while (lastHandle_ == 0 || services_.find(lastHandle_) != nullptr || channels_.find(lastHandle_) != nullptr ||
           servers_.find(lastHandle_) != nullptr || callManagers_.find(lastHandle_) != nullptr ||
           invitations_.find(lastHandle_) != nullptr);
  return lastHandle_;
}

void Port::releaseService(std::uint32_t handle, bool sync) {
  const std::unique_ptr<ServiceObject> object = services_.remove(handle);
  if (object == nullptr) {
    return;
  }
  for (const std::uint32_t channel : object->channels) {
    if (const std::unique_ptr<ChannelObject> owned = channels_.remove(channel)) {
      owned->channel->release();
    }
  }
  if (const std::unique_ptr<CallManagerObject> manager = callManagers_.remove(object->callManager)) {
    endCallManager(*manager);
  }
  object->service.release(sync);  // no handler runs any more after return, in either mode
  mailbox_->forget(handle);
}

void Port::releaseChannel(std::uint32_t handle) {
  if (const std::unique_ptr<ChannelObject> object = channels_.remove(handle)) {
    services_.find(object->owner)->channels.erase(handle);
    object->channel->release();
  }
}

void Port::shutDown(bool byNode) {
  if (down_) {
    return;
  }
  down_ = true;
  if (byNode) {
    doorbell_->close();
    atProcessEnd::remove(this);
  } else {
    doorbell_->silence();
  }
  mailbox_->close();
  for (const auto& [handle, channel] : channels_.all()) {
    channel->channel->release();
  }
  channels_.clear();
  for (const auto& [handle, manager] : callManagers_.all()) {
    endCallManager(*manager);
  }
  callManagers_.clear();
  for (const auto& [handle, service] : services_.all()) {
    service->service.release(false);
  }
  client::awaitGoodbyes();  // of those, too, that were released a moment ago
  services_.clear();
  servers_.clear();
}

void Port::cleanUp(void* port) {
  static_cast<Port*>(port)->shutDown(true);
}

}  // namespace rtm::binding
