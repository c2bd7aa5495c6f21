#pragma once

// All messages (numbered by `seq`) and requests of a session that have no answer yet, sent or not, in the order of the
// calls. A call appends its frame once; the I/O thread hands the frame to the link, and again after a resume. Not
// thread-safe: SendQueue has the lock.

#include <cstdint>
#include <optional>
#include <unordered_map>

#include "base/bytes.hpp"
#include "base/line.hpp"
#include "base/move_function.hpp"
#include "client/sending/outbox_entry.hpp"
#include "wire/frame.hpp"

namespace rtm::client {

class Outbox {
 public:
  /// Appends above these are refused; their callers tell the user that the calls come too fast.
  void setBounds(std::size_t maxEntries, std::size_t maxBytes) {
    maxEntries_ = maxEntries;
    maxBytes_ = maxBytes;
  }

  /// Takes a message. `Send` is wire::PeerSend or wire::ChannelSend; its seq is given here. False: over a bound. With
  /// `expiresAfterMs`, counted from the deadline, it has an expiresInMs: see stampExpiries().
  template <typename Send>
  bool appendSend(Send send, OutboxKind kind, std::uint64_t messageId, std::uint32_t channel, std::uint64_t deadline,
                  std::int32_t expiresAfterMs = OutboxEntry::kNever) {
    send.seq = nextSeq_;
    Entry entry{.id = messageId, .seq = nextSeq_, .deadline = deadline, .channel = channel, .kind = kind};
    entry.expiresAfterMs = expiresAfterMs;
    if (!append(send, entry)) return false;
    expiring_ |= expiresAfterMs != OutboxEntry::kNever;
    ++nextSeq_;
    return true;
  }

  /// Whether anything here may expire before it leaves.
  bool expiring() const { return expiring_; }
  /// To be called before flush() with the present time: writes the time that is left into the messages that expire and
  /// leave now. Messages that have expired do not leave.
  void stampExpiries(std::uint64_t now);

  template <typename Request>
  bool appendRequest(const Request& request, std::uint64_t deadline) {
    const std::uint64_t position = base_ + entries_.size();
    if (!append(request, Entry{.id = request.requestId,
                               .seq = nextSeq_ - 1,
                               .deadline = deadline,
                               .channel = 0,
                               .kind = OutboxKind::Request})) {
      return false;
    }
    requests_.emplace(request.requestId, position);
    return true;
  }

  /// Hands unsent frames to `take(ByteView frames) -> bool`, many frames at a time; stops when it returns false (that
  /// piece was not taken). Returns true when nothing is left unsent.
  template <typename Take>
  bool flush(Take&& take);

  /// Ends the message `seq`; nothing if it has ended before.
  std::optional<OutboxEnd> finishSend(std::uint64_t seq);
  std::optional<OutboxEnd> finishRequest(std::uint64_t requestId);
  /// Its caller waits no longer. What has not left ends here; anything else ends as ever (empty), but no other link
  /// gets it.
  std::optional<OutboxEnd> withdraw(OutboxKind kind, std::uint64_t id);
  /// Ends every entry whose deadline is at or before `now`; calls `ended(OutboxEnd)` for each, in the order of the
  /// calls. `ended` must leave the outbox alone. The number of a message that ends before it was sent stays unused.
  template <typename Ended>
  void expire(std::uint64_t now, Ended&& ended) {
    endIf([now](const Entry& entry) { return entry.isOver(now); }, ended);
  }
  /// Ends everything, in order.
  template <typename Ended>
  void clear(Ended&& ended) {
    endIf([](const Entry&) { return true; }, ended);
    nextSeq_ = 1;
  }
  /// Ends the messages of one channel.
  template <typename Ended>
  void clearChannel(std::uint32_t channel, Ended&& ended) {
    endIf([channel](const Entry& e) { return e.kind == OutboxKind::ChannelMessage && e.channel == channel; }, ended);
  }

  /// The link is gone: everything without an answer is unsent again.
  void rewind() { unsent_ = base_; }
  /// After a resume: messages up to `seq` reached the server, and their results will come without our doing.
  void skipAccepted(std::uint64_t seq);
  /// The server took messages up to `seq` and no others: the later messages count as never sent.
  void unsendAfter(std::uint64_t seq);
  /// Ends the invitation signals that were sent and have no answer. `Invitations` repeats them (the receiver knows
  /// repeats by the id of the invitation), which a new session does not do by itself.
  template <typename Ended>
  void endSentSignals(Ended&& ended) {
    endIf([](const Entry& e) { return e.kind == OutboxKind::InvitationSignal && e.sent; }, ended);
  }
  /// A new session counts from 1 and knows nothing of the old one's messages. What was never sent gets a new number and
  /// will be sent; what was sent without an answer may have arrived, so sending it again could double it: it waits for
  /// its deadline and ends as "unknown". Requests are idempotent and will be sent again.
  ///
  /// `restore()` may append requests that have to reach the server before all others (to join again, for one, before
  /// the messages for that channel).
  void startNewSession(MoveFunction<void()> restore = nullptr);
  /// The oldest message without a result, or the next one to be sent.
  std::uint64_t firstUnansweredSeq() const;

  /// Whether anything is here whose caller waits and whose answer may come.
  bool awaiting() const;
  bool empty() const { return live_ == 0; }
  std::size_t entries() const { return live_; }
  std::size_t bytes() const { return bytes_; }
  /// Bytes held, with the bytes of ended entries whose room is not free yet: at most about twice bytes().
  std::size_t heldBytes() const { return held_; }

 private:
  using Entry = OutboxEntry;
  using Segment = OutboxSegment;
  static constexpr std::size_t kSegmentSize = Segment::kSize;
  template <typename Message>
  bool append(const Message& message, const Entry& entry) {
    if (live_ >= maxEntries_ || bytes_ >= maxBytes_) return false;
    const std::size_t body = wire::encodedSize(message);
    if (body > wire::kMaxFrameBody) return false;
    Segment& segment = segmentFor(wire::kFrameHeaderSize + body);
    const std::size_t start = segment.bytes.size();
    if (!wire::appendFrame(segment.bytes, message)) return false;
    keep(entry, start);
    return true;
  }

  /// Enters the frame that begins at `start` of the last segment and is its end.
  void keep(Entry entry, std::size_t start);

  template <typename Predicate, typename Ended>
  void endIf(Predicate&& predicate, Ended&& ended) {
    for (Entry& entry : entries_) {
      if (entry.done || !predicate(entry)) continue;
      if (entry.kind == OutboxKind::Request) requests_.erase(entry.id);
      end(entry);
      ended(OutboxEnd{entry.kind, entry.id, entry.channel, entry.sent});
    }
    trim();
  }

  Segment& segmentFor(std::size_t size);
  Entry* find(OutboxKind kind, std::uint64_t id);
  void end(Entry& entry);
  void trim();     ///< drops finished entries and segments from the front
  void compact();  ///< and from the middle
  /// Enters the live entries again; `write(Entry&, ByteView frame, Bytes& out)` appends the frame to `out`.
  /// `first()`, if given, may append before.
  template <typename Write>
  void rebuild(Write&& write, MoveFunction<void()> first = nullptr);

  Line<Entry> entries_;
  Line<Segment> segments_;
  std::unordered_map<std::uint64_t, std::uint64_t> requests_;  ///< request id → absolute position
  std::uint64_t base_ = 0;                                     ///< absolute position of entries_.front()
  std::uint64_t firstSegment_ = 0;                             ///< absolute number of segments_.front()
  std::uint64_t unsent_ = 0;  ///< absolute position of the next entry to hand to the link
  std::uint64_t nextSeq_ = 1;
  std::uint64_t found_ = 0;  ///< absolute position behind what find() found last: calls are given up in their order
  std::size_t live_ = 0;
  std::size_t bytes_ = 0;  ///< of live entries
  std::size_t held_ = 0;   ///< in all segments
  bool expiring_ = false;
  std::size_t maxEntries_ = 16 * 1024;
  std::size_t maxBytes_ = 32 * 1024 * 1024;
};

template <typename Take>
bool Outbox::flush(Take&& take) {
  while (unsent_ < base_ + entries_.size()) {
    const Entry& first = entries_[unsent_ - base_];
    if (first.done || first.accepted) {
      ++unsent_;
      continue;
    }
    // Neighbours in one segment leave as one piece.
    std::uint64_t next = unsent_ + 1;
    std::size_t size = first.size;
    while (next < base_ + entries_.size() && size < kSegmentSize) {
      const Entry& entry = entries_[next - base_];
      if (entry.done || entry.accepted || entry.segment != first.segment || entry.offset != first.offset + size) break;
      size += entry.size;
      ++next;
    }
    const Bytes& bytes = segments_[first.segment - firstSegment_].bytes;
    if (!take(ByteView(bytes).subspan(first.offset, size))) return false;
    for (; unsent_ < next; ++unsent_) entries_[unsent_ - base_].sent = true;
  }
  return true;
}

}  // namespace rtm::client
