#include "net/link/link.hpp"

#include <utility>

#include "net/loop/loop_buffers.hpp"

namespace rtm::net {
namespace {

/// Above this the front of a queue that drains in pieces is cut off once half of the queue is gone.
constexpr std::size_t kCompactAbove = 64 * 1024;

}  // namespace

void Link::reportEnd(LinkEndCause cause, std::string detail) {
  open_ = false;
  // Taken out first: the observer may let go of this link, or even set itself again.
  LinkObserver* observer = std::exchange(observer_, nullptr);
  if (observer != nullptr) observer->onLinkEnd({cause, std::move(detail)});
}

void Link::takeFromQueue(std::size_t size) {
  taken_ += size;
  if (taken_ == outgoing_.size()) {
    taken_ = 0;
    loop_.buffers().giveBack(outgoing_);
  } else if (taken_ > kCompactAbove && taken_ > outgoing_.size() / 2) {
    outgoing_.erase(outgoing_.begin(), outgoing_.begin() + static_cast<std::ptrdiff_t>(taken_));
    taken_ = 0;
  }
}

void Link::dropQueue() {
  outgoing_ = {};
  taken_ = 0;
  stuck_ = false;
}

void Link::reportDrained() {
  if (!congested_ || queuedBytes() > queueBound_ / 2) return;
  congested_ = false;
  if (observer_ != nullptr) observer_->onDrained();
}

void Link::borrowQueue() {
  loop_.buffers().borrow(outgoing_);
}

}  // namespace rtm::net
