#include "client/outbox.hpp"

#include <algorithm>

namespace rtm::client {

Outbox::Segment& Outbox::segmentFor(std::size_t size) {
  if (segments_.empty() || segments_.back().bytes.size() + size > segments_.back().bytes.capacity()) {
    segments_.emplace_back();
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
  entries_.push_back(entry);
}

void Outbox::end(Entry& entry) {
  entry.done = true;
  --live_;
  bytes_ -= entry.size;
  --segments_[entry.segment - firstSegment_].live;
}

void Outbox::trim() {
  while (!entries_.empty() && entries_.front().done) {
    entries_.pop_front();
    ++base_;
  }
  unsent_ = std::max(unsent_, base_);
  while (!segments_.empty() && segments_.front().live == 0 && (segments_.size() > 1 || live_ == 0)) {
    segments_.pop_front();
    ++firstSegment_;
  }
}

std::optional<OutboxEnd> Outbox::finishSend(std::uint64_t seq) {
  auto found = entries_.begin();  // results mostly come in order
  if (found == entries_.end() || found->seq != seq || found->kind == OutboxKind::Request) {
    // A message stands before the requests that share its number, and after those it comes after.
    found = std::lower_bound(entries_.begin(), entries_.end(), seq,
                             [](const Entry& entry, std::uint64_t wanted) { return entry.seq < wanted; });
  }
  if (found == entries_.end() || found->seq != seq || found->kind == OutboxKind::Request || found->done) {
    return std::nullopt;
  }
  const OutboxEnd ended{found->kind, found->id, found->channel};
  end(*found);
  if (found == entries_.begin()) trim();
  return ended;
}

std::optional<OutboxEnd> Outbox::finishRequest(std::uint64_t requestId) {
  const auto found = requests_.find(requestId);
  if (found == requests_.end()) return std::nullopt;
  Entry& entry = entries_[found->second - base_];
  requests_.erase(found);
  end(entry);
  trim();
  return OutboxEnd{OutboxKind::Request, requestId, 0};
}

void Outbox::skipAccepted(std::uint64_t seq) {
  for (Entry& entry : entries_) {
    if (entry.kind != OutboxKind::Request && entry.seq <= seq) entry.accepted = true;
  }
}

void Outbox::startNewSession() {
  std::deque<Entry> entries;
  std::deque<Segment> segments;
  entries.swap(entries_);
  segments.swap(segments_);
  const std::uint64_t firstSegment = firstSegment_;
  requests_.clear();
  base_ = unsent_ = firstSegment_ = 0;
  live_ = bytes_ = 0;
  nextSeq_ = 1;

  for (const Entry& entry : entries) {
    if (entry.done) continue;
    const Bytes& bytes = segments[entry.segment - firstSegment].bytes;
    const ByteView frame = ByteView(bytes).subspan(entry.offset, entry.size);
    const ByteView body = frame.subspan(wire::kFrameHeaderSize);
    Entry renewed{.id = entry.id, .deadline = entry.deadline, .channel = entry.channel, .kind = entry.kind};
    const bool isMessage = entry.kind != OutboxKind::Request;
    renewed.accepted = isMessage && entry.sent;
    renewed.seq = isMessage && !entry.sent ? nextSeq_++ : nextSeq_ - 1;
    Segment& segment = segmentFor(frame.size() + 10);  // the new number may take more bytes than the old one
    const std::size_t start = segment.bytes.size();
    const auto reencode = [&](auto message) {
      if (!wire::decode(body, message)) return;
      message.seq = renewed.seq;
      wire::appendFrame(segment.bytes, message);
    };
    if (entry.kind == OutboxKind::PeerMessage) {
      reencode(wire::PeerSend{});
    } else if (entry.kind == OutboxKind::ChannelMessage) {
      reencode(wire::ChannelSend{});
    } else {
      segment.bytes.insert(segment.bytes.end(), frame.begin(), frame.end());
      requests_.emplace(entry.id, entries_.size());
    }
    keep(renewed, start);
  }
}

std::uint64_t Outbox::firstUnansweredSeq() const {
  for (const Entry& entry : entries_) {
    if (!entry.done && entry.kind != OutboxKind::Request) return entry.seq;
  }
  return nextSeq_;
}

}  // namespace rtm::client
