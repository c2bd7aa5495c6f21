// Queries of the history (docs/spec/semantics.md §2, docs/rest.md). A user sees the messages that it sent or received,
// and those of the channels it is in. With ServerOptions::historyOpen every user of the App ID sees everything.

#include <algorithm>

#include "base/identifiers.hpp"
#include "server/requests/denials.hpp"
#include "server/requests/handlers.hpp"
#include "wire/protocol.hpp"

namespace rtm::server {
namespace {

using wire::HistoryCode;

constexpr std::uint32_t kDefaultLimit = 20;

bool valid(const wire::HistoryQuery& query) {
  if (query.source.empty() && query.destination.empty()) return false;
  if (!query.source.empty() && !isValidUserId(query.source)) return false;
  const bool named =
      query.destination.empty() || isValidUserId(query.destination) || isValidChannelId(query.destination);
  return named && query.startMs <= query.endMs && query.limit <= wire::kMaxHistoryPage;
}

/// Narrows `filter` to the messages that the user may see. False: there are none.
bool restrict(HistoryFilter& filter, const SessionState& state) {
  if (filter.source == state.userId) return true;
  if (filter.destination.empty()) return false;
  filter.peers = filter.destination == state.userId;
  filter.channels = state.channels.contains(filter.destination);
  return filter.peers || filter.channels;
}

void sendCode(ClientConnection& connection, std::uint32_t requestId, HistoryCode code) {
  connection.send(wire::HistoryResult{
      .requestId = requestId, .code = static_cast<std::uint32_t>(code), .messages = {}, .total = 0});
}

void sendPage(ClientConnection& connection, std::uint32_t requestId, const HistoryPage& page) {
  if (!page.ok) return sendCode(connection, requestId, HistoryCode::Failure);
  wire::HistoryResult answer{.requestId = requestId, .code = 0, .messages = {}, .total = page.total};
  for (const auto& record : page.records) {
    answer.messages.push_back({.source = record->source,
                               .destination = record->destination,
                               .channel = record->channel,
                               .serverTimeMs = record->timeMs,
                               .text = record->text});
  }
  connection.send(answer);
}

/// The client that asked, if it still waits for the answer on the same connection.
ClientConnection* findAsking(Gateway& gateway, std::uint64_t sessionId, std::uint64_t connectionId) {
  const Session* session = gateway.sessions().find(sessionId);
  const bool there = session != nullptr && session->connection != nullptr && session->queriesHistory;
  return there && session->connection->id() == connectionId ? session->connection : nullptr;
}

/// Runs a query that has its turn, and answers.
void run(Gateway& gateway, HistoryFilter filter, std::uint64_t sessionId, std::uint64_t connectionId,
         std::uint32_t requestId) {
  HistoryGate& gate = gateway.context().historyGate;
  if (findAsking(gateway, sessionId, connectionId) == nullptr) return gate.leave();  // nobody would hear the answer
  gateway.engine().queryHistory(std::move(filter),
                                [&gateway, &gate, sessionId, connectionId, requestId](const HistoryPage& page) {
                                  gate.leave();
                                  ClientConnection* asking = findAsking(gateway, sessionId, connectionId);
                                  if (asking == nullptr) return;
                                  asking->session()->queriesHistory = false;
                                  sendPage(*asking, requestId, page);
                                });
}

}  // namespace

void onHistoryQuery(Gateway& gateway, ClientConnection& connection, const wire::HistoryQuery& query) {
  ServerContext& context = gateway.context();
  Session& session = *connection.session();
  const SessionState& state = *session.state;
  // A client that asks again before it has its answer would have the store work for it alone.
  if (session.queriesHistory) return sendCode(connection, query.requestId, HistoryCode::TooOften);
  if (!context.historyQuotas[static_cast<std::size_t>(state.app)]->take(gateway.now())) {
    return sendCode(connection, query.requestId, HistoryCode::TooOften);
  }
  if (!valid(query)) return sendCode(connection, query.requestId, HistoryCode::InvalidArgument);
  if (denied(gateway, connection, Action::History)) {
    return sendCode(connection, query.requestId, HistoryCode::NotAllowed);
  }
  HistoryFilter filter{.app = state.app,
                       .source = std::string(query.source),
                       .destination = std::string(query.destination),
                       .startMs = query.startMs,
                       .endMs = query.endMs,
                       .nowMs = gateway.wallClockMs(),
                       .offset = query.offset,
                       .limit = query.limit == 0 ? kDefaultLimit : query.limit,
                       .bytes = wire::kMaxPayloadBytes,
                       .descending = query.descending};
  if (query.countOnly) filter.limit = 0;
  if (!context.options.historyOpen && !restrict(filter, state)) {
    return sendCode(connection, query.requestId, HistoryCode::NotAllowed);
  }
  session.queriesHistory = true;
  context.historyGate.enter(gateway.index(), state.app, state.sessionId, gateway.now(),
                            [&gateway, asked = std::move(filter), sessionId = state.sessionId,
                             connectionId = connection.id(), requestId = query.requestId](bool mayRun) mutable {
                              if (mayRun) return run(gateway, std::move(asked), sessionId, connectionId, requestId);
                              ClientConnection* asking = findAsking(gateway, sessionId, connectionId);
                              if (asking == nullptr) return;
                              asking->session()->queriesHistory = false;
                              sendCode(*asking, requestId, HistoryCode::Failure);
                            });
}

}  // namespace rtm::server
