#include "binding/mailbox/mailbox.hpp"

#include <algorithm>
#include <utility>

#include "binding/mailbox/text_scan.hpp"

namespace rtm::binding {
namespace {

constexpr std::size_t kSpareChunks = 2;
/// Larger chunks are freed instead of kept: one long record has blown them up.
constexpr std::size_t kSpareBytes = 2 * Mailbox::kChunkBytes;

}  // namespace

void Chunk::clear() {
  events = 0;
  words.clear();
  numbers.clear();
  text.clear();
  textUnits = 0;
  ascii = true;
  bytes.clear();
  own.clear();
  ownBytes = 0;
}

Record& Record::text(std::string_view utf8) {
  const TextScan scan = scanText(utf8);
  if (!scan.valid) {
    return text(repairText(utf8));
  }
  chunk_.text.append(utf8);
  chunk_.textUnits += static_cast<std::uint32_t>(scan.units);
  chunk_.ascii = chunk_.ascii && scan.ascii;
  return word(chunk_.textUnits);
}

Record& Record::payload(ByteView data) {
  if (data.size() > Mailbox::kOwnBufferBytes) {
    chunk_.own.emplace_back(data.begin(), data.end());
    chunk_.ownBytes += data.size();
    return word(kOwnBuffer | static_cast<std::uint32_t>(chunk_.own.size() - 1));
  }
  chunk_.bytes.insert(chunk_.bytes.end(), data.begin(), data.end());
  return word(static_cast<std::uint32_t>(chunk_.bytes.size()));
}

Mailbox::Mailbox(std::function<void()> ring, std::function<void()> hurry)
    : ring_(std::move(ring)), hurry_(std::move(hurry)), open_(std::make_unique<Chunk>()) {}

Record Mailbox::begin(EventKind kind, std::uint32_t object) {
  if (open_->events >= kChunkEvents || openWeight_ >= kChunkBytes) {
    seal();
  }
  Record record(*open_);
  record.word(static_cast<std::uint32_t>(kind)).word(object);
  return record;
}

bool Mailbox::commit() {
  open_->events += 1;
  const std::size_t weight = open_->weight();
  waiting_ += weight - openWeight_;
  openWeight_ = weight;
  return waiting_ > kHighWater;
}

bool Mailbox::arm() {
  return !std::exchange(armed_, true);
}

std::uint32_t Mailbox::slotOf(std::string_view user) {
  const auto slot = static_cast<std::uint32_t>(std::hash<std::string_view>{}(user) % kUserSlots);
  if (users_[slot] != user) {
    users_[slot].assign(user);
    begin(EventKind::UserName, 0).word(slot).text(user);
    commit();
  }
  return slot;
}

void Mailbox::seal() {
  sealed_.push_back(std::exchange(open_, freshChunk()));
  sealedOne_ = true;
  openWeight_ = 0;
}

std::unique_ptr<Chunk> Mailbox::freshChunk() {
  if (spare_.empty()) {
    return std::make_unique<Chunk>();
  }
  std::unique_ptr<Chunk> chunk = std::move(spare_.back());
  spare_.pop_back();
  return chunk;
}

bool Mailbox::holdBack(std::uint32_t source) {
  const std::lock_guard lock(mutex_);
  if (closed_ || waiting_ <= kLowWater) {
    return false;
  }
  if (std::find(heldBack_.begin(), heldBack_.end(), source) == heldBack_.end()) {
    heldBack_.push_back(source);
  }
  return true;
}

void Mailbox::forget(std::uint32_t source) {
  const std::lock_guard lock(mutex_);
  heldBack_.erase(std::remove(heldBack_.begin(), heldBack_.end(), source), heldBack_.end());
}

std::unique_ptr<Chunk> Mailbox::take(std::vector<std::uint32_t>& resumable) {
  const std::lock_guard lock(mutex_);
  std::unique_ptr<Chunk> chunk;
  if (!sealed_.empty()) {
    chunk = std::move(sealed_.front());
    sealed_.pop_front();
  } else if (open_->events > 0) {
    chunk = std::exchange(open_, freshChunk());
    openWeight_ = 0;
  } else {
    armed_ = false;
  }
  if (chunk) {
    waiting_ -= chunk->weight();
  }
  if (waiting_ <= kLowWater && !heldBack_.empty()) {
    resumable.insert(resumable.end(), heldBack_.begin(), heldBack_.end());
    heldBack_.clear();
  }
  return chunk;
}

void Mailbox::recycle(std::unique_ptr<Chunk> chunk) {
  if (chunk->text.capacity() + chunk->bytes.capacity() > kSpareBytes) {
    return;
  }
  chunk->clear();
  const std::lock_guard lock(mutex_);
  if (spare_.size() < kSpareChunks) {
    spare_.push_back(std::move(chunk));
  }
}

void Mailbox::close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  sealed_.clear();
  open_->clear();
  openWeight_ = 0;
  waiting_ = 0;
  heldBack_.clear();
}

Mailbox::Pressure Mailbox::pressure() const {
  const std::lock_guard lock(mutex_);
  return {waiting_, heldBack_.size()};
}

}  // namespace rtm::binding
