#include "server/gateway/drain.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "server/gateway/gateway.hpp"

namespace rtm::server {
namespace {

/// How long a client may take to close its connection after BYE. Its acknowledgements count until then.
constexpr std::uint64_t kLeaveMs = 2000;
/// How long a client may wait for the results of its sends. A receiver acknowledges within a round trip.
constexpr std::uint64_t kFinishMs = 1000;
/// How long other servers may take to resume the sessions, after the last client has left.
constexpr std::uint64_t kMoveMs = 3000;
/// When clients come again if they have no other server: this one may be back soon.
constexpr std::uint32_t kRetryAfterMs = 1000;

}  // namespace

Drain::Drain(Gateway& gateway, std::shared_ptr<const DrainOptions> options, Task gone)
    : gateway_(gateway),
      options_(std::move(options)),
      gone_(std::move(gone)),
      begunMs_(gateway.now()),
      connections_(gateway.connections().ids()) {}

void Drain::sendAway(ClientConnection& connection) {
  if (connection.phase() == ClientConnection::kLeaving) return;
  Session* session = connection.session();
  const bool established =
      connection.phase() == ClientConnection::kEstablished || connection.phase() == ClientConnection::kFinishing;
  const std::vector<std::string>& endpoints = options_->endpoints;
  const wire::Bye bye{.code = wire::ByeCode::ShuttingDown,
                      .reason = "the server shuts down",
                      .retryAfterMs = endpoints.empty() ? kRetryAfterMs : 0,
                      .endpoints = {endpoints.begin(), endpoints.end()},
                      .sendsTaken = session != nullptr && established ? session->state->acceptedSeq + 1 : 0};
  if (session == nullptr || !established) return connection.close(bye);
  gateway_.answers().flush(*session);
  connection.sendAway(bye);
  session->live = false;
  gateway_.channels().unlistAll(*session);
  gateway_.presence().unlist(*session);
  // The client gets nothing more here. A resume brings what it has not acknowledged; where it cannot be resumed, the
  // sender hears that the message was not delivered.
  EngineClient& engine = gateway_.engine();
  const std::uint64_t grace = engine.shared() ? gateway_.context().options.graceMs : kLeaveMs;
  engine.linkLost(session->state->user(), session->state->fence, grace);
}

void Drain::letFinish(ClientConnection& connection, std::uint64_t nowMs) {
  const Session* session = connection.session();
  const bool established = connection.phase() == ClientConnection::kEstablished;
  if (session == nullptr || !established || session->state->unanswered == 0) return sendAway(connection);
  connection.setPhase(ClientConnection::kFinishing);
  finishing_.push_back({connection.id(), nowMs + kFinishMs});
}

void Drain::sendFinishedAway(std::uint64_t nowMs) {
  if (finishing_.empty()) return;
  std::erase_if(finishing_, [this, nowMs](const Finishing& each) {
    ClientConnection* connection = gateway_.connections().find(each.connectionId);
    if (connection == nullptr) return true;
    const Session* session = connection->session();
    if (session != nullptr && session->state->unanswered != 0 && nowMs < each.untilMs) return false;
    sendAway(*connection);
    return true;
  });
}

void Drain::sweep(std::uint64_t nowMs) {
  Connections& connections = gateway_.connections();
  const std::uint64_t elapsed = nowMs - std::min(nowMs, begunMs_);
  const std::uint64_t whole = std::max<std::uint64_t>(options_->overMs, 1);
  const bool over = elapsed >= options_->overMs;
  const std::size_t due = over ? connections_.size() : connections_.size() * elapsed / whole;
  while (next_ < due) {
    if (ClientConnection* connection = connections.find(connections_[next_++])) letFinish(*connection, nowMs);
  }
  sendFinishedAway(nowMs);
  if (!gone_ || (!gateway_.sessions().empty() && !gateway_.engine().shared())) return;
  const bool here = std::any_of(connections_.begin(), connections_.end(),
                                [&connections](std::uint64_t id) { return connections.find(id) != nullptr; });
  if (here) return;
  if (leftMs_ == 0) leftMs_ = nowMs;
  // As long as this server lives, the cluster does not take its users for lost.
  if (!gateway_.sessions().empty() && nowMs - leftMs_ < kMoveMs) return;
  std::exchange(gone_, {})();
}

}  // namespace rtm::server
