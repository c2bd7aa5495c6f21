#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>

namespace rtm::server {

/// A number that one loop counts and any thread reads.
class Counter {
 public:
  void add(std::uint64_t n = 1) { value_.store(get() + n, std::memory_order_relaxed); }
  void raise(std::uint64_t n) {
    if (n > get()) set(n);
  }
  void set(std::uint64_t n) { value_.store(n, std::memory_order_relaxed); }
  std::uint64_t get() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

/// Why a login was refused.
enum class LoginRefusal : std::uint8_t { AppId, Token, TokenExpired, NotAuthorized, Banned, Other };
inline constexpr std::size_t kLoginRefusals = 6;

/// One loop's part of ServerStats.
struct LoopStats {
  Counter connections;
  Counter logins;
  std::array<Counter, kLoginRefusals> loginRefusals;  ///< by LoginRefusal
  Counter resumes;
  Counter kicks;
  Counter messagesIn;
  Counter messagesOut;
  Counter channelMessagesIn;   ///< of messagesIn
  Counter channelMessagesOut;  ///< of messagesOut
  Counter queueBytes;          ///< waiting for clients to read, as of the last sweep
  Counter loopDelayMs;         ///< by how much a timer was late, at most, in the last second or two
  Counter sweptAtMs;           ///< monotonic: when the last sweep was
  Counter malformed;
  Counter slowConsumers;
  Counter mediaBytesIn;
  Counter mediaBytesOut;
  Counter mediaPeak;  ///< most bytes in memory for one transfer
};

}  // namespace rtm::server
