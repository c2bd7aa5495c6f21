#include "net/transport/tls/tls_tickets.hpp"

#include <openssl/ssl.h>

#include <algorithm>

namespace rtm::net {

TicketCache::~TicketCache() {
  for (const Entry& entry : newestFirst_) SSL_SESSION_free(entry.second);
}

std::list<TicketCache::Entry>::iterator TicketCache::find(const std::string& key) {
  return std::find_if(newestFirst_.begin(), newestFirst_.end(), [&](const Entry& entry) { return entry.first == key; });
}

void TicketCache::put(const std::string& key, SSL_SESSION* session) {
  const std::lock_guard lock(mutex_);
  if (const auto known = find(key); known != newestFirst_.end()) {
    SSL_SESSION_free(known->second);
    newestFirst_.erase(known);
  } else if (newestFirst_.size() == kMaxServers) {
    SSL_SESSION_free(newestFirst_.back().second);
    newestFirst_.pop_back();
  }
  newestFirst_.emplace_front(key, session);
}

SSL_SESSION* TicketCache::get(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto known = find(key);
  if (known == newestFirst_.end()) return nullptr;
  if (SSL_SESSION_is_resumable(known->second) == 0) return nullptr;
  SSL_SESSION_up_ref(known->second);
  return known->second;
}

void TicketCache::drop(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto known = find(key);
  if (known == newestFirst_.end()) return;
  SSL_SESSION_free(known->second);
  newestFirst_.erase(known);
}

}  // namespace rtm::net
