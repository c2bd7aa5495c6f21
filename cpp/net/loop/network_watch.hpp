#pragma once

#include <cstdint>
#include <memory>
#include <set>

#include "net/loop/io_loop.hpp"
#include "net/loop/timer.hpp"

namespace rtm::net {

/// Tells those who wait for the network that it has changed: an address, a route or a carrier came (rtnetlink). Watches
/// only while somebody waits, so that an undisturbed program has no socket for it and is never woken. Where the system
/// does not tell (a sandbox without netlink), nobody is told, and waits as long as it would have. One loop's thread
/// only.
class NetworkWatch final : private StopHook {
 public:
  class Observer {
   public:
    /// May add and remove observers.
    virtual void onNetworkChange() = 0;

   protected:
    ~Observer() = default;
  };

  /// IoLoop::networkWatch() has the one of a loop.
  explicit NetworkWatch(IoLoop& loop);
  ~NetworkWatch() override;
  NetworkWatch(const NetworkWatch&) = delete;
  NetworkWatch& operator=(const NetworkWatch&) = delete;

  /// Idempotent, as is remove().
  void add(Observer& observer);
  void remove(Observer& observer);

 private:
  struct Socket;
  void onLoopStop() override;
  void open();
  void close();
  void onReadable();
  void tell();

  IoLoop& loop_;
  std::set<Observer*> observers_;
  Socket* socket_ = nullptr;  ///< frees itself when libuv has let go of it
  Timer settled_;
  std::uint64_t toldMs_ = 0;
};

}  // namespace rtm::net
