#pragma once

#include "client/api/history_values.hpp"
#include "client/requests/pending_request.hpp"
#include "wire/messages.hpp"

namespace rtm::client {

struct ClientCommon;

/// Questions about the past: text messages that were sent with SendOptions::history (docs/spec/semantics.md §2). Lock:
/// the client lock, taken by query() and held by the client when it calls the rest.
class History final : private RequestOwner {
 public:
  explicit History(ClientCommon& common) : common_(common) {}

  /// Ok: onHistoryResult follows. During an outage the query waits.
  HistoryCode query(const HistoryQuery& query, RequestId& id);

  void take(const wire::HistoryResult& result);

 private:
  void onRequestEnded(PendingRequest& request, int code) override;

  ClientCommon& common_;
};

}  // namespace rtm::client
