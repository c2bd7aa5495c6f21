// Queries of the history (docs/spec/semantics.md §2, docs/rest.md). A user sees the messages that it sent or received,
// and the messages of the channels it is in. With ServerOptions::historyOpen every user of the App ID sees everything.

#include <algorithm>
#include <utility>
#include <vector>

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
  const bool there = session != nullptr && session->connection != nullptr;
  return there && session->connection->id() == connectionId ? session->connection : nullptr;
}

void begin(Gateway& gateway, Session& session, HistoryQueries::Query query);

/// Answers a query, and begins the client's next one.
void answer(Gateway& gateway, ClientConnection& asking, std::uint32_t requestId, const HistoryPage& page) {
  sendPage(asking, requestId, page);
  Session& session = *asking.session();
  std::vector<HistoryQueries::Query>& waiting = session.history.waiting;
  if (waiting.empty()) {
    session.history.busy = false;
    return;
  }
  HistoryQueries::Query next = std::move(waiting.front());
  waiting.erase(waiting.begin());
  begin(gateway, session, std::move(next));
}

/// Runs a query that has its turn, and answers.
void run(Gateway& gateway, HistoryQueries::Query query, std::uint64_t sessionId, std::uint64_t connectionId) {
  HistoryQueue& queue = gateway.context().historyQueue;
  const AppNumber app = query.filter.app;
  if (findAsking(gateway, sessionId, connectionId) == nullptr) return queue.leave(app);  // nobody would hear the answer
  gateway.engine().queryHistory(std::move(query.filter), [&gateway, &queue, app, sessionId, connectionId,
                                                          requestId = query.requestId](const HistoryPage& page) {
    queue.leave(app);
    ClientConnection* asking = findAsking(gateway, sessionId, connectionId);
    if (asking != nullptr) answer(gateway, *asking, requestId, page);
  });
}

/// The process may be busy with other queries: the queue says when this one runs.
void begin(Gateway& gateway, Session& session, HistoryQueries::Query query) {
  const SessionState& state = *session.state;
  gateway.context().historyQueue.enter(gateway.index(), state.app, state.sessionId, gateway.now(),
                                       [&gateway, asked = std::move(query), sessionId = state.sessionId,
                                        connectionId = session.connection->id()](bool mayRun) mutable {
                                         if (mayRun) return run(gateway, std::move(asked), sessionId, connectionId);
                                         ClientConnection* asking = findAsking(gateway, sessionId, connectionId);
                                         if (asking != nullptr)
                                           answer(gateway, *asking, asked.requestId, {.ok = false});
                                       });
}

}  // namespace

void onHistoryQuery(Gateway& gateway, ClientConnection& connection, const wire::HistoryQuery& query) {
  ServerContext& context = gateway.context();
  Session& session = *connection.session();
  const SessionState& state = *session.state;
  // One runs at a time: a client that asks many at once would have the store work for it alone.
  if (session.history.busy && session.history.waiting.size() + 1 >= HistoryQueries::kMost) {
    return sendCode(connection, query.requestId, HistoryCode::TooOften);
  }
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
  HistoryQueries::Query asked{.requestId = query.requestId, .filter = std::move(filter)};
  if (std::exchange(session.history.busy, true)) {
    session.history.waiting.push_back(std::move(asked));
  } else {
    begin(gateway, session, std::move(asked));
  }
}

}  // namespace rtm::server
