#include "server/engine/memory/inbox.hpp"

#include <bit>
#include <cstring>

namespace rtm::server {
namespace {

constexpr std::size_t kFirstEntries = 8;
constexpr std::size_t kSmallestRing = 1024;
/// Rings above this size are freed when the inbox runs empty: one burst must not hold memory for ever.
constexpr std::size_t kKeepBytes = 256 * 1024;

/// Never 0.
std::uint64_t hashOfSender(std::string_view senderId) {
  return hashName({AppNumber{}, senderId}, hashSeed()) | 1;
}

}  // namespace

bool Inbox::push(const SessionAddress& sender, std::uint64_t seq, wire::PeerMessage message, Fallback fallback) {
  if (count_ >= bounds_.messages || (isNearlyFull() && exceedsShare(message.senderId))) return false;
  message.offset = lastOffset() + 1;
  const std::size_t body = wire::encodedSize(message);
  const std::size_t size = wire::kFrameHeaderSize + body;
  if (body > wire::kMaxFrameBody || !reserve(size)) return false;
  if (count_ == entries_.size()) growEntries();
  wire::encode(message, wire::writeFrameHeader(bytes_.get() + tail_, wire::FrameKind::PeerMessage, body));
  at(count_) = {sender, seq, static_cast<std::uint32_t>(tail_), static_cast<std::uint32_t>(size), fallback};
  ++count_;
  sizes_.all += size;
  tail_ += size;
  expiring_ |= fallback.expires;
  return true;
}

bool Inbox::exceedsShare(std::string_view senderId) {
  const std::uint64_t hash = hashOfSender(senderId);
  std::size_t messages = 0;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < count_; ++i) {
    Entry& entry = at(i);
    if (senderHashOf(entry) != hash) continue;
    ++messages;
    bytes += entry.size;
  }
  return !leavesRoom(messages, count_, bounds_.messages) || !leavesRoom(bytes, sizes_.all, bounds_.bytes);
}

std::uint64_t Inbox::senderHashOf(Entry& entry) {
  if (entry.senderHash == 0) {
    wire::PeerMessage message;
    wire::decode(ByteView{bytes_.get() + entry.begin, entry.size}.subspan(wire::kFrameHeaderSize), message);
    entry.senderHash = hashOfSender(message.senderId);
  }
  return entry.senderHash;
}

ByteView Inbox::handNext() {
  if (handed_ == lastOffset() || sizes_.handed >= bounds_.window) return {};
  const Entry& entry = at(handed_ - acknowledged_);
  ++handed_;
  everHanded_ = std::max(everHanded_, handed_);
  sizes_.handed += entry.size;
  return {bytes_.get() + entry.begin, entry.size};
}

ByteView Inbox::withoutContent(Entry& entry) {
  std::uint8_t* const begin = bytes_.get() + entry.begin;
  wire::PeerMessage message;
  if (!wire::decode(ByteView{begin, entry.size}.subspan(wire::kFrameHeaderSize), message)) return {begin, entry.size};
  message.content = {};
  Bytes frame;
  wire::appendFrame(frame, message);
  std::memcpy(begin, frame.data(), frame.size());
  sizes_.handed -= entry.size - frame.size();
  sizes_.all -= entry.size - frame.size();
  entry.size = static_cast<std::uint32_t>(frame.size());
  return {begin, entry.size};
}

void Inbox::pop() {
  if (handed_ > acknowledged_) sizes_.handed -= front().size;
  sizes_.all -= front().size;
  first_ = (first_ + 1) & (entries_.size() - 1);
  --count_;
  ++acknowledged_;
  handed_ = std::max(handed_, acknowledged_);
  everHanded_ = std::max(everHanded_, acknowledged_);
}

void Inbox::dropAbove(std::uint64_t offset) {
  const auto kept = static_cast<std::size_t>(offset - acknowledged_);
  if (kept >= count_) return;
  tail_ = at(kept).begin;
  while (count_ > kept) sizes_.all -= at(--count_).size;
}

bool Inbox::reserve(std::size_t size) {
  if (count_ == 0) {
    tail_ = 0;
    return size <= capacity_ || growBytes(size);
  }
  const std::size_t head = front().begin;
  if (tail_ > head) {
    if (size <= capacity_ - tail_) return true;
    if (size < head) {  // strictly: a tail at the head would look like an empty ring
      tail_ = 0;
      return true;
    }
  } else if (size < head - tail_) {
    return true;
  }
  return growBytes(size);
}

bool Inbox::growBytes(std::size_t size) {
  const std::size_t used = sizes_.all;
  if (used + size > bounds_.bytes) return false;
  // Twice what is needed, so that it does not grow again at once, but never above the bound.
  std::size_t capacity = std::min(bounds_.bytes, std::bit_ceil(std::max(kSmallestRing, 2 * (used + size))));
  if (capacity > kFreeBytes && payer_ != nullptr && !payer_->mayGrow(capacity - capacity_)) {
    if (used + size > kFreeBytes) return false;
    capacity = kFreeBytes;
  }
  // A fragmented ring at its bound counts as full: moving megabytes for each message would stall the loop.
  if (capacity <= capacity_) return false;
  auto bytes = std::make_unique_for_overwrite<std::uint8_t[]>(capacity);
  std::size_t to = 0;
  for (std::size_t i = 0; i < count_; ++i) {
    Entry& entry = at(i);
    std::memcpy(bytes.get() + to, bytes_.get() + entry.begin, entry.size);
    entry.begin = static_cast<std::uint32_t>(to);
    to += entry.size;
  }
  bytes_ = std::move(bytes);
  capacity_ = capacity;
  tail_ = to;
  return true;
}

void Inbox::growEntries() {
  std::vector<Entry> entries(std::max(kFirstEntries, entries_.size() * 2));
  for (std::size_t i = 0; i < count_; ++i) entries[i] = at(i);
  entries_ = std::move(entries);
  first_ = 0;
}

void Inbox::releaseIfIdle() {
  if (count_ != 0 || capacity_ <= kKeepBytes) return;
  bytes_.reset();
  capacity_ = 0;
  tail_ = 0;
  entries_ = {};
  first_ = 0;
}

}  // namespace rtm::server
