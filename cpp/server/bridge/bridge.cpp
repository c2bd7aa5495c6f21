#include "server/bridge/bridge.hpp"

#include <string>
#include <utility>

namespace rtm::server {
namespace {

constexpr std::size_t kSizeBytes = 4;
constexpr auto kFirstNews = static_cast<std::uint8_t>(NewsKind::SendResults);
constexpr auto kLastNews = static_cast<std::uint8_t>(NewsKind::Resume);

}  // namespace

Bridge::Chunk& Bridge::openChunk() {
  if (chunks_.empty() || chunks_.back().bytes.size() >= kPieceBytes) chunks_.emplace_back();
  return chunks_.back();
}

std::size_t Bridge::beginOperation(Bytes& chunk, Operation operation, std::uint64_t request) {
  const std::size_t begin = chunk.size();
  RecordWriter(chunk).word(0).byte(static_cast<std::uint8_t>(operation)).number(request);
  return begin;
}

std::size_t Bridge::endOperation(Bytes& chunk, std::size_t begin) {
  const std::size_t size = chunk.size() - begin;
  const std::size_t behind = size - kSizeBytes;
  for (std::size_t i = 0; i < kSizeBytes; ++i) chunk[begin + i] = static_cast<std::uint8_t>(behind >> (8 * i));
  return size;
}

Bytes Bridge::takeOperations() {
  Bytes taken;
  bool more = false;
  {
    const std::lock_guard lock(mutex_);
    if (!chunks_.empty()) {
      taken = std::move(chunks_.front().bytes);
      waiting_ -= chunks_.front().unanswered;
      chunks_.pop_front();
    }
    more = !chunks_.empty();
    armed_ = more;
  }
  if (more) options_.ring();
  return taken;
}

void Bridge::receive(ByteView batch) {
  const auto shared = std::make_shared<const Bytes>(batch.begin(), batch.end());
  RecordReader records{ByteView(*shared)};
  Deliveries deliveries;
  bool wellFormed = true;
  {
    // Held while posting, so that close() waits for this: the loops end after close().
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    for (std::size_t end = 0; wellFormed && end < shared->size();) {
      const std::uint32_t size = records.word();
      RecordReader record(records.raw(size));
      end += kSizeBytes + size;
      wellFormed = records.ok() && sort(record, end, deliveries);
    }
    for (auto& [home, delivery] : deliveries) {
      delivery.batch = shared;
      home->post([self = shared_from_this(), work = std::move(delivery)]() mutable { self->deliver(work); });
    }
  }
  if (!wellFormed) complain("a batch of answers does not decode");
}

bool Bridge::sort(RecordReader& record, std::size_t end, Deliveries& deliveries) {
  const std::uint8_t number = record.byte();
  if (number >= kFirstNews) return sortNews(number, record, end, deliveries);
  const auto kind = static_cast<AnswerKind>(number);
  const std::uint64_t request = record.number();
  if (!record.ok() || (kind != AnswerKind::Done && kind != AnswerKind::Failed)) return false;
  const auto found = pending_.find(request);
  if (found == pending_.end()) return false;  // answered before, or never submitted
  Pending pending = std::move(found->second);
  pending_.erase(found);
  waiting_ -= pending.bytes;
  const std::size_t fields = record.left();
  deliveries[pending.home].entries.push_back({number, end - fields, fields, std::move(pending.answered), 0});
  return true;
}

bool Bridge::sortNews(std::uint8_t kind, RecordReader& record, std::size_t end, Deliveries& deliveries) {
  const std::uint32_t to = record.word();
  if (!record.ok() || kind > kLastNews || (to != kAllLoops && to >= listeners_.size())) return false;
  const std::size_t fields = record.left();
  for (std::uint32_t loop = 0; loop < listeners_.size(); ++loop) {
    LoopHost* host = listeners_[loop].host;
    if (host == nullptr || (to != kAllLoops && to != loop)) continue;
    deliveries[host].entries.push_back({kind, end - fields, fields, {}, loop});
  }
  return true;
}

void Bridge::listen(std::uint32_t loop, LoopHost& host, OnNews onNews) {
  const std::lock_guard lock(mutex_);
  listeners_[loop].onNews = std::move(onNews);
  listeners_[loop].host = &host;
}

void Bridge::stopListening(std::uint32_t loop) {
  const std::lock_guard lock(mutex_);
  listeners_[loop] = {};
}

void Bridge::deliver(Delivery& delivery) {
  for (Delivery::Entry& entry : delivery.entries) {
    if (closed_) return;
    RecordReader fields(ByteView(*delivery.batch).subspan(entry.begin, entry.size));
    if (entry.kind >= kFirstNews) {
      OnNews& onNews = listeners_[entry.loop].onNews;
      if (!onNews) continue;  // the loop has stopped listening since
      onNews(static_cast<NewsKind>(entry.kind), fields);
    } else if (entry.kind == static_cast<std::uint8_t>(AnswerKind::Done)) {
      entry.answered(&fields);
    } else {
      entry.answered(nullptr);
      continue;
    }
    if (!fields.complete()) complain("the fields of an answer do not decode");
  }
}

void Bridge::close() {
  std::unordered_map<std::uint64_t, Pending> dropped;  // destroyed outside of the lock: callbacks may own anything
  const std::lock_guard lock(mutex_);
  closed_ = true;
  dropped.swap(pending_);
}

void Bridge::complain(std::string_view what) const {
  if (!options_.log) return;
  options_.log(LogLevel::Error,
               "bridge to JavaScript: " + std::string(what) + ": the addon is of another version than its JavaScript");
}

}  // namespace rtm::server
