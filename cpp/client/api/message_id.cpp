#include <atomic>
#include <chrono>
#include <random>

#include "base/process_life.hpp"
#include "client/api/message.hpp"

namespace rtm::client {

long long nextMessageId(int count) {
  // 41 bits of milliseconds and 12 of counter stay below 2^53. Above 4,096 ids in a millisecond the ids run ahead of
  // the clock, which does no harm. The counter begins at a random place, or two programs that send now and then would
  // make the same id whenever they send in the same millisecond.
  static std::atomic<long long> last{0};
  static std::atomic<life::Number> ofLife{life::now()};
  static std::atomic<long long> start = std::random_device{}() & 0xfff;
  // Children that one program has forked would all begin where it stood.
  if (!life::isOurs(ofLife.load(std::memory_order_relaxed))) {
    start.store(std::random_device{}() & 0xfff, std::memory_order_relaxed);
    last.store(0, std::memory_order_relaxed);
    ofLife.store(life::now(), std::memory_order_relaxed);
  }
  constexpr long long kEpochMs = 1'577'836'800'000;  // 2020-01-01: leaves 69 years
  const auto wall =
      std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::system_clock::now().time_since_epoch());
  const long long floor = ((wall.count() - kEpochMs) << 12) + start.load(std::memory_order_relaxed);
  long long previous = last.load(std::memory_order_relaxed);
  long long next = 0;
  do {
    next = previous < floor ? floor : previous + 1;
  } while (!last.compare_exchange_weak(previous, next + count - 1, std::memory_order_relaxed));
  return next;
}

}  // namespace rtm::client
