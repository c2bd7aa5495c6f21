#pragma once

#include <cstdint>

namespace rtm::client {

/// The delay before each retry (docs/spec/connection.md §2): 0.5 s, doubled at each retry up to 5 s, times a random
/// factor in [1/2, 1). ConnectionMachine decides which retries wait.
class RetryDelay {
 public:
  /// `random` in [0, 1).
  std::uint64_t next(double random);
  /// The next delay is the first one again.
  void reset() { attempts_ = 0; }
  /// The first delay, which is the shortest.
  static std::uint64_t shortest(double random) { return RetryDelay().next(random); }

 private:
  unsigned attempts_ = 0;
};

}  // namespace rtm::client
