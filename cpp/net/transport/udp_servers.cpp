#include "net/transport/udp_servers.hpp"

#include <algorithm>
#include <utility>

#include "net/resolve/endpoint.hpp"

namespace rtm::net {
namespace {

/// A token of a server under one pin says nothing about a server under another.
std::string nameOf(const Endpoint& endpoint) {
  return endpoint.host + ":" + std::to_string(endpoint.port) + "#" + endpoint.pin;
}

}  // namespace

void UdpServers::learn(const Endpoint& endpoint, Known known) {
  const std::string server = nameOf(endpoint);
  const std::lock_guard lock(mutex_);
  newestFirst_.remove_if([&](const Entry& entry) { return entry.server == server; });
  newestFirst_.push_front({server, std::move(known)});
  if (newestFirst_.size() > kMostServers) newestFirst_.pop_back();
}

std::optional<UdpServers::Known> UdpServers::find(const Endpoint& endpoint) const {
  const std::string server = nameOf(endpoint);
  const std::lock_guard lock(mutex_);
  const auto found = std::find_if(newestFirst_.begin(), newestFirst_.end(),
                                  [&](const Entry& entry) { return entry.server == server; });
  return found == newestFirst_.end() ? std::nullopt : std::optional(found->known);
}

}  // namespace rtm::net
