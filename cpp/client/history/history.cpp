#include "client/history/history.hpp"

#include <utility>

#include "base/identifiers.hpp"
#include "client/client_common.hpp"

namespace rtm::client {
namespace {

constexpr unsigned kMaxLimit = 100;

bool isValid(const HistoryQuery& query) {
  if (query.source.empty() && query.destination.empty()) return false;
  if (!query.source.empty() && !isValidUserId(query.source)) return false;
  if (!query.destination.empty() && !isValidUserId(query.destination) && !isValidChannelId(query.destination)) {
    return false;
  }
  const bool limited = query.countOnly || (query.limit >= 1 && query.limit <= kMaxLimit);
  return limited && query.startMs >= 0 && query.startMs <= query.endMs;
}

/// A message of an answer that outlives its frame.
struct OwnedHistoryMessage {
  std::string source;
  std::string destination;
  bool channel = false;
  long long timeMs = 0;
  std::string text;
};

}  // namespace

HistoryCode History::query(const HistoryQuery& query, RequestId& id) {
  const std::lock_guard lock(common_.lock);
  if (const auto code = common_.access.check<HistoryCode>(); code != HistoryCode::Ok) return code;
  if (!isValid(query)) return HistoryCode::InvalidArgument;
  wire::HistoryQuery request{.source = query.source,
                             .destination = query.destination,
                             .startMs = static_cast<std::uint64_t>(query.startMs),
                             .endMs = static_cast<std::uint64_t>(query.endMs),
                             .offset = query.offset,
                             .limit = query.countOnly ? 0 : query.limit,
                             .descending = query.descending,
                             .countOnly = query.countOnly};
  return common_.requests.start(*this, request, RequestKind::History, {}, id) ? HistoryCode::Ok : HistoryCode::TooOften;
}

void History::take(const wire::HistoryResult& result) {
  std::optional<PendingRequest> pending = common_.requests.take(result.requestId);
  if (!pending) return;
  if (static_cast<HistoryCode>(result.code) != HistoryCode::Ok) {
    return Requests::end(*pending, static_cast<int>(result.code));
  }
  std::vector<OwnedHistoryMessage> owned;
  owned.reserve(result.messages.size());
  for (const wire::HistoryMessage& message : result.messages) {
    owned.push_back({std::string(message.source), std::string(message.destination), message.channel,
                     static_cast<long long>(message.serverTimeMs.value), std::string(message.text)});
  }
  common_.delivery->run([&events = common_.events, id = pending->id, total = result.total, owned = std::move(owned)] {
    std::vector<HistoryMessage> messages;
    messages.reserve(owned.size());
    for (const OwnedHistoryMessage& message : owned) {
      messages.push_back({message.source, message.destination, message.channel, message.timeMs, message.text});
    }
    events.onHistoryResult(id, messages, static_cast<unsigned>(total), HistoryCode::Ok);
  });
}

void History::onRequestEnded(PendingRequest& request, int code) {
  common_.delivery->run([&events = common_.events, id = request.id, code = static_cast<HistoryCode>(code)] {
    events.onHistoryResult(id, {}, 0, code);
  });
}

}  // namespace rtm::client
