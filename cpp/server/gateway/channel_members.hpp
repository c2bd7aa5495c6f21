#pragma once

#include <cstdint>
#include <vector>

#include "server/session/session.hpp"

namespace rtm::server {

/// Which sessions of this loop, with a link, are members of a channel: a channel message comes to a loop once and
/// leaves for each member from the same bytes. A session without a link is not listed; the replay brings its messages
/// when it resumes. Loop thread only.
class ChannelMembers {
 public:
  struct Entry {
    Session* session = nullptr;
    Membership* membership = nullptr;
    std::uint32_t toldCount = 0;  ///< the last member count that the client was told
  };

  /// A session that is listed already only gets the new count.
  void add(const ScopedName& channel, Session& session, Membership& membership, std::uint32_t toldCount);
  void remove(const ScopedName& channel, Membership& membership);
  /// Null if no session of this loop is listed. Valid until the next add() or remove().
  std::vector<Entry>* find(const ScopedName& channel);

 private:
  ScopedMap<std::vector<Entry>> channels_;
};

}  // namespace rtm::server
