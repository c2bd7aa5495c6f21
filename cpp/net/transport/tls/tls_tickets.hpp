#pragma once

#include <cstddef>
#include <list>
#include <mutex>
#include <string>
#include <utility>

typedef struct ssl_session_st SSL_SESSION;

namespace rtm::net {

/// The newest session ticket of each server, so that a reconnect costs no certificate work. The key names server and
/// pin: a ticket from a handshake under one pin is never offered where another pin, or none, is expected. Any thread.
class TicketCache {
 public:
  TicketCache() = default;
  ~TicketCache();
  TicketCache(const TicketCache&) = delete;
  TicketCache& operator=(const TicketCache&) = delete;

  /// Takes over the caller's reference.
  void put(const std::string& key, SSL_SESSION* session);
  /// Returns a reference that the caller owns, or null.
  SSL_SESSION* get(const std::string& key);
  void drop(const std::string& key);

 private:
  static constexpr std::size_t kMaxServers = 64;
  using Entry = std::pair<std::string, SSL_SESSION*>;
  std::list<Entry>::iterator find(const std::string& key);

  std::mutex mutex_;
  std::list<Entry> newestFirst_;
};

}  // namespace rtm::net
