#include "server/gateway/connections.hpp"

#include <utility>

namespace rtm::server {

ClientConnection& Connections::add(ConnectionOwner& owner, net::LinkHandle link, std::uint64_t nowMs) {
  const std::uint64_t id = ++lastId_;
  watched_.push_back({.connectionId = id, .dueMs = 0});
  auto connection = std::make_unique<ClientConnection>(owner, std::move(link), id, nowMs);
  return *connections_.emplace(id, std::move(connection)).first->second;
}

ClientConnection* Connections::find(std::uint64_t id) {
  const auto found = connections_.find(id);
  return found == connections_.end() ? nullptr : found->second.get();
}

std::vector<ClientConnection*> Connections::all() {
  std::vector<ClientConnection*> list;
  list.reserve(connections_.size());
  for (const auto& [id, connection] : connections_) list.push_back(connection.get());
  return list;
}

std::vector<std::uint64_t> Connections::ids() const {
  std::vector<std::uint64_t> list;
  list.reserve(connections_.size());
  for (const auto& [id, connection] : connections_) list.push_back(id);
  return list;
}

bool Connections::release(ClientConnection& connection) {
  const auto found = connections_.find(connection.id());
  if (found == connections_.end()) return false;
  released_.push_back(std::move(found->second));
  connections_.erase(found);
  return true;
}

void Connections::endTurn() {
  for (const std::uint64_t id : std::exchange(overrun_, {})) {
    if (ClientConnection* connection = find(id)) connection->cutOverrun();
  }
  released_.clear();
}

}  // namespace rtm::server
