#pragma once

#include <cstdint>
#include <vector>

#include "server/model/names.hpp"

namespace rtm::server {

class Session;

/// What a session knows of one channel it is in (or joining). Its place must not move while it is listed in the hub.
struct Membership {
  static constexpr std::uint32_t kUnlisted = 0xFFFFFFFF;
  std::uint32_t hubPosition = kUnlisted;
  bool answered = false;  ///< its JOIN_RESULT has been sent: the client may count itself in
};

/// Which sessions of this loop, with a link, are members of a channel: a channel message comes to a loop once and
/// leaves for each of them from the same bytes. A session without a link is not listed; it gets its messages from the
/// replay when it resumes.
class Hub {
 public:
  struct Entry {
    Session* session = nullptr;
    Membership* membership = nullptr;
    std::uint32_t toldCount = 0;  ///< the last member count it was told
  };

  void add(const ScopedName& channel, Session& session, Membership& membership, std::uint32_t toldCount);
  void remove(const ScopedName& channel, Membership& membership);
  /// Null if no session of this loop is listed. Valid until the next add() or remove().
  std::vector<Entry>* find(const ScopedName& channel);

 private:
  ScopedMap<std::vector<Entry>> channels_;
};

}  // namespace rtm::server
