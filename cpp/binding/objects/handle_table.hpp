#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_map>
#include <unordered_set>

#include "IAgoraRtmCallManager.h"
#include "IAgoraRtmService.h"
#include "binding/environment/mailbox.hpp"
#include "binding/events/invitation_events.hpp"
#include "binding/events/service_events.hpp"
#include "server/bridge/bridge.hpp"
#include "server/server.hpp"

namespace rtm::binding {

/// A service made from JavaScript, with its handler.
struct ServiceObject {
  ServiceObject(agora::rtm::IRtmService& made, std::shared_ptr<Mailbox> mailbox, std::uint32_t id)
      : service(made), throttle(std::move(mailbox), made, id), events(throttle, id) {}

  agora::rtm::IRtmService& service;
  Throttle throttle;
  ServiceEvents events;
  std::unordered_set<std::uint32_t> channels;  ///< handles
  std::uint32_t callManager = 0;               ///< handle; 0: none
};

/// A channel made from JavaScript, with its handler. Belongs to the service `owner`, which outlives it.
struct ChannelObject {
  ChannelObject(Throttle& throttle, std::uint32_t id, std::uint32_t ownerId) : owner(ownerId), events(throttle, id) {}

  std::uint32_t owner;
  agora::rtm::IChannel* channel = nullptr;
  ChannelEvents events;
};

/// The call manager of a service, with its handler. Belongs to the service `owner`, which outlives it.
struct CallManagerObject {
  CallManagerObject(Throttle& throttle, std::uint32_t id, std::uint32_t ownerId)
      : owner(ownerId), events(throttle, id) {}

  std::uint32_t owner;
  agora::rtm::IRtmCallManager* manager = nullptr;
  CallEvents events;
  std::unordered_set<std::uint32_t> invitations;  ///< handles
};

/// A caller's invitation made from JavaScript. Belongs to the call manager `owner`, which outlives it.
struct InvitationObject {
  std::uint32_t owner;
  agora::rtm::IRtmCallManager* manager;
  agora::rtm::ILocalCallInvitation* invitation;
};

/// A server made from JavaScript. It starts and closes on a thread of its own, and tells by an event.
class ServerObject {
 public:
  ServerObject(std::shared_ptr<Mailbox> mailbox, std::uint32_t id) : mailbox_(std::move(mailbox)), id_(id) {}
  ~ServerObject();  ///< shutDown()

  /// What it asks of JavaScript goes over this; to be made before start().
  const std::shared_ptr<server::Bridge>& makeBridge(LogSink log, std::uint32_t loops);
  const std::shared_ptr<server::Bridge>& bridge() const { return bridge_; }

  void start(server::ServerOptions options);
  void close();
  /// Waits for a start under way, then closes. Blocks at most about 3 s.
  void shutDown();
  /// Empty unless it runs.
  std::unique_ptr<server::ServerStats> stats() const;
  /// Calls `use(server::Server&)` if it runs.
  template <typename Use>
  void with(Use&& use) {
    const std::lock_guard lock(mutex_);
    if (server_ != nullptr) {
      use(*server_);
    }
  }
  /// Tells that the order `request` is done; on any thread.
  MoveFunction<void(bool)> teller(double request) const;

 private:
  const std::shared_ptr<Mailbox> mailbox_;
  const std::uint32_t id_;
  std::shared_ptr<server::Bridge> bridge_;  ///< null: it asks nothing
  mutable std::mutex mutex_;                ///< guards server_
  std::unique_ptr<server::Server> server_;
  std::thread worker_;
};

/// Objects by handle. A handle is a number that is never used twice, so that a late event or call of an object that is
/// gone cannot reach another one.
template <typename T>
class Objects {
 public:
  T* find(std::uint32_t handle) const {
    const auto found = objects_.find(handle);
    return found != objects_.end() ? found->second.get() : nullptr;
  }
  T& add(std::uint32_t handle, std::unique_ptr<T> object) { return *(objects_[handle] = std::move(object)); }
  std::unique_ptr<T> remove(std::uint32_t handle) {
    const auto found = objects_.find(handle);
    if (found == objects_.end()) {
      return nullptr;
    }
    std::unique_ptr<T> object = std::move(found->second);
    objects_.erase(found);
    return object;
  }
  const std::unordered_map<std::uint32_t, std::unique_ptr<T>>& all() const { return objects_; }
  void clear() { objects_.clear(); }

 private:
  std::unordered_map<std::uint32_t, std::unique_ptr<T>> objects_;
};

}  // namespace rtm::binding
