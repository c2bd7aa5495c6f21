#pragma once

#include <cstdint>
#include <memory>
#include <set>

#include "net/loop/io_loop.hpp"
#include "net/loop/timer.hpp"

namespace rtm::net {

/// Tells observers that the network has changed: an address, a route or a carrier came (rtnetlink). Watches only while
/// there is an observer, so that an undisturbed program has no socket for it and is never woken. Where the system does
/// not tell (a sandbox without netlink), observers hear nothing and wait their full time. One loop's thread only.
class NetworkWatch final : private StopHook {
 public:
  class Observer {
   public:
    /// May add and remove observers.
    virtual void onNetworkChange() = 0;

   protected:
    ~Observer() = default;
  };

  /// IoLoop::networkWatch() returns the watch of a loop.
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
