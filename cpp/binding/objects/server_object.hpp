#pragma once

#include <cstdint>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>

#include "base/log.hpp"
#include "base/move_function.hpp"
#include "binding/mailbox/mailbox.hpp"
#include "server/bridge/bridge.hpp"
#include "server/server.hpp"

namespace rtm::binding {

/// A server made from JavaScript. It starts and closes on a thread of its own, and tells the outcome by an event.
class ServerObject {
 public:
  ServerObject(std::shared_ptr<Mailbox> mailbox, std::uint32_t id) : mailbox_(std::move(mailbox)), id_(id) {}
  ~ServerObject();  ///< shutDown()
  ServerObject(const ServerObject&) = delete;
  ServerObject& operator=(const ServerObject&) = delete;

  /// Makes the bridge over which the server asks JavaScript. To be called before start().
  const std::shared_ptr<server::Bridge>& makeBridge(LogSink log, std::uint32_t loops);
  /// Null: the server asks JavaScript nothing.
  const std::shared_ptr<server::Bridge>& bridge() const { return bridge_; }

  void start(server::ServerOptions options);
  void close();
  /// Waits for a start under way, then closes. Blocks for about 5 s at most.
  void shutDown();
  /// Null unless the server runs.
  std::unique_ptr<server::ServerStats> stats() const;
  /// Calls `use(server::Server&)` if the server runs.
  template <typename Use>
  void with(Use&& use) {
    const std::lock_guard lock(mutex_);
    if (server_ != nullptr) {
      use(*server_);
    }
  }
  /// A function for any thread that tells JavaScript that the command `request` is done.
  MoveFunction<void(bool)> teller(double request) const;

 private:
  const std::shared_ptr<Mailbox> mailbox_;
  const std::uint32_t id_;
  std::shared_ptr<server::Bridge> bridge_;
  mutable std::mutex mutex_;  ///< guards server_
  std::unique_ptr<server::Server> server_;
  std::thread worker_;
};

}  // namespace rtm::binding
