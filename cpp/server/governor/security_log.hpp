#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

#include "base/log.hpp"
#include "base/token_bucket.hpp"

namespace rtm::server {

/// What an operator may want to act on, by its name in the log.
enum class SecurityEvent : std::uint8_t {
  LoginRefused,       ///< login-refused
  ConnectionDropped,  ///< connection-dropped: before a login, for others or for its silence
  HandshakeFailed,    ///< handshake-failed
  FrameFlood,         ///< frame-flood
  PermissionDenied,   ///< permission-denied: by a rule, or by the callout
  CalloutFailed,      ///< callout-failed: no answer, or a malformed one
  Malformed,          ///< malformed: a connection was closed for what it sent
  Penalty,            ///< penalty: an address is slowed, or refused, for what it has done
  LoginThrottled,     ///< login-throttled: a user, or an address, logs in too often
  UploadRefused,      ///< upload-refused: no room or no folder for a file or image, or media is off
  MemorySoft,         ///< memory-soft: users above their share may not take more
  MemoryHard,         ///< memory-hard: nobody may
  Exhausted,          ///< exhausted: new connections wait for file descriptors, or for memory of the system
};
inline constexpr std::size_t kSecurityEvents = static_cast<std::size_t>(SecurityEvent::Exhausted) + 1;

/// The host of an address with a port, without brackets: `2001:db8::1` of `[2001:db8::1]:50312`.
std::string_view hostOf(std::string_view remote);

/// Who did it. Empty members are left out.
struct SecurityFacts {
  std::string remote;            ///< "192.0.2.7:50312" or "[2001:db8::1]:50312"
  std::string_view app;          ///< as the client gave it
  std::string_view user;         ///< as the client gave it
  std::string_view target = {};  ///< the channel or user that it was done to
};

/// Lines that programs such as fail2ban can read: a sentence, then `event=… address=… port=… app=… user="…"`. The
/// address stands before everything that a client chooses; ids are escaped and cut at 64 bytes, so a client cannot
/// forge a field. Each kind of event has at most 10 lines a second after a burst of 50, but `exhausted` one
/// a minute; the next line says how many were left out. Any thread.
class SecurityLog {
 public:
  explicit SecurityLog(LogSink sink);

  /// `nowMs`: a loop's now(). `sentence` is the server's own words.
  void tell(SecurityEvent event, std::string_view sentence, const SecurityFacts& facts, std::uint64_t nowMs);

 private:
  struct Allowance {
    TokenBucket lines{10, 50};
    std::uint64_t suppressed = 0;
  };

  LogSink sink_;
  std::mutex mutex_;
  std::array<Allowance, kSecurityEvents> allowances_;  ///< guarded by mutex_
};

}  // namespace rtm::server
