#pragma once

#include <cstdint>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include "net/admission/admission.hpp"
#include "server/connection/client_connection.hpp"

namespace rtm::server {

/// The client connections of one loop, from the end of their handshake to the end of their link, and what its listeners
/// give to connections before that. Loop thread only; bounded by ServerOptions::maxConnections.
class Connections {
 public:
  explicit Connections(std::shared_ptr<net::Admission> admission) : admission_(std::move(admission)) {}

  const std::shared_ptr<net::Admission>& admission() const { return admission_; }
  ClientConnection& add(ConnectionOwner& owner, net::LinkHandle link, std::uint64_t nowMs);
  /// Null if the connection has ended.
  ClientConnection* find(std::uint64_t id);
  /// The session that still uses this connection; null if there is none.
  Session* sessionOf(std::uint64_t id) {
    ClientConnection* connection = find(id);
    return connection == nullptr ? nullptr : connection->session();
  }
  std::size_t size() const { return connections_.size(); }
  /// A copy, so that the caller may close connections on its way.
  std::vector<ClientConnection*> all();
  std::vector<std::uint64_t> ids() const;

  /// The connection has ended. It stays in memory until endTurn(), because it may be in the middle of a call. False: it
  /// has been released before.
  bool release(ClientConnection& connection);
  /// endTurn() cuts the connection.
  void noteOverrun(const ClientConnection& connection) { overrun_.push_back(connection.id()); }
  /// Cuts the connections whose clients read too slowly, and frees what was released.
  void endTurn();

  /// Calls `look(ClientConnection&)` for the connections that are due; it returns the time of the next look.
  template <typename Look>
  void sweep(std::uint64_t nowMs, Look&& look) {
    for (std::size_t index = 0; index < watched_.size();) {
      const Watched watched = watched_[index];
      ClientConnection* connection = watched.dueMs <= nowMs ? find(watched.connectionId) : nullptr;
      if (connection != nullptr) {
        watched_[index].dueMs = look(*connection);
      } else if (watched.dueMs <= nowMs) {  // the connection has ended
        watched_[index] = watched_.back();
        watched_.pop_back();
        continue;
      }
      ++index;
    }
  }

 private:
  /// When to look at a connection again. Apart from the connections, so that a sweep touches only the memory of
  /// connections that are due. The entry of a connection that has ended stays here until then.
  struct Watched {
    std::uint64_t connectionId = 0;
    std::uint64_t dueMs = 0;
  };

  std::shared_ptr<net::Admission> admission_;
  std::unordered_map<std::uint64_t, std::unique_ptr<ClientConnection>> connections_;
  std::vector<Watched> watched_;
  std::vector<std::unique_ptr<ClientConnection>> released_;
  std::vector<std::uint64_t> overrun_;
  std::uint64_t lastId_ = 0;
};

}  // namespace rtm::server
