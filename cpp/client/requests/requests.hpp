#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "client/requests/pending_request.hpp"
#include "client/sending/send_queue.hpp"

namespace rtm::client {

/// The requests of one client that have no answer yet. Lock: the client lock, for every call; the frames are in the
/// send queue, under its lock.
class Requests {
 public:
  /// Both outlive the table.
  Requests(SendQueue& queue, const Timing& timing) : queue_(queue), timing_(timing) {}

  /// Gives a request its id and queues it. False: no room.
  template <typename Request>
  bool start(RequestOwner& owner, Request& request, RequestKind kind, PendingRequest pending, RequestId& id) {
    request.requestId = static_cast<std::uint32_t>(next_);
    if (!queue_.request(request, deadlineOf(kind))) return false;
    enter(owner, kind, std::move(pending), id);
    return true;
  }
  /// The same for a request that nobody waits for.
  template <typename Request>
  bool start(RequestOwner& owner, Request& request, RequestKind kind, PendingRequest pending = {}) {
    RequestId ignored = 0;
    return start(owner, request, kind, std::move(pending), ignored);
  }
  /// The same while a new session begins: inside SendQueue::startNewSession(), so with the lock of the queue, too.
  template <typename Request>
  bool startFirst(RequestOwner& owner, Request& request, RequestKind kind, PendingRequest pending) {
    request.requestId = static_cast<std::uint32_t>(next_);
    if (!queue_.requestFirst(request, deadlineOf(kind))) return false;
    RequestId ignored = 0;
    enter(owner, kind, std::move(pending), ignored);
    return true;
  }

  /// An id for something that this side answers by itself.
  RequestId nextId() { return static_cast<RequestId>(next_++); }
  /// Takes a request out of the table and the queue; empty if it has ended before.
  std::optional<PendingRequest> take(std::uint64_t id);
  /// False: a request has this number, and frames of this kind do not answer it. Such a frame must not reach a feature,
  /// which would look for what only its own requests have.
  bool mayAnswer(std::uint64_t id, wire::FrameKind answer) const;
  /// Its caller waits no longer. True: it had not left and never will, and is out of the table. False: see
  /// Outbox::withdraw().
  bool withdraw(RequestId id);
  /// The server's word without content. Does nothing for a request that has an answer of its own.
  void finish(std::uint64_t id, int code);
  /// Reports the end of a request that was taken.
  static void end(PendingRequest& request, int code) { request.owner->onRequestEnded(request, code); }
  /// A request has left the queue without an answer.
  void onTimeout(std::uint64_t id) { endWithout(id, &RequestRule::timedOut); }
  /// Whether what the request asked for holds although it timed out, so that the next reconnect brings it about: as in
  /// the SDK, subscriptions do (docs/spec/connection.md §3).
  bool outlivesTimeout(std::uint64_t id) const;
  /// The request has not left and never will: its end, which follows, says so to its owner.
  void markUnsent(std::uint64_t id);
  void onLoss(std::uint64_t id) { endWithout(id, &RequestRule::lost); }
  /// Requests of the client itself, made in an earlier session that did not live to answer them, end without a word.
  void dropOwn();
  /// Ids of the RenewToken requests that gave this token.
  std::vector<std::uint64_t> renewalsOf(const std::string& token) const;
  void clear() { pending_.clear(); }

 private:
  std::uint64_t deadlineOf(RequestKind kind) const;
  void enter(RequestOwner& owner, RequestKind kind, PendingRequest pending, RequestId& id);
  void endWithout(std::uint64_t id, int RequestRule::*code);

  SendQueue& queue_;
  const Timing& timing_;
  std::unordered_map<std::uint64_t, PendingRequest> pending_;
  std::uint64_t next_ = 1;
};

}  // namespace rtm::client
