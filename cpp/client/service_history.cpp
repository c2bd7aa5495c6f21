// Questions about the past: an addition to the 1.5.0 surface (extensions.hpp).

#include "base/identifiers.hpp"
#include "client/service.hpp"

namespace rtm::client {
namespace {

constexpr unsigned kMaxLimit = 100;

std::string_view orEmpty(const char* text) {
  return text == nullptr ? std::string_view() : std::string_view(text);
}

bool valid(const HistoryQuery& query) {
  const std::string_view source = orEmpty(query.source);
  const std::string_view destination = orEmpty(query.destination);
  if (source.empty() && destination.empty()) return false;
  if (!source.empty() && !isValidUserId(source)) return false;
  if (!destination.empty() && !isValidUserId(destination) && !isValidChannelId(destination)) return false;
  const bool limited = query.countOnly || (query.limit >= 1 && query.limit <= kMaxLimit);
  return limited && query.startMs >= 0 && query.startMs <= query.endMs;
}

/// An answer that outlives its frame.
struct OwnedMessage {
  std::string source;
  std::string destination;
  bool channel = false;
  long long timeMs = 0;
  std::string text;
};

}  // namespace

IHistory& historyOf(agora::rtm::IRtmService& service) {
  return static_cast<Service&>(service);
}

void Service::setHistoryHandler(IHistoryEventHandler* handler) {
  delivery_->exclusively([&] { historySlot_->handler = handler; });
}

int Service::queryHistory(const HistoryQuery& query, long long& requestId) {
  const std::lock_guard lock(mutex_);
  if (!initialized_) return HISTORY_ERR_NOT_INITIALIZED;
  if (!machine_.loggedIn()) return HISTORY_ERR_USER_NOT_LOGGED_IN;
  if (!valid(query)) return HISTORY_ERR_INVALID_ARGUMENT;
  wire::HistoryQuery request{.source = orEmpty(query.source),
                             .destination = orEmpty(query.destination),
                             .startMs = static_cast<std::uint64_t>(query.startMs),
                             .endMs = static_cast<std::uint64_t>(query.endMs),
                             .offset = query.offset,
                             .limit = query.limit,
                             .descending = query.descending,
                             .countOnly = query.countOnly};
  if (query.countOnly) request.limit = 0;
  return startRequest(request, RequestKind::History, {}, requestId) ? HISTORY_ERR_OK : HISTORY_ERR_TOO_OFTEN;
}

bool Service::handleHistoryResult(const wire::HistoryResult& result) {
  const std::optional<PendingRequest> pending = takePending(result.requestId);
  if (!pending) return true;
  if (result.code != HISTORY_ERR_OK) {
    concludeHistory(*pending, static_cast<int>(result.code));
    return true;
  }
  std::vector<OwnedMessage> owned;
  owned.reserve(result.messages.size());
  for (const wire::HistoryMessage& message : result.messages) {
    owned.push_back({std::string(message.source), std::string(message.destination), message.channel,
                     static_cast<long long>(message.serverTimeMs.value), std::string(message.text)});
  }
  delivery_->run([slot = historySlot_, id = pending->id, total = result.total, owned = std::move(owned)] {
    if (slot->handler == nullptr) return;
    std::vector<HistoryMessage> messages;
    messages.reserve(owned.size());
    for (const OwnedMessage& message : owned) {
      messages.push_back(
          {message.source.c_str(), message.destination.c_str(), message.channel, message.timeMs, message.text});
    }
    slot->handler->onHistoryQueryResult(id, messages.data(), static_cast<int>(messages.size()), total, HISTORY_ERR_OK);
  });
  return true;
}

void Service::concludeHistory(const PendingRequest& pending, int code) {
  delivery_->run([slot = historySlot_, id = pending.id, code] {
    if (slot->handler != nullptr) {
      slot->handler->onHistoryQueryResult(id, nullptr, 0, 0, static_cast<HISTORY_ERR_CODE>(code));
    }
  });
}

}  // namespace rtm::client
