#pragma once

#include <cstdint>

#include "net/link/link.hpp"
#include "net/loop/timer.hpp"

namespace rtm::client {

/// The heartbeat of a link that is logged in: sends a PING at each interval and notices when the server falls silent.
/// Any byte from the server ends a silence. I/O thread only.
class Heartbeat {
 public:
  class Owner {
   public:
    /// The server has sent no byte for `silentMs`. The heartbeat has stopped; the owner gives up the link.
    virtual void onSilence(std::uint64_t silentMs) = 0;

   protected:
    ~Owner() = default;
  };

  Heartbeat(net::IoLoop& loop, Owner& owner);

  /// Sends the first PING at once. `link` must live until stop().
  void start(net::Link& link, std::uint32_t intervalMs, std::uint64_t silenceMs);
  void stop();
  /// While our side does not read, silence proves nothing: it counts from the end of the pause.
  void setPaused(bool paused);

 private:
  void beat();

  net::IoLoop& loop_;
  Owner& owner_;
  net::Timer timer_;
  net::Link* link_ = nullptr;
  std::uint32_t intervalMs_ = 0;
  std::uint64_t silenceMs_ = 0;
  std::uint64_t resumedReadingMs_ = 0;
  bool paused_ = false;
};

}  // namespace rtm::client
