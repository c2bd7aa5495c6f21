#include "client/sending/outbox.hpp"

#include <algorithm>
#include <utility>

namespace rtm::client {

namespace {

/// What ended behind an entry that waits long for its answer is dropped when it is more than this and more than what is
/// live: so memory follows what is live, and a live entry is moved for an ended one at most.
constexpr std::size_t kSlackEntries = 1024;
constexpr std::size_t kSlackBytes = 4 * OutboxSegment::kSize;

}  // namespace

Outbox::Segment& Outbox::segmentFor(std::size_t size) {
  if (segments_.empty() || segments_.back().bytes.size() + size > segments_.back().bytes.capacity()) {
    segments_.push({});
    // A quiet session sends a frame now and then: its segments stay small; a busy one gets full ones.
    segments_.back().bytes.reserve(std::max(size, live_ < 8 ? std::size_t{1024} : kSegmentSize));
  }
  return segments_.back();
}

void Outbox::keep(Entry entry, std::size_t start) {
  Segment& segment = segments_.back();
  entry.segment = firstSegment_ + segments_.size() - 1;
  entry.offset = static_cast<std::uint32_t>(start);
  entry.size = static_cast<std::uint32_t>(segment.bytes.size() - start);
  ++segment.live;
  ++live_;
  bytes_ += entry.size;
  held_ += entry.size;
  entries_.push(entry);
}

void Outbox::stampExpiries(std::uint64_t now) {
  for (std::uint64_t at = unsent_; at < base_ + entries_.size(); ++at) {
    Entry& entry = entries_[at - base_];
    if (entry.done || !entry.expires()) continue;
    const std::uint64_t end = entry.expiresAt();
    if (end <= now) {
      entry.accepted = true;  // expire() ends it
      continue;
    }
    Bytes& bytes = segments_[entry.segment - firstSegment_].bytes;
    wire::replaceLastFixed64(bytes.data() + entry.offset + entry.size, end - now);
  }
}

void Outbox::end(Entry& entry) {
  entry.done = true;
  --live_;
  bytes_ -= entry.size;
  --segments_[entry.segment - firstSegment_].live;
}

void Outbox::trim() {
  while (!entries_.empty() && entries_.front().done) {
    entries_.popFront();
    ++base_;
  }
  unsent_ = std::max(unsent_, base_);
  if (entries_.empty()) expiring_ = false;
  while (!segments_.empty() && segments_.front().live == 0) {
    held_ -= segments_.front().bytes.size();
    segments_.popFront();
    ++firstSegment_;
  }
  if (entries_.size() > 2 * live_ + kSlackEntries || held_ > 2 * bytes_ + kSlackBytes) compact();
}

void Outbox::compact() {
  rebuild([](Entry&, ByteView frame, Bytes& out) { out.insert(out.end(), frame.begin(), frame.end()); });
}

template <typename Write>
void Outbox::rebuild(Write&& write, MoveFunction<void()> first) {
  Line<Entry> entries;
  Line<Segment> segments;
  entries.swap(entries_);
  segments.swap(segments_);
  requests_.clear();
  const std::uint64_t firstSegment = std::exchange(firstSegment_, 0);
  const std::uint64_t handed = std::exchange(unsent_, base_) - base_;
  live_ = bytes_ = held_ = 0;
  if (first) first();

  for (std::uint64_t i = 0; i < entries.size(); ++i) {
    Entry entry = entries[i];
    if (entry.done) continue;
    if (i < handed) ++unsent_;
    const Bytes& bytes = segments[entry.segment - firstSegment].bytes;
    const ByteView frame = ByteView(bytes).subspan(entry.offset, entry.size);
    Segment& segment = segmentFor(frame.size());
    const std::size_t start = segment.bytes.size();
    write(entry, frame, segment.bytes);
    if (entry.kind == OutboxKind::Request) requests_.emplace(entry.id, base_ + entries_.size());
    keep(entry, start);
  }
}

std::optional<OutboxEnd> Outbox::finishSend(std::uint64_t seq) {
  if (seq == 0) return std::nullopt;  // no message's number, but that of what an ended session left here
  auto found = entries_.begin();      // results mostly come in order
  if (found == entries_.end() || found->seq != seq || found->kind == OutboxKind::Request) {
    // A message stands before the requests that share its number, and after the requests that it follows.
    found = std::lower_bound(entries_.begin(), entries_.end(), seq,
                             [](const Entry& entry, std::uint64_t wanted) { return entry.seq < wanted; });
  }
  if (found == entries_.end() || found->seq != seq || found->kind == OutboxKind::Request || found->done) {
    return std::nullopt;
  }
  const OutboxEnd ended{found->kind, found->id, found->channel, true};
  end(*found);
  trim();
  return ended;
}

std::optional<OutboxEnd> Outbox::finishRequest(std::uint64_t requestId) {
  const auto found = requests_.find(requestId);
  if (found == requests_.end()) return std::nullopt;
  Entry& entry = entries_[found->second - base_];
  requests_.erase(found);
  end(entry);
  trim();
  return OutboxEnd{OutboxKind::Request, requestId, 0, true};
}

Outbox::Entry* Outbox::find(OutboxKind kind, std::uint64_t id) {
  if (kind == OutboxKind::Request) {
    const auto found = requests_.find(id);
    return found != requests_.end() ? &entries_[found->second - base_] : nullptr;
  }
  const std::size_t size = entries_.size();
  std::size_t at = found_ > base_ ? found_ - base_ : 0;
  for (std::size_t seen = 0; seen < size; ++seen, ++at) {
    if (at >= size) at = 0;
    Entry& entry = entries_[at];
    if (entry.done || entry.kind != kind || entry.id != id) continue;
    found_ = base_ + at + 1;
    return &entry;
  }
  return nullptr;
}

std::optional<OutboxEnd> Outbox::withdraw(OutboxKind kind, std::uint64_t id) {
  Entry* const entry = find(kind, id);
  if (entry == nullptr) return std::nullopt;
  entry->abandoned = true;
  if (entry->sent) return std::nullopt;
  const OutboxEnd ended{entry->kind, entry->id, entry->channel, false};
  if (kind == OutboxKind::Request) requests_.erase(id);
  end(*entry);
  trim();
  return ended;
}

bool Outbox::awaiting() const {
  for (const Entry& entry : entries_) {
    // No caller waits for a request without a deadline, and nobody answers what an ended session left here.
    const bool asked = !entry.done && !entry.abandoned && entry.deadline != kNoDeadline;
    if (asked && !(entry.accepted && entry.seq == 0)) return true;
  }
  return false;
}

void Outbox::unsendAfter(std::uint64_t seq) {
  for (Entry& entry : entries_) {
    if (entry.kind != OutboxKind::Request && entry.seq > seq) entry.sent = false;
  }
}

void Outbox::skipAccepted(std::uint64_t seq) {
  for (Entry& entry : entries_) {
    if (entry.abandoned) entry.accepted = true;
    // Not entries that were never handed to a link: no server can have them, whatever it says.
    if (entry.kind != OutboxKind::Request && entry.sent && entry.seq <= seq) entry.accepted = true;
  }
}

void Outbox::startNewSession(MoveFunction<void()> restore) {
  nextSeq_ = 1;
  const auto enter = [this](Entry& entry, ByteView frame, Bytes& out) {
    if (entry.kind == OutboxKind::Request) {
      entry.seq = nextSeq_ - 1;
      entry.accepted = entry.abandoned;
      out.insert(out.end(), frame.begin(), frame.end());
      return;
    }
    // What was sent stands before what was not, so all of it gets 0 here: see finishSend(), firstUnansweredSeq().
    entry.seq = entry.sent ? 0 : nextSeq_++;
    entry.accepted = entry.sent || entry.abandoned;
    const auto renumber = [&](auto message) {
      if (!wire::decode(frame.subspan(wire::kFrameHeaderSize), message)) return;
      message.seq = entry.seq;
      wire::appendFrame(out, message);
    };
    if (entry.kind == OutboxKind::PeerMessage || entry.kind == OutboxKind::InvitationSignal) {
      renumber(wire::PeerSend{});
    } else {
      renumber(wire::ChannelSend{});
    }
  };
  rebuild(enter, std::move(restore));
  rewind();
}

std::uint64_t Outbox::firstUnansweredSeq() const {
  for (const Entry& entry : entries_) {
    if (!entry.done && entry.kind != OutboxKind::Request && entry.seq != 0) return entry.seq;
  }
  return nextSeq_;
}

}  // namespace rtm::client
