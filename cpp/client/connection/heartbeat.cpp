#include "client/connection/heartbeat.hpp"

#include <algorithm>

#include "net/loop/io_loop.hpp"

namespace rtm::client {

namespace {

/// A server cannot make its clients send PINGs faster than this.
constexpr std::uint32_t kShortestIntervalMs = 50;

}  // namespace

Heartbeat::Heartbeat(net::IoLoop& loop, Owner& owner) : loop_(loop), owner_(owner), timer_(loop, [this] { beat(); }) {}

void Heartbeat::start(net::Link& link, std::uint32_t intervalMs, std::uint64_t silenceMs) {
  link_ = &link;
  intervalMs_ = std::max(intervalMs, kShortestIntervalMs);
  silenceMs_ = silenceMs;
  beat();
}

void Heartbeat::stop() {
  timer_.cancel();
  link_ = nullptr;
}

void Heartbeat::setPaused(bool paused) {
  paused_ = paused;
  if (!paused) resumedReadingMs_ = loop_.now();
}

void Heartbeat::beat() {
  const std::uint64_t now = loop_.now();
  const std::uint64_t heard = std::max(link_->lastReceivedMs(), resumedReadingMs_);
  const std::uint64_t silent = paused_ || now < heard ? 0 : now - heard;
  if (silent >= silenceMs_) return owner_.onSilence(silent);
  link_->send(wire::Ping{.token = now});
  timer_.arm(std::min<std::uint64_t>(intervalMs_, silenceMs_ - silent));
}

}  // namespace rtm::client
