#include "binding/environment/native_environment.hpp"

#include "binding/environment/process_end.hpp"

namespace rtm::binding {

NativeEnvironment::NativeEnvironment(napi_env env)
    : env_(env),
      doorbell_(std::make_shared<Doorbell>()),
      mailbox_(std::make_shared<Mailbox>([doorbell = doorbell_] { doorbell->ringSoon(); },
                                         [doorbell = doorbell_] { doorbell->hurry(); })),
      columns_(env),
      objects_(mailbox_) {}

NativeEnvironment::~NativeEnvironment() = default;

std::unique_ptr<NativeEnvironment> NativeEnvironment::open(napi_env env, napi_value pump, napi_value columns,
                                                           napi_value handle) {
  std::unique_ptr<NativeEnvironment> made(new NativeEnvironment(env));
  return made->attach(pump, columns, handle) ? std::move(made) : nullptr;
}

bool NativeEnvironment::attach(napi_value pump, napi_value columns, napi_value handle) {
  // The doorbell's function comes before the hook: hooks run in reverse order, and ours must find the function alive.
  if (!columns_.attach(columns) || !doorbell_->open(env_, pump, handle)) {
    return false;
  }
  const auto cleanUp = [](void* environment) {
    static_cast<NativeEnvironment*>(environment)->shutDown(End::Environment);
  };
  napi_add_env_cleanup_hook(env_, cleanUp, this);
  atProcessEnd::add(this);
  return true;
}

napi_value NativeEnvironment::drain() {
  if (std::unique_ptr<Chunk> read = columns_.takeBack()) {
    mailbox_->recycle(std::move(read));
  }
  std::unique_ptr<Chunk> batch = mailbox_->take(resumable_);
  for (const std::uint32_t handle : resumable_) {
    if (ServiceObject* service = objects_.services().find(handle)) {
      service->throttle.goOn();
    }
  }
  resumable_.clear();
  return batch ? columns_.show(std::move(batch)) : nullptr;
}

void NativeEnvironment::shutDown(End end) {
  if (down_) {
    return;
  }
  down_ = true;
  if (end == End::Environment) {
    doorbell_->close();
    atProcessEnd::remove(this);
  } else {
    doorbell_->silence();
  }
  mailbox_->close();
  objects_.releaseAll();
}

}  // namespace rtm::binding
