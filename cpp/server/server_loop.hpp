#pragma once

#include <future>
#include <memory>
#include <utility>
#include <vector>

#include "net/link/listener.hpp"
#include "net/loop/io_loop.hpp"
#include "server/gateway/gateway.hpp"
#include "server/model/loop_host.hpp"
#include "server/stats.hpp"

namespace rtm::server {

/// One loop of a server and the objects on it. The engine may post to a loop until the last loop has been joined, so
/// this object outlives its gateway, which ends while the loop still runs.
struct ServerLoop final : LoopHost {
  std::unique_ptr<net::IoLoop> loop;
  LoopStats stats;
  std::unique_ptr<Gateway> gateway;                       ///< loop thread only
  std::vector<std::unique_ptr<net::Listener>> listeners;  ///< loop thread only

  std::uint64_t now() const override { return loop->now(); }
  std::uint64_t wallClockMs() const override { return loop->wallClockMs(); }
  void post(Task task) override { loop->post(std::move(task)); }
  void requestTurnEnd() override {
    if (gateway) gateway->requestTurnEnd();
  }

  /// Any other thread: runs `work` on the loop and waits for it.
  template <typename Work>
  void run(Work work) {
    std::promise<void> done;
    const bool posted = loop->post([&] {
      work();
      done.set_value();
    });
    if (posted) done.get_future().wait();
  }

  /// Any thread: the time since the last sweep, if it is too long; else 0. A loop that stands still cannot report its
  /// own delay.
  std::uint64_t standstillMs() const;
};

}  // namespace rtm::server
