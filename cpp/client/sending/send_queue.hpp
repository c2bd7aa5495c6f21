#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "client/runtime/clock.hpp"
#include "client/sending/call_rates.hpp"
#include "client/sending/outbox.hpp"
#include "net/link/link.hpp"
#include "net/transport/write_gate.hpp"
#include "wire/sdk_limits.hpp"

namespace rtm::client {

/// As much as a link encrypts in one go. With 32 KiB the I/O thread worked on the first sends of a burst of 512 during
/// the rest, and each of these sends took two to three times as long, for the queue's lock and memory.
inline constexpr std::size_t kGatherBytes = std::size_t{256} * 1024;

/// The way out of a client: the outbox, the rates of the calls that fill it, and who empties it when. A lone message is
/// written by the thread that sends it; everything else leaves by the I/O thread, in one write for many calls.
///
/// Lock: mutex_, inside this class, so that a send never waits for a batch of received frames. It comes after the
/// client lock. Nothing is called under it but WriteGate::tryWrite(), the link during flush(), and what
/// startNewSession() is given.
class SendQueue {
 public:
  class Owner {
   public:
    /// Calls flush() soon on the I/O thread. With any lock of the client held, or none.
    virtual void postFlush() = 0;

   protected:
    ~Owner() = default;
  };

  explicit SendQueue(Owner& owner) : owner_(owner) {}
  SendQueue(const SendQueue&) = delete;
  SendQueue& operator=(const SendQueue&) = delete;

  // Any thread, with the client lock or without.

  /// Takes a message (wire::PeerSend, wire::ChannelSend) that counts against the rate of sends. False: too often, or no
  /// room. A message that expires before it leaves ends then.
  template <typename Send>
  bool send(const Send& send, OutboxKind kind, std::uint64_t messageId, std::uint32_t channel);
  /// The same for what no user sends: outside of the rates, and not gathered.
  template <typename Send>
  bool sendSignal(const Send& send, std::uint64_t token);
  /// Takes a request. False: no room.
  template <typename Request>
  bool request(const Request& request, std::uint64_t deadlineMs);
  bool acceptCall(wire::RateGroup group);
  CallRates::JoinVerdict acceptJoin(const std::string& channelId);
  /// Largest content of a message in bytes; 0: no limit of the policy.
  std::size_t messageBytes() const { return messageBytes_.load(std::memory_order_relaxed); }
  void gatherSends() { gathering_ = true; }
  /// See Client::flushSends().
  void flushSends(bool alone);
  /// At most one flush is posted at a time: this is what makes many sends one write.
  void scheduleFlush();

  // I/O thread, with the client lock.

  /// Begins a flush that scheduleFlush() has posted: a later append posts another flush.
  void flushBegins() { flushPosted_ = false; }
  /// Hands the unsent entries to `link`; null: no link is logged in.
  void flush(net::Link* link);
  /// Moves due entries to `ended`. True while an entry waits for its answer.
  bool expire(std::uint64_t nowMs, std::vector<OutboxEnd>& ended);

  // With the client lock.

  /// Lets callers write over `link` themselves from now on (I/O thread, and not in a callback of the link). Null: no
  /// thread but the I/O thread sends over the present link any more.
  void setGate(net::Link* link);
  void adopt(const wire::Limits& limits);
  void setTimeouts(std::uint64_t peerMs, std::uint64_t channelMs);
  /// Ends the sends of `results`, to `ended`.
  void finishSends(const wire::SendResults& results, std::vector<std::pair<OutboxEnd, std::uint32_t>>& ended);
  void finishRequest(std::uint64_t requestId);
  /// See Outbox::withdraw().
  std::optional<OutboxEnd> withdraw(OutboxKind kind, std::uint64_t id);
  /// See Outbox::awaiting().
  bool awaiting() const;
  /// Ends everything, or the messages of one channel.
  std::vector<OutboxEnd> clear(std::optional<std::uint32_t> channel = std::nullopt);
  std::uint64_t firstUnansweredSeq() const;
  /// After a resume: the server has the messages up to `acceptedSeq`.
  void resume(std::uint64_t acceptedSeq);
  /// The server took messages up to `seq` and no others.
  void unsendAfter(std::uint64_t seq);
  /// A new session took the place of a lost one. `restore` may call requestFirst(). Returns the signals of invitations
  /// whose fate is unknown.
  std::vector<OutboxEnd> startNewSession(MoveFunction<void()> restore);
  /// In `restore` alone: a request that reaches the server before everything else.
  template <typename Request>
  bool requestFirst(const Request& request, std::uint64_t deadlineMs) {
    return outbox_.appendRequest(request, deadlineMs);
  }

 private:
  /// Hands over what is unsent, by `take` of Outbox::flush().
  template <typename Take>
  bool handOver(Take&& take) {
    if (outbox_.expiring()) outbox_.stampExpiries(steadyMs());
    return outbox_.flush(std::forward<Take>(take));
  }
  bool gather(std::size_t contentBytes);  ///< true: wait for flushSends()
  bool writeHere();                       ///< true: nothing is left for the I/O thread to do

  Owner& owner_;
  mutable std::mutex mutex_;
  Outbox outbox_;
  CallRates rates_;
  std::shared_ptr<net::WriteGate> gate_;  ///< of the present link, from its first flush on
  bool deadlinesWatched_ = false;         ///< the I/O thread looks after the entries' deadlines
  std::size_t gathered_ = 0;              ///< bytes of sends since the last flush
  std::uint64_t peerTimeoutMs_ = 10000;
  std::uint64_t channelTimeoutMs_ = 10000;
  std::atomic<std::uint32_t> messageBytes_{wire::kSdkMessageBytes};
  std::atomic<bool> gathering_{false};
  std::atomic<bool> flushPosted_{false};
};

template <typename Send>
bool SendQueue::send(const Send& send, OutboxKind kind, std::uint64_t messageId, std::uint32_t channel) {
  {
    const std::lock_guard lock(mutex_);
    const std::uint64_t now = coarseMs();
    const std::uint64_t timeout = kind == OutboxKind::ChannelMessage ? channelTimeoutMs_ : peerTimeoutMs_;
    const std::uint64_t life = send.expiresInMs.value;
    const std::int32_t expiry = life == 0 ? OutboxEntry::kNever : static_cast<std::int32_t>(life - timeout);
    if (!rates_.accept(wire::RateGroup::Send, now) ||
        !outbox_.appendSend(send, kind, messageId, channel, now + timeout, expiry)) {
      return false;
    }
    if (gather(send.content.size()) || writeHere()) return true;
  }
  scheduleFlush();
  return true;
}

template <typename Send>
bool SendQueue::sendSignal(const Send& send, std::uint64_t token) {
  {
    const std::lock_guard lock(mutex_);
    if (!outbox_.appendSend(send, OutboxKind::InvitationSignal, token, 0, steadyMs() + peerTimeoutMs_)) return false;
  }
  scheduleFlush();
  return true;
}

template <typename Request>
bool SendQueue::request(const Request& request, std::uint64_t deadlineMs) {
  {
    const std::lock_guard lock(mutex_);
    if (!outbox_.appendRequest(request, deadlineMs)) return false;
  }
  scheduleFlush();
  return true;
}

}  // namespace rtm::client
