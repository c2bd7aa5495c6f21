#include "net/transport/write_gate.hpp"

#include "net/loop/io_loop.hpp"

namespace rtm::net {

bool WriteGate::tryWrite(ByteView frames) {
  if (frames.size() > kMaxBytes) return false;
  const Hold held(mutex_, std::try_to_lock);
  if (!held || target_ == nullptr || queued_.load(std::memory_order_relaxed)) return false;
  const ByteTransport::OutsideWrite result = target_->writeFromOutside(frames);
  if (result == ByteTransport::OutsideWrite::Rest) askLoopToGoOn();
  return result != ByteTransport::OutsideWrite::Refused;
}

void WriteGate::askLoopToGoOn() {
  loop_.post([gate = shared_from_this()] {
    const Hold held(gate->mutex_);
    if (gate->target_ != nullptr) gate->target_->goOnFromOutside();
  });
}

}  // namespace rtm::net
