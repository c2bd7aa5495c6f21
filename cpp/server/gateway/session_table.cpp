#include "server/gateway/session_table.hpp"

#include <utility>

#include "server/media/media_loop.hpp"
#include "server/model/codes.hpp"

namespace rtm::server {

std::vector<Session*> SessionTable::withoutConnection() const {
  std::vector<Session*> lost;
  for (const auto& [id, session] : sessions_) {
    if (session->connection == nullptr) lost.push_back(session.get());
  }
  return lost;
}

std::vector<std::uint64_t> SessionTable::ids(AppNumber app) const {
  std::vector<std::uint64_t> found;
  for (const auto& [id, session] : sessions_) {
    if (session->state->app == app) found.push_back(id);
  }
  return found;
}

Session& SessionTable::add(std::unique_ptr<SessionState> state) {
  auto session = std::make_unique<Session>(std::move(state));
  Session& added = *session;
  sessions_.insert_or_assign(added.state->sessionId, std::move(session));
  return added;
}

// ---- connections ------------------------------------------------------------------------------------------------

void SessionTable::bind(Session& session, ClientConnection& connection) {
  session.connection = &connection;
  session.capabilities = connection.capabilities();
  connection.bind(&session);
}

void SessionTable::unbind(Session& session) {
  channels_.unlistAll(session);
  presence_.unlist(session);
  if (session.connection != nullptr) session.connection->bind(nullptr);
  session.connection = nullptr;
  session.live = false;
  session.unconfirmed = false;
  session.silent = false;
  // What was asked on this link is answered on no other: the client asks again.
  if (std::exchange(session.history, {}).busy) historyQueue_.cancel(session.state->sessionId);
  session.pending.clear();  // state->results remembers them, and a resume tells them
  session.held = {};
  session.queue.reset();
}

void SessionTable::takeLink(Session& session) {
  ClientConnection* connection = session.connection;
  unbind(session);
  if (connection != nullptr) {
    connection->close(wire::ByeCode::SessionMoved, "the session was resumed on another connection");
  }
}

std::unique_ptr<SessionCarry> SessionTable::surrender(std::uint64_t sessionId) {
  const auto found = sessions_.find(sessionId);
  if (found == sessions_.end()) return nullptr;
  const std::unique_ptr<Session> session = std::move(found->second);
  sessions_.erase(found);
  takeLink(*session);
  answers_.forget(*session);
  return std::move(session->state);
}

// ---- the end ----------------------------------------------------------------------------------------------------

void SessionTable::close(Session& session, SessionEnd reason) {
  if (std::exchange(session.closing, true)) return;
  engine_.closeSession(session.state->user(), session.state->fence, reason);
}

bool SessionTable::end(std::uint64_t sessionId, SessionEnd reason) {
  const auto found = sessions_.find(sessionId);
  if (found == sessions_.end()) return false;
  std::unique_ptr<Session> session = std::move(found->second);
  sessions_.erase(found);
  if (session->state->usedMedia) media_.endSession(sessionId);
  ClientConnection* connection = session->connection;
  unbind(*session);
  answers_.forget(*session);
  if (reason == SessionEnd::RemoteLogin) stats_.kicks.add();
  const std::uint64_t logoutConnection = connection == nullptr ? 0 : sayEnd(*session, *connection, reason);
  leaveAll(std::move(session), logoutConnection);
  return true;
}

std::uint64_t SessionTable::sayEnd(const Session& session, ClientConnection& connection, SessionEnd reason) {
  switch (reason) {
    case SessionEnd::RemoteLogin:
      connection.close(wire::ByeCode::RemoteLogin, "the user logged in elsewhere");
      return 0;
    case SessionEnd::Banned:
      connection.close(wire::ByeCode::Banned, "the user is banned");
      return 0;
    case SessionEnd::TokenExpired:
      connection.close(wire::ByeCode::TokenExpired, "the token ran out");
      return 0;
    case SessionEnd::GraceOver:
      connection.closeAfterFlush();
      return 0;
    case SessionEnd::Logout:
      connection.setPhase(ClientConnection::kClosing);
      if (session.logoutRequest) return connection.id();
      connection.closeAfterFlush();
      return 0;
  }
  return 0;
}

void SessionTable::leaveAll(std::unique_ptr<Session> session, std::uint64_t logoutConnection) {
  const auto ending = std::make_shared<Ending>();
  // One more than the channels: a leave on this loop completes at once, and the session must outlive the loop below.
  ending->left = session->state->channels.size() + 1;
  ending->logoutConnection = logoutConnection;
  ending->session = std::move(session);
  const SessionState& state = *ending->session->state;
  for (const auto& [channelId, membership] : state.channels) {
    engine_.leave(state.channel(channelId), state.user(), state.fence, [this, ending](bool) {
      if (--ending->left == 0) finishEnd(*ending);
    });
  }
  if (--ending->left == 0) finishEnd(*ending);
}

void SessionTable::finishEnd(Ending& ending) {
  const std::unique_ptr<Session> session = std::move(ending.session);
  engine_.sessionEnded(session->state->user(), session->state->sessionId);
  ClientConnection* connection = connections_.find(ending.logoutConnection);
  if (connection == nullptr) return;
  connection->send(wire::Result{.requestId = session->logoutRequest.value_or(0), .code = code::kOk, .tokenLifeMs = 0});
  connection->closeAfterFlush();
}

// ---- removed from a channel -------------------------------------------------------------------------------------

bool SessionTable::kick(std::uint64_t sessionId, std::string_view channelId) {
  Session* session = find(sessionId);
  if (session == nullptr) return false;
  SessionState& state = *session->state;
  const auto found = state.channels.find(channelId);
  if (found == state.channels.end()) return false;
  const bool answered = found->second.answered;
  state.kicked.push_back(found->first);
  channels_.forget(*session, channelId);
  engine_.leave(state.channel(channelId), state.user(), state.fence, [](bool) {});
  // Before its JOIN_RESULT the client would apply the kick to an older membership; the answer to the join tells it.
  if (answered) tellKicked(*session);
  return true;
}

void SessionTable::tellKicked(Session& session) {
  if (!session.live || session.state->kicked.empty()) return;
  answers_.flush(session);  // the results of what was sent to the channel before
  for (const std::string& channelId : std::exchange(session.state->kicked, {})) {
    session.connection->send(wire::ChannelKicked{.channelId = channelId});
  }
}

}  // namespace rtm::server
